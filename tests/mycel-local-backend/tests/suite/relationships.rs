//! Relationships: who may do what in which state.

use serde_json::{Value, json};

use crate::client::{Answer, User, backend, text};

async fn request(user: &User, target: &str, message: Value) -> Answer {
    user.post("/api/relationships/request", json!({ "target_user_id": target, "message": message })).await
}

async fn act(user: &User, id: &str, action: &str) -> Answer {
    user.post(format!("/api/relationships/{id}/{action}"), json!({})).await
}

/// Two external users, `b` of another owner than `a`.
async fn two(nobody: &User) -> (User, User) {
    let a = nobody.guest("One").await.external("a").await;
    let b = nobody.guest("Two").await.external("b").await;
    (a, b)
}

fn invalid(state: &str, event: &str, initiator: &str) -> String {
    format!("Invalid transition: state='{state}' event='{event}' requester_is_initiator={initiator}")
}

#[tokio::test]
async fn a_request_is_seen_from_both_sides() {
    let (_backend, nobody) = backend().await;
    let (a, b) = two(&nobody).await;
    // The ids are sorted, whoever asks.
    let requested = request(&b, "a", json!("hi")).await.good();
    let mut expected = json!({
        "id": "hire_visit:a:b", "other_user_id": "a", "state": "pending", "is_requester": true, "message": "hi",
        "created_at": requested["created_at"], "updated_at": requested["created_at"],
    });
    assert_eq!(requested, expected);
    let created_at = text(&requested["created_at"]);
    assert!(created_at.len() == 32 && created_at.ends_with("+00:00"), "{created_at}");
    assert_eq!(b.get("/api/relationships").await.good(), json!([expected]));
    expected["other_user_id"] = json!("b");
    expected["is_requester"] = json!(false);
    assert_eq!(a.get("/api/relationships").await.good(), json!([expected]));
}

#[tokio::test]
async fn approve_upgrade_downgrade_revoke() {
    let (_backend, nobody) = backend().await;
    let (a, b) = two(&nobody).await;
    let requested = request(&a, "b", json!("hi")).await.good();
    let id = text(&requested["id"]);
    for (user, action, state) in
        [(&b, "approve", "visit"), (&a, "upgrade", "hire"), (&b, "downgrade", "visit"), (&b, "upgrade", "hire")]
    {
        let answer = act(user, &id, action).await.good();
        let other = if user.id == "a" { "b" } else { "a" };
        let expected = json!({
            "id": id, "other_user_id": other, "state": state, "is_requester": false, "message": "hi",
            "created_at": requested["created_at"], "updated_at": answer["updated_at"],
        });
        assert_eq!(answer, expected);
        assert_ne!(answer["updated_at"], answer["created_at"]);
        assert_eq!(user.get("/api/relationships").await.good(), json!([expected]));
    }
    assert_eq!(act(&a, &id, "revoke").await.good()["state"], "none");
    assert_eq!(a.get("/api/relationships").await.good(), json!([]));
    act(&a, &id, "revoke").await.refused(404, "Relationship not found");
}

#[tokio::test]
async fn a_request_is_rejected_or_taken_back_and_may_be_made_again() {
    let (_backend, nobody) = backend().await;
    let (a, b) = two(&nobody).await;
    let id = text(&request(&a, "b", json!(null)).await.good()["id"]);
    let taken_back = act(&a, &id, "revoke").await.good();
    assert_eq!((&taken_back["state"], &taken_back["is_requester"]), (&json!("none"), &json!(false)));
    act(&b, &id, "approve").await.refused(404, "Relationship not found");
    request(&a, "b", json!("again")).await.good();
    let rejected = act(&b, &id, "reject").await.good();
    assert_eq!((&rejected["state"], &rejected["message"]), (&json!("none"), &json!("again")));
    // This time the other one asks.
    assert_eq!(request(&b, "a", json!(null)).await.good()["is_requester"], true);
    assert_eq!(act(&a, &id, "approve").await.good()["state"], "visit");
}

