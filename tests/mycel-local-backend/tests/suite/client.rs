//! The least of a client: users who send requests, and answers that are held against what they should be.

use std::{borrow::Cow, fmt, time::Duration};

use mycel_local_backend::LocalBackend;
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};

/// Somebody, or nobody, at a backend.
#[derive(Clone)]
pub struct User {
    pub id: String,
    pub token: Option<String>,
    pub url: String,
    http: Client,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub content_type: String,
    pub text: String,
}

/// What comes at once, on a machine that has much else to do.
pub const SOON: Duration = Duration::from_secs(60);

/// What never comes in a test that doesn't wait for it.
pub const NEVER: Duration = Duration::from_secs(3600);

/// A backend in memory and nobody at it. Where it stops, nothing is given up.
pub async fn backend() -> (LocalBackend, User) {
    let backend = LocalBackend::builder().grace(NEVER).start().await.unwrap();
    let nobody = User::nobody(backend.url());
    (backend, nobody)
}

impl User {
    /// Nobody in particular, at the backend with this URL.
    pub fn nobody(url: &str) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { id: String::new(), token: None, url: url.to_owned(), http }
    }

    /// The same one at another backend.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// With another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A new guest.
    pub async fn guest(&self, name: &str) -> Self {
        let issued = self.post("/api/auth/guest", json!({ "display_name": name })).await.good();
        self.issued(&issued)
    }

    /// A new external user of this one.
    pub async fn external(&self, id: &str) -> Self {
        let body = json!({ "user_id": id, "display_name": format!("Name of {id}") });
        let issued = self.post("/api/auth/external-users", body).await.good();
        self.issued(&issued)
    }

    /// Who an answer with a token is about.
    pub fn issued(&self, issued: &Value) -> Self {
        let user = self.with_token(issued["token"].as_str().unwrap());
        Self { id: issued["user"]["id"].as_str().unwrap().to_owned(), ..user }
    }

    pub async fn get(&self, path: impl fmt::Display) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn delete(&self, path: impl fmt::Display) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn post(&self, path: impl fmt::Display, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: impl fmt::Display, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: impl fmt::Display, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// A POST without any body.
    pub async fn post_nothing(&self, path: impl fmt::Display) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub async fn send(&self, method: Method, path: impl fmt::Display, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        match body {
            Some(body) => Answer::to(request.json(&body)).await,
            None => Answer::to(request).await,
        }
    }

    /// A request that is yet to be completed and sent.
    pub fn request(&self, method: Method, path: impl fmt::Display) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The direct chat with `other`.
    pub async fn direct(&self, other: &Self) -> String {
        let body = json!({ "user_ids": [other.id], "kind": "direct" });
        text(&self.post("/api/chats", body).await.good()["id"])
    }

    /// A new group.
    pub async fn group(&self, title: &str, others: &[&Self]) -> String {
        let ids: Vec<_> = others.iter().map(|other| other.id.as_str()).collect();
        let body = json!({ "user_ids": ids, "title": title, "kind": "group" });
        text(&self.post("/api/chats", body).await.good()["id"])
    }

    /// Sends a message whether or not all is read.
    pub async fn say(&self, chat: &str, content: &str) -> Value {
        self.post(format!("/api/chats/{chat}/messages"), json!({ "content": content })).await.good()
    }

    /// Sends a message only if all is read.
    pub async fn say_caught_up(&self, chat: &str, content: &str) -> Answer {
        let body = json!({ "content": content, "enforce_caught_up": true });
        self.post(format!("/api/chats/{chat}/messages"), body).await
    }

    /// The numbers of what is unread.
    pub async fn unread(&self, chat: &str) -> Vec<i64> {
        seqs(&self.get(format!("/api/chats/{chat}/messages/unread")).await.good())
    }

    /// Reads everything.
    pub async fn read(&self, chat: &str) -> Value {
        self.post_nothing(format!("/api/chats/{chat}/messages/read")).await.good()
    }

    pub async fn drain(&self) -> Vec<Value> {
        let drained = self.post_nothing("/api/runtime/inbox/drain").await.good();
        assert_eq!(keys(&drained), ["count", "notifications"]);
        let notifications = drained["notifications"].as_array().unwrap().clone();
        assert_eq!(drained["count"], notifications.len());
        notifications
    }

    /// Visits `other`.
    pub async fn visit(&self, other: &Self) -> String {
        let body = json!({ "target_user_id": other.id });
        let id = text(&self.post("/api/relationships/request", body).await.good()["id"]);
        other.post(format!("/api/relationships/{id}/approve"), json!({})).await.good();
        id
    }
}

impl Answer {
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let content_type = response.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
        Self {
            status: response.status(),
            content_type: content_type.unwrap_or_default(),
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        assert_eq!(self.content_type, "application/json", "{} {}", self.status, self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// The body of a 200.
    #[track_caller]
    pub fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// Holds the answer against a status and a `detail`.
    #[track_caller]
    pub fn refused(&self, status: u16, detail: impl Into<Value>) {
        assert_eq!((self.status.as_u16(), self.json()), (status, json!({ "detail": detail.into() })));
    }

    /// Holds the answer against what an unhandled exception looks like.
    #[track_caller]
    pub fn crashed(&self) {
        let seen = (self.status.as_u16(), self.content_type.as_str(), self.text.as_str());
        assert_eq!(seen, (500, "text/plain; charset=utf-8", "Internal Server Error"));
    }

    /// The one thing that is wrong with the request: type, place, message.
    #[track_caller]
    pub fn issue(&self) -> Value {
        assert_eq!(self.status, 422, "{}", self.text);
        let detail = self.json()["detail"].take();
        assert_eq!(detail.as_array().map(Vec::len), Some(1), "{detail}");
        detail[0].clone()
    }
}

/// The names of an object's members, sorted.
#[track_caller]
pub fn keys(object: &Value) -> Vec<Cow<'_, str>> {
    let mut keys: Vec<_> = object.as_object().unwrap().keys().map(Cow::from).collect();
    keys.sort();
    keys
}

/// The numbers of a list of messages.
pub fn seqs(messages: &Value) -> Vec<i64> {
    messages.as_array().unwrap().iter().map(|message| message["seq"].as_i64().unwrap()).collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
