//! A server that answers the start of a run with a recorded stream, cut as its message says.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use test_harness::{Connection, Cutting, RawPeer};

use crate::recorded::Recorded;

/// Which stream is asked for, in which cutting: what a run's message says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) number: usize,
    pub(crate) cut: Cutting,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.cut)
    }
}

/// Starts the server.
pub(crate) async fn serve(recorded: Vec<Recorded>) -> RawPeer {
    let recorded = Arc::new(recorded);
    RawPeer::start(move |connection| {
        let recorded = Arc::clone(&recorded);
        async move { answer(connection, &recorded).await }
    })
    .await
}

async fn answer(mut connection: Connection, recorded: &[Recorded]) {
    while let Some(request) = connection.request().await {
        if !request.starts_with("POST /api/v2/runs/ ") {
            // Only what is read of the first answer counts: none of the streams can be joined again.
            connection.send(NOT_FOUND).await;
            continue;
        }
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let (number, cut) = body["message"].as_str().unwrap().split_once(' ').unwrap();
        let recorded = &recorded[number.parse::<usize>().unwrap()];
        connection.send(recorded.body.response(cut.parse().unwrap())).await;
        if !recorded.body.ends {
            return;
        }
    }
}

const NOT_FOUND: &str = concat!(
    "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 77\r\n\r\n",
    r#"{"error": {"type": "not_found", "message": "there is no such", "code": 404}} "#,
);
