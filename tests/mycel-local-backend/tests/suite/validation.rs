//! Requests that are not as the contract says.

use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::client::{Answer, User, backend};

/// What is wrong with a body for `path`, all of it, by place.
async fn issues(user: &User, path: &str, body: Value) -> Value {
    let answer = user.post(path, body).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    let mut issues = answer.json()["detail"].as_array().unwrap().clone();
    issues.sort_by_key(|issue| issue["loc"].to_string());
    json!(issues)
}

async fn raw(user: &User, path: &str, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let mut request = user.request(Method::POST, path);
    if let Some(content_type) = content_type {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    Answer::to(request.body(body)).await
}

fn issue(kind: &str, loc: Value, msg: &str, input: Value) -> Value {
    json!({ "type": kind, "loc": loc, "msg": msg, "input": input })
}

fn issue_with(kind: &str, loc: Value, msg: &str, input: Value, ctx: Value) -> Value {
    json!({ "type": kind, "loc": loc, "msg": msg, "input": input, "ctx": ctx })
}

#[tokio::test]
async fn texts_and_choices() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let choices = "'auto', 'direct' or 'group'";
    let expected = json!([
        issue_with(
            "literal_error",
            json!(["body", "kind"]),
            &format!("Input should be {choices}"),
            json!("x"),
            json!({ "expected": choices })
        ),
        issue("string_type", json!(["body", "title"]), "Input should be a valid string", json!({})),
        issue("string_type", json!(["body", "user_ids", 0]), "Input should be a valid string", json!(1)),
        issue("string_type", json!(["body", "user_ids", 2]), "Input should be a valid string", json!(null)),
    ]);
    let body = json!({ "user_ids": [1, "a", null], "title": {}, "kind": "x" });
    assert_eq!(issues(&owner, "/api/chats", body).await, expected);
    for value in [json!(null), json!("x"), json!({})] {
        let expected = issue("list_type", json!(["body", "user_ids"]), "Input should be a valid list", value.clone());
        assert_eq!(issues(&owner, "/api/chats", json!({ "user_ids": value })).await, json!([expected]));
    }
}

#[tokio::test]
async fn missing_fields_and_extra_ones() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let expected = json!([
        issue("missing", json!(["body", "email"]), "Field required", json!({ "password": 1 })),
        issue("missing", json!(["body", "invite_code"]), "Field required", json!({ "password": 1 })),
        issue("string_type", json!(["body", "password"]), "Input should be a valid string", json!(1)),
    ]);
    assert_eq!(issues(&owner, "/api/auth/send-otp", json!({ "password": 1 })).await, expected);
    let body = json!({ "extra": 1, "delivery_scope": "z", "content": "x" });
    let choices = "'broadcast' or 'addressed'";
    let expected = json!([
        issue_with(
            "literal_error",
            json!(["body", "delivery_scope"]),
            &format!("Input should be {choices}"),
            json!("z"),
            json!({ "expected": choices })
        ),
        issue("extra_forbidden", json!(["body", "extra"]), "Extra inputs are not permitted", json!(1)),
    ]);
    assert_eq!(issues(&owner, "/api/chats/x/messages", body).await, expected);
}

#[tokio::test]
async fn integers() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let other = nobody.guest("Other").await;
    let path = format!("/api/chats/{}/read", owner.direct(&other).await);
    for good in [json!(5), json!("5"), json!(" +5 "), json!("1_0"), json!("5.0"), json!(5.0), json!(true)] {
        owner.post(&path, json!({ "up_to_seq": good })).await.good();
    }
    let loc = json!(["body", "up_to_seq"]);
    let parsing = "Input should be a valid integer, unable to parse string as an integer";
    for bad in
        [json!("x"), json!(""), json!("1.5"), json!("1e2"), json!("_1"), json!("1__0"), json!("5."), json!("--5")]
    {
        let found = issues(&owner, &path, json!({ "up_to_seq": bad })).await;
        assert_eq!(found, json!([issue("int_parsing", loc.clone(), parsing, bad)]));
    }
    for bad in [json!(null), json!([]), json!({})] {
        let found = issues(&owner, &path, json!({ "up_to_seq": bad })).await;
        assert_eq!(found, json!([issue("int_type", loc.clone(), "Input should be a valid integer", bad)]));
    }
    let fraction = "Input should be a valid integer, got a number with a fractional part";
    let found = issues(&owner, &path, json!({ "up_to_seq": 1.5 })).await;
    assert_eq!(found, json!([issue("int_from_float", loc.clone(), fraction, json!(1.5))]));
    let size = "Unable to parse input string as an integer, exceeded maximum size";
    for bad in [json!(1e300), json!(-1e300), json!(1e19)] {
        let found = issues(&owner, &path, json!({ "up_to_seq": bad })).await;
        assert_eq!(found, json!([issue("int_parsing_size", loc.clone(), size, bad)]));
    }
    let least = "Input should be greater than or equal to 0";
    let found = issues(&owner, &path, json!({ "up_to_seq": -1 })).await;
    assert_eq!(found, json!([issue_with("greater_than_equal", loc, least, json!(-1), json!({ "ge": 0 }))]));
}

