//! Routes that aren't there, and ways to miss one.

use reqwest::{Method, header};
use serde_json::json;

use crate::client::{Answer, backend};

#[tokio::test]
async fn an_unknown_route_is_not_found() {
    let (_backend, nobody) = backend().await;
    for path in ["/", "/api", "/api/nope", "/api/chats/a/nope", "//api/chats", "/api/chats/a%2Fnope"] {
        nobody.get(path).await.refused(404, "Not Found");
    }
}

#[tokio::test]
async fn a_path_is_decoded_before_its_route_is_looked_for() {
    let (_backend, nobody) = backend().await;
    for path in ["/api/chats/a%2Fmessages", "/api/ch%61ts"] {
        nobody.get(path).await.refused(401, "Missing or invalid Authorization header");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let (_backend, nobody) = backend().await;
    let answer = nobody.request(Method::PUT, "/api/chats").send().await.unwrap();
    assert_eq!(answer.headers()[header::ALLOW], "GET, POST");
    nobody.put("/api/chats", json!({})).await.refused(405, "Method Not Allowed");
    nobody.delete("/openapi.json").await.refused(405, "Method Not Allowed");
    let head = nobody.send(Method::HEAD, "/api/chats", None).await;
    assert_eq!(head.status, 405);
}

#[tokio::test]
async fn a_trailing_slash_redirects_with_the_method_kept() {
    let (backend, nobody) = backend().await;
    for (method, path, location) in [
        (Method::GET, "/api/chats/", "/api/chats"),
        (Method::HEAD, "/api/chats/", "/api/chats"),
        (Method::POST, "/api/relationships/request/?x=1", "/api/relationships/request?x=1"),
        (Method::GET, "/api/chats/a%20b/messages/", "/api/chats/a%20b/messages"),
    ] {
        let answer = nobody.request(method, path).send().await.unwrap();
        assert_eq!(answer.status(), 307, "{path}");
        assert_eq!(answer.headers()[header::LOCATION], format!("{}{location}", backend.url()));
        assert_eq!(answer.headers()[header::CONTENT_LENGTH], "0");
    }
    nobody.get("/api/nope/").await.refused(404, "Not Found");
}

#[tokio::test]
async fn what_only_the_real_backend_has_says_so() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    for (method, path, template) in [
        (Method::GET, "/api/chats/a/events", "/api/chats/{chat_id}/events"),
        (Method::DELETE, "/api/chats/a", "/api/chats/{chat_id}"),
        (Method::GET, "/api/conversations", "/api/conversations"),
        (Method::GET, "/api/threads/a/runtime", "/api/threads/{thread_id}/runtime"),
    ] {
        let detail = format!("The local backend does not serve {method} {template}");
        owner.send(method, path, None).await.refused(501, detail);
    }
}

#[tokio::test]
async fn every_operation_of_the_document_is_there_or_says_that_it_is_not() {
    let (_backend, nobody) = backend().await;
    let document = nobody.get("/openapi.json").await.good();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Mycel Web Backend");
    assert_eq!(document["info"]["version"], "0.1.0");
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            let answer = nobody.send(method.clone(), path.replace(['{', '}'], ""), None).await;
            assert!(matches!(answer.status.as_u16(), 401 | 422 | 200), "{method} {path} {}", answer.text);
        }
    }
    let left_out = document["x-left-out"].as_array().unwrap();
    assert!(left_out.len() > 100);
    for operation in left_out {
        let method = Method::from_bytes(operation["method"].as_str().unwrap().to_ascii_uppercase().as_bytes()).unwrap();
        let path = operation["path"].as_str().unwrap();
        let answer = nobody.send(method.clone(), path.replace(['{', '}'], ""), None).await;
        assert_eq!(answer.status, 501, "{method} {path}");
    }
}

#[tokio::test]
async fn browsers_may_call_from_anywhere() {
    let (_backend, nobody) = backend().await;
    let preflight = nobody
        .request(Method::OPTIONS, "/api/chats")
        .header(header::ORIGIN, "http://app.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "authorization,content-type");
    assert!(answer.headers()[header::ACCESS_CONTROL_ALLOW_METHODS].to_str().unwrap().contains("PATCH"));
    assert_eq!(answer.text().await.unwrap(), "OK");

    let request = nobody.request(Method::GET, "/api/auth/me").header(header::ORIGIN, "http://app.example");
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN]),
        (401, &"*".parse().unwrap())
    );
    Answer::to(nobody.request(Method::OPTIONS, "/api/chats")).await.refused(405, "Method Not Allowed");
}
