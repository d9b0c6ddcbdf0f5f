//! Hearing what is said to SQLite.

use std::sync::{Arc, Mutex};

use mycel_local_backend::LocalBackend;
use reqwest::Method;
use serde_json::json;

use crate::client::User;

#[tokio::test]
async fn statements_are_told_as_prepared_and_with_their_values() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let hear =
        move |sql: &str, with_values: &str| hearing.lock().unwrap().push((sql.to_owned(), with_values.to_owned()));
    let backend = LocalBackend::builder().on_statement(hear).start().await.unwrap();
    let guest = User::nobody(backend.url()).request(Method::POST, "/api/auth/guest");
    assert_eq!(guest.json(&json!({ "display_name": "It's Ada" })).send().await.unwrap().status(), 200);

    let heard = heard.lock().unwrap();
    assert!(heard.iter().any(|(sql, _)| sql.contains("CREATE TABLE users")));
    let (_, with_values) = heard.iter().find(|(sql, _)| sql.starts_with("INSERT INTO users")).unwrap();
    assert!(with_values.contains("'It''s Ada'"), "{with_values}");
    assert_eq!(heard.last().unwrap().1, "COMMIT");
}