#[tokio::test]
async fn booleans_and_numbers() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let path = "/api/chats/x/mute";
    for (given, muted) in
        [(json!("YES"), true), (json!("off"), false), (json!(1), true), (json!(0.0), false), (json!("1"), true)]
    {
        let body = json!({ "user_id": owner.id, "muted": given, "mute_until": "0" });
        assert_eq!(owner.post(path, body).await.good()["muted"], muted);
    }
    let body = |muted: Value, until: Value| json!({ "user_id": owner.id, "muted": muted, "mute_until": until });
    let unclear = "Input should be a valid boolean, unable to interpret input";
    for bad in [json!("maybe"), json!(2)] {
        let found = issues(&owner, path, body(bad.clone(), json!(null))).await;
        assert_eq!(found, json!([issue("bool_parsing", json!(["body", "muted"]), unclear, bad)]));
    }
    for bad in [json!(null), json!(0.5), json!([])] {
        let found = issues(&owner, path, body(bad.clone(), json!(null))).await;
        assert_eq!(
            found,
            json!([issue("bool_type", json!(["body", "muted"]), "Input should be a valid boolean", bad)])
        );
    }
    let expected =
        json!([issue("float_type", json!(["body", "mute_until"]), "Input should be a valid number", json!([])),]);
    assert_eq!(issues(&owner, path, body(json!(true), json!([]))).await, expected);
    let expected =
        json!(
            [issue("finite_number", json!(["body", "mute_until"]), "Input should be a finite number", json!("inf")),]
        );
    assert_eq!(issues(&owner, path, body(json!(true), json!("inf"))).await, expected);
    let unclear = "Input should be a valid number, unable to parse string as a number";
    let expected = json!([issue("float_parsing", json!(["body", "mute_until"]), unclear, json!("x"))]);
    assert_eq!(issues(&owner, path, body(json!(true), json!("x"))).await, expected);
}

#[tokio::test]
async fn maps_inside_of_maps() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let path = "/api/chats/x/workflow/events";
    let body = json!({ "kind": "x", "resource_refs": [1], "decision_states": { "u": 1, "v": { "a": 2 } } });
    let expected = json!([
        issue("dict_type", json!(["body", "decision_states", "u"]), "Input should be a valid dictionary", json!(1)),
        issue("string_type", json!(["body", "decision_states", "v", "a"]), "Input should be a valid string", json!(2)),
        issue("dict_type", json!(["body", "resource_refs", 0]), "Input should be a valid dictionary", json!(1)),
    ]);
    assert_eq!(issues(&owner, path, body).await, expected);
}

#[tokio::test]
async fn queries() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let other = nobody.guest("Other").await;
    let path = format!("/api/chats/{}/messages", owner.direct(&other).await);
    for good in ["limit=1.0", "limit=+5", "limit=%205", "limit=5&limit=6", "unknown=1", "limit=0&limit=200", "&&"] {
        owner.get(format!("{path}?{good}")).await.good();
    }
    let loc = json!(["query", "limit"]);
    let parsing = "Input should be a valid integer, unable to parse string as an integer";
    for (query, input) in [("limit=abc", "abc"), ("limit=", ""), ("limit=%ff", "\u{fffd}"), ("limit", "")] {
        let found = owner.get(format!("{path}?{query}")).await.issue();
        assert_eq!(found, issue("int_parsing", loc.clone(), parsing, json!(input)));
    }
    let most = "Input should be less than or equal to 200";
    let found = owner.get(format!("{path}?limit=201")).await.issue();
    assert_eq!(found, issue_with("less_than_equal", loc, most, json!("201"), json!({ "le": 200 })));
    let found = owner.post_nothing("/api/runtime/inbox/wait?timeout_seconds=31").await.issue();
    let most = "Input should be less than or equal to 30";
    let loc = json!(["query", "timeout_seconds"]);
    assert_eq!(found, issue_with("less_than_equal", loc, most, json!("31"), json!({ "le": 30.0 })));
}

#[tokio::test]
async fn bodies_that_are_no_json() {
    let (_backend, nobody) = backend().await;
    let json_invalid = |position: usize| json!(["json_invalid", ["body", position], "JSON decode error", {}]);
    for (body, position) in [
        ("{", 1),
        ("{\"a\":}", 5),
        ("{\"a\" 1}", 5),
        ("{\"a\":1,}", 7),
        ("{} x", 3),
        ("[1,2", 4),
        ("  ", 2),
        ("{\n 1", 3),
    ] {
        let found = raw(&nobody, "/api/auth/guest", Some("application/json"), body).await.issue();
        let shown = json!([found["type"], found["loc"], found["msg"], found["input"]]);
        assert_eq!(shown, json_invalid(position), "{body}");
        assert!(found["ctx"]["error"].is_string());
    }
    // Even of somebody who may not ask.
    let found = raw(&nobody, "/api/chats", Some("application/json"), "{").await.issue();
    assert_eq!(found["type"], "json_invalid");
}

#[tokio::test]
async fn bodies_that_are_no_object() {
    let (_backend, nobody) = backend().await;
    let no_object = "Input should be a valid dictionary or object to extract fields from";
    for body in [json!([]), json!("x"), json!(5)] {
        let found = nobody.post("/api/auth/guest", body.clone()).await.issue();
        assert_eq!(found, issue("model_attributes_type", json!(["body"]), no_object, body));
    }
    let missing = issue("missing", json!(["body"]), "Field required", json!(null));
    assert_eq!(nobody.post_nothing("/api/auth/guest").await.issue(), missing);
    // `null` is no body to FastAPI.
    assert_eq!(nobody.post("/api/auth/guest", json!(null)).await.issue(), missing);
    assert_eq!(raw(&nobody, "/api/auth/guest", Some("application/json"), "").await.issue(), missing);
    // What isn't declared as JSON is a text.
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let found = raw(&nobody, "/api/auth/guest", content_type, "{}").await.issue();
        assert_eq!(found, issue("model_attributes_type", json!(["body"]), no_object, json!("{}")));
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"] {
        raw(&nobody, "/api/auth/guest", Some(content_type), "{}").await.good();
    }
}
