//! The least of a client: requests over plain HTTP, and answers that are held against what they should be.

use std::time::Duration;

use m8tes_local_backend::{DEFAULT_API_KEY, LocalBackend};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::Value;

/// A backend's API, and who asks it.
pub struct Api {
    base_url: String,
    key: Option<String>,
    http: Client,
}

impl Api {
    pub fn of(backend: &LocalBackend) -> Self {
        Self::at(&backend.base_url(), Some(DEFAULT_API_KEY))
    }

    pub fn at(base_url: &str, key: Option<&str>) -> Self {
        let http = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(300)).build().unwrap();
        Self { base_url: base_url.to_owned(), key: key.map(str::to_owned), http }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base_url));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        Answer::to(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Starts a run with this key, or opens a stream.
    pub async fn keyed(&self, key: &str, body: Value) -> Answer {
        Answer::to(self.request(Method::POST, "/runs/").header("idempotency-key", key).json(&body)).await
    }

    /// The answer's head, before its body is read.
    pub async fn stream(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let request = self.request(method, path);
        match body {
            Some(body) => request.json(&body).send().await.unwrap(),
            None => request.send().await.unwrap(),
        }
    }

    /// A run, once it is at its end.
    pub async fn ended(&self, id: i64) -> Value {
        loop {
            let run = self.get(&format!("/runs/{id}")).await.good(StatusCode::OK);
            if run["status"] != "running" && run["status"] != "awaiting_approval" {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn good(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Expects that it was done, and that there is no more to say.
    #[track_caller]
    pub fn nothing(&self) {
        assert_eq!((self.status, self.text.as_str()), (StatusCode::NO_CONTENT, ""));
    }

    /// Expects an error of the platform's shape: its status, its type, its code, and what its message says.
    #[track_caller]
    pub fn refused(&self, status: u16, kind: &str, code: Option<&str>, message: &str) {
        let error = &self.json()["error"];
        assert_eq!((self.status.as_u16(), error["code"].as_u64()), (status, Some(status.into())), "{}", self.text);
        assert_eq!((error["type"].as_str(), error["error_code"].as_str()), (Some(kind), code), "{}", self.text);
        assert_eq!(error["details"]["error_code"].as_str(), code, "{}", self.text);
        assert!(error["request_id"].as_str().unwrap().starts_with("req_"), "{}", self.text);
        assert!(error["message"].as_str().unwrap().contains(message), "{}", self.text);
    }
}

/// The ids on a page.
pub fn ids(page: &Value) -> Vec<i64> {
    page["data"].as_array().unwrap().iter().map(|each| each["id"].as_i64().unwrap()).collect()
}

/// The frames of a stream, each as JSON, with `[DONE]` as a text.
pub fn frames(body: &str) -> Vec<Value> {
    let frames = body.split("\n\n").filter_map(|frame| frame.strip_prefix("data: "));
    frames.map(|data| serde_json::from_str(data).unwrap_or_else(|_| Value::from(data))).collect()
}

/// The types of frames.
pub fn types(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["type"].as_str().or(frame.as_str()).unwrap()).collect()
}
