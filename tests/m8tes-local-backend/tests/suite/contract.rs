//! What holds for all operations, or for all of a kind.

use m8tes_local_backend::{BASE_PATH, LocalBackend, Run};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    client::{Api, ids},
    operations::{Operation, busy, operations, with_everything},
};

/// Ids of what need not be there.
fn no_ids() -> Vec<(&'static str, String)> {
    let names = [
        "agent_id",
        "task_id",
        "memory_id",
        "permission_id",
        "user_id",
        "webhook_id",
        "run_id",
        "filename",
        "app_name",
    ];
    let ids = names.map(|name| (name, "1".to_owned()));
    [&ids[..], &[("trigger_id", "schedule_1".to_owned())]].concat()
}

fn takes_a_user(operation: &Operation) -> bool {
    operation.query.iter().any(|name| name == "user_id")
}

#[tokio::test]
async fn all_but_signing_up_and_logging_in_need_a_key() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let nobody = Api::at(&backend.base_url(), None);
    let mut open = Vec::new();
    for operation in operations() {
        let answer = operation.send(&nobody, &operation.path(&no_ids())).await;
        // A key that nobody has told, and a password that is wrong.
        match answer.text.contains("API key") && answer.status == StatusCode::UNAUTHORIZED {
            true => answer.refused(401, "authentication_error", None, "API key"),
            false => open.push((operation.template, answer.status.as_u16())),
        }
    }
    assert_eq!(open, [("/signup".to_owned(), 201), ("/token".to_owned(), 401)]);
}

#[tokio::test]
async fn no_operation_takes_a_parameter_that_it_does_not_know() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for operation in operations() {
        let unknown = operation.send(&api, &format!("{}?limt=1", operation.path(&no_ids()))).await;
        unknown.refused(422, "validation_error", Some("unknown_query_parameter"), "query.limt");
    }
    let whole = api.get("/apps/?limit=3").await;
    whole.refused(422, "validation_error", Some("unknown_query_parameter"), "query.limit");
}

