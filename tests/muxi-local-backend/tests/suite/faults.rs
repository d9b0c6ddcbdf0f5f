//! What goes wrong on purpose, once for each word.

use muxi_local_backend::Fault;
use reqwest::Method;
use serde_json::json;

use crate::client::{Answer, Api};

#[tokio::test]
async fn a_request_is_refused_in_every_form_and_the_next_one_is_not() {
    let backend = muxi_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let forms = [None, Some("2"), Some("0.5"), Some("Sun, 29 Nov 2026 13:00:00 GMT"), Some("soon"), Some("")];
    for (status, code) in [(429, "RATE_LIMITED"), (500, "INTERNAL_ERROR"), (503, "SERVICE_UNAVAILABLE")] {
        for form in forms {
            backend.fail_next(Fault::Refused { status, retry_after: form.map(str::to_owned) });
            let response =
                api.request(Method::POST, "/memories").json(&json!({ "content": "a" })).send().await.unwrap();
            let told = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
            assert_eq!((response.status().as_u16(), told.as_deref()), (status, form));
            let body: serde_json::Value = response.json().await.unwrap();
            assert_eq!((&body["success"], &body["error"]["code"]), (&json!(false), &json!(code)));
            assert_eq!(api.get("/memories").await.data()["count"], 0, "nothing was done");
        }
    }
}

#[tokio::test]
async fn what_an_answer_is_lost_of_is_done() {
    let backend = muxi_local_backend::start().await.unwrap();
    let api = Api::of(&backend);
    let job = json!({ "type": "recurring", "schedule": "0 9 * * *", "message": "m" });
    backend.fail_next(Fault::LostAnswer);
    let request = api.request(Method::POST, "/scheduler/jobs").header("x-muxi-idempotency-key", "k").json(&job);
    let response = request.send().await;
    assert!(match response {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    });
    let Answer { status, body } = api.keyed("k", "/scheduler/jobs", &job).await;
    let jobs = api.get("/scheduler/jobs").await;
    assert_eq!((status, &jobs.data()["count"]), (201, &json!(1)));
    assert_eq!(jobs.data()["jobs"][0], body["data"]);
}