#[tokio::test]
async fn what_may_not_happen_says_why() {
    let (_backend, nobody) = backend().await;
    let (a, b) = two(&nobody).await;
    let id = text(&request(&a, "b", json!(null)).await.good()["id"]);

    request(&a, "b", json!(null)).await.refused(409, invalid("pending", "request", "True"));
    request(&b, "a", json!(null)).await.refused(409, invalid("pending", "request", "False"));
    act(&b, &id, "revoke").await.refused(409, invalid("pending", "revoke", "False"));
    for action in ["upgrade", "downgrade"] {
        act(&a, &id, action).await.refused(409, invalid("pending", action, "True"));
        act(&b, &id, action).await.refused(409, invalid("pending", action, "False"));
    }

    act(&b, &id, "approve").await.good();
    for action in ["approve", "reject", "downgrade"] {
        act(&b, &id, action).await.refused(409, invalid("visit", action, "False"));
    }
    request(&b, "a", json!(null)).await.refused(409, invalid("visit", "request", "False"));

    act(&b, &id, "upgrade").await.good();
    act(&a, &id, "upgrade").await.refused(409, invalid("hire", "upgrade", "True"));
    act(&b, &id, "approve").await.refused(409, invalid("hire", "approve", "False"));
}

#[tokio::test]
async fn nobody_answers_their_own_request() {
    let (_backend, nobody) = backend().await;
    let (a, b) = two(&nobody).await;
    let id = text(&request(&a, "b", json!(null)).await.good()["id"]);
    let refused = async || {
        act(&a, &id, "approve").await.refused(409, "Cannot approve your own request");
        act(&a, &id, "reject").await.refused(409, "Cannot reject your own request");
    };
    refused().await;
    act(&b, &id, "approve").await.good();
    refused().await;
    act(&b, &id, "upgrade").await.good();
    refused().await;
}

#[tokio::test]
async fn a_relationship_is_between_its_two() {
    let (_backend, nobody) = backend().await;
    let (a, b) = two(&nobody).await;
    let eve = nobody.guest("Eve").await;
    let id = text(&request(&a, "b", json!(null)).await.good()["id"]);
    for action in ["approve", "reject", "upgrade", "revoke", "downgrade"] {
        act(&eve, &id, action).await.refused(403, "Not a party of this relationship");
        act(&b, "nope", action).await.refused(404, "Relationship not found");
        let path = format!("/api/relationships/{id}/{action}");
        assert_eq!(b.post_nothing(&path).await.issue()["loc"], json!(["body"]));
        assert_eq!(b.post(&path, json!({ "x": 1 })).await.issue()["type"], "extra_forbidden");
    }
    request(&a, "a", json!(null)).await.refused(400, "Cannot request relationship with yourself");
    assert_eq!(eve.get("/api/relationships").await.good(), json!([]));
}

#[tokio::test]
async fn a_request_to_nobody_crashes_and_stays() {
    let (_backend, nobody) = backend().await;
    let (a, _) = two(&nobody).await;
    request(&a, "ghost", json!("anyone?")).await.crashed();
    let listed = a.get("/api/relationships").await.good();
    let seen = (&listed[0]["other_user_id"], &listed[0]["state"], &listed[0]["message"]);
    assert_eq!(seen, (&json!("ghost"), &json!("pending"), &json!("anyone?")));
    request(&a, "ghost", json!(null)).await.refused(409, invalid("pending", "request", "True"));
}

#[tokio::test]
async fn an_id_with_a_slash_is_out_of_reach() {
    let (_backend, nobody) = backend().await;
    let (a, _) = two(&nobody).await;
    let odd = nobody.guest("Three").await.external("x/y z:ü").await;
    let id = text(&request(&a, "x/y z:ü", json!(null)).await.good()["id"]);
    assert_eq!(id, "hire_visit:a:x/y z:ü");
    for id in ["hire_visit:a:x%2Fy%20z:%C3%BC", "hire_visit:a:x/y%20z:%C3%BC"] {
        act(&odd, id, "approve").await.refused(404, "Not Found");
    }
    // Everything but the slash is fine.
    let even = nobody.guest("Four").await.external("y z:ü").await;
    request(&a, "y z:ü", json!(null)).await.good();
    assert_eq!(act(&even, "hire_visit:a:y%20z%3A%C3%BC", "approve").await.good()["state"], "visit");
}