#[tokio::test]
async fn no_operation_takes_a_field_that_it_does_not_know() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for operation in operations().into_iter().filter(|operation| !operation.fields.is_empty()) {
        let body = Some(json!({ "company_research": true }));
        let unknown = api.send(operation.method.clone(), &operation.path(&no_ids()), body).await;
        unknown.refused(422, "validation_error", None, "body.company_research: Extra inputs");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_is_as_it_is_described_or_redirected_to_that() {
    let backend = m8tes_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    for operation in operations() {
        let path = operation.path(&no_ids());
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        let answer = operation.send(&api, &other).await;
        let location = format!("{}{BASE_PATH}{path}", backend.url());
        assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{operation:?}");
        assert_eq!(answer.header("location"), Some(location.as_str()), "{operation:?}");
    }
}

#[tokio::test]
async fn what_is_there_for_agents_is_there_for_teammates() {
    let backend = busy().await;
    let api = Api::of(&backend);
    let ids = with_everything(&api, None).await;
    let of_agents = |operation: &Operation| operation.template.starts_with("/agents");
    let mut tried = 0;
    for operation in operations().iter().filter(|operation| of_agents(operation)) {
        let path = operation.path(&ids).replace("/agents", "/teammates");
        let answer = operation.send(&api, &path).await;
        // There is no webhook to switch on.
        let is_there = answer.status.is_success() || answer.status == StatusCode::BAD_REQUEST;
        assert!(is_there, "{operation:?}: {}", answer.text);
        tried += 1;
    }
    assert_eq!(tried, 13);
}

#[tokio::test]
async fn what_is_of_another_end_user_is_not_there() {
    let backend = busy().await;
    let api = Api::of(&backend);
    let made = with_everything(&api, Some("cust_1")).await;
    let mut tried = 0;
    for operation in operations().iter().filter(|operation| takes_a_user(operation)) {
        let answer = operation.send(&api, &format!("{}?user_id=cust_9", operation.path(&made))).await;
        match operation.template.contains('{') {
            true => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{operation:?}: {}", answer.text),
            false if operation.template == "/apps/" => {
                let apps = answer.good(StatusCode::OK);
                assert!(apps["data"].as_array().unwrap().iter().all(|app| app["connected"] == false), "{apps}");
            }
            false => assert_eq!(ids(&answer.good(StatusCode::OK)), [0; 0], "{operation:?}"),
        }
        tried += 1;
    }
    assert_eq!(tried, 38);
}

/// Those that take an end user want one; those that don't are for everybody.
#[tokio::test]
async fn a_strict_account_names_an_end_user_wherever_one_can_be_named() {
    let backend = LocalBackend::builder().require_user_id().on_run(|run: Run| async move {
        run.file("report.csv", "a,b")?;
        std::future::pending().await
    });
    let backend = backend.start().await.unwrap();
    let api = Api::of(&backend);
    let made = with_everything(&api, Some("cust_1")).await;
    let mut unscoped = Vec::new();
    // A stream is as long as its run.
    let ending = operations().into_iter().filter(|operation| !operation.template.ends_with("/stream"));
    for operation in ending {
        let takes_one = operation.fields.iter().any(|name| name == "user_id") && operation.template != "/users/";
        let is_upload = operation.template == "/runs/with-files";
        let path = operation.path(&made);
        let answer = operation.send(&api, &path).await;
        if takes_a_user(&operation) || takes_one || is_upload {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{operation:?}: {}", answer.text);
            answer.refused(422, "validation_error", None, "require_end_user_id=False");
        } else {
            assert!(!answer.text.contains("require_end_user_id="), "{operation:?}: {}", answer.text);
            unscoped.push(operation);
        }
    }
    assert_eq!(unscoped.len(), 23);
    let stream = api.stream(Method::GET, "/runs/1/stream", None).await;
    assert_eq!(stream.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_are_of_the_size_that_is_asked_for_and_do_not_repeat() {
    let backend = LocalBackend::builder().loopback_webhooks().start().await.unwrap();
    let api = Api::of(&backend);
    for number in 1..=3 {
        for (path, body) in [
            ("/agents/", json!({})),
            ("/tasks/", json!({ "teammate_id": 1, "instructions": "Report" })),
            ("/memories/", json!({ "content": format!("{number}") })),
            ("/permissions/", json!({ "tool": format!("{number}") })),
            ("/users/", json!({ "user_id": format!("{number}") })),
            ("/webhooks/", json!({ "url": "http://127.0.0.1:9/", "events": [] })),
        ] {
            assert!(api.post(path, body).await.status.is_success(), "{path}");
        }
    }
    let hook = Some(json!({ "events": ["run.started"] }));
    api.send(Method::PATCH, "/webhooks/1", hook).await.good(StatusCode::OK);
    for _ in 1..=3 {
        let body = json!({ "message": "go", "stream": false, "teammate_id": 1 });
        api.post("/runs/", body).await.good(StatusCode::OK);
    }
    let mut paged = Vec::new();
    for operation in operations() {
        if operation.method != Method::GET || !operation.query.iter().any(|name| name == "starting_after") {
            continue;
        }
        let path = operation.path(&no_ids());
        for limit in ["0", "101", "x", "-1"] {
            api.get(&format!("{path}?limit={limit}")).await.refused(422, "validation_error", None, "query.limit");
        }
        let cursor = api.get(&format!("{path}?starting_after=x")).await;
        cursor.refused(422, "validation_error", None, "query.starting_after");
        assert_eq!(ids(&api.get(&format!("{path}?limit=100")).await.good(StatusCode::OK)), [3, 2, 1], "{path}");
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("{path}?limit=1{after}")).await.good(StatusCode::OK);
            seen.extend(ids(&page));
            let next = &page["next_starting_after"];
            assert_eq!(page["has_more"] == true, next.is_i64(), "{page}");
            if page["has_more"] == false {
                break;
            }
            assert_eq!(*next, json!(seen.last().unwrap()), "{path}");
            after = format!("&starting_after={next}");
        }
        assert_eq!(seen, [3, 2, 1], "{path}");
        // Beyond the last there is nothing.
        let beyond = api.get(&format!("{path}?starting_after=1")).await.good(StatusCode::OK);
        assert_eq!(beyond, json!({ "data": [], "has_more": false, "next_starting_after": Value::Null }), "{path}");
        paged.push(operation.template);
    }
    let expected = ["/agents/", "/memories/", "/permissions/", "/runs/", "/tasks/", "/users/", "/webhooks/"];
    assert_eq!(paged[..7], expected);
    assert_eq!(paged[7..], ["/webhooks/{webhook_id}/deliveries"]);
}
