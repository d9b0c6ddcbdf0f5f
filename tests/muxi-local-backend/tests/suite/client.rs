//! The least of a client: requests over plain HTTP, with both keys, for a user.

use muxi_local_backend::{ADMIN_KEY, CLIENT_KEY, LocalBackend};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// A formation, and the user for whom it is asked.
#[derive(Clone)]
pub struct Api {
    base_url: String,
    user: String,
    http: Client,
}

impl Api {
    pub fn of(backend: &LocalBackend) -> Self {
        Self { base_url: format!("{}/v1", backend.url()), user: "ada".to_owned(), http: Client::new() }
    }

    pub fn for_user(&self, user: &str) -> Self {
        Self { user: user.to_owned(), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // Where either key is taken, the admin key comes first, to which all is open.
        let is_client = ["/chat", "/audiochat", "/sessions", "/triggers", "/users", "/sops"];
        let (header, key) = if is_client.iter().any(|of| path.starts_with(of)) {
            ("x-muxi-client-key", CLIENT_KEY)
        } else {
            ("x-muxi-admin-key", ADMIN_KEY)
        };
        let request = self.http.request(method, format!("{}{path}", self.base_url));
        request.header(header, key).header("x-muxi-user-id", &self.user)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::to(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::DELETE, path)).await
    }

    pub async fn keyed(&self, key: &str, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path).header("x-muxi-idempotency-key", key).json(body)).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self { status: response.status().as_u16(), body: response.json().await.unwrap() }
    }

    /// What it holds, if it went well.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert!(self.body["success"] == true && (200..300).contains(&self.status), "{self:?}");
        &self.body["data"]
    }
}
