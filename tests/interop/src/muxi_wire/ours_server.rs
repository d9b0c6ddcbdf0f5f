//! The official client's calls of the management server, by our client.

use futures::StreamExt;
use muxi_sdk::Error;
use muxi_sdk::ServerClient;
use muxi_sdk::server::{Bundle, ProgressStream};
use muxi_tests::bundles::bundle;
use serde_json::{Map, Value};

use crate::problem::Problem;

/// Makes the call that this method of the official client makes. What comes of it does not count.
pub async fn call(server: &ServerClient, method: &str, arguments: &Map<String, Value>) -> Result<(), Problem> {
    let id = arguments.get("formation_id").and_then(Value::as_str).unwrap_or_default();
    let lines = arguments.get("limit").and_then(Value::as_u64).and_then(|limit| u32::try_from(limit).ok());
    // Our client reads of it what it is.
    let bundle = || Bundle::bytes(bundle(id, "1.0.0"));
    match method {
        "ping" => drop(server.ping().await),
        "health" => drop(server.health().await),
        "status" => drop(server.status().await),
        "list_formations" => drop(server.list().await),
        "get_formation" => drop(server.get(id).await),
        "stop_formation" => drop(server.stop(id).await),
        "start_formation" | "start_formation_stream" => read(server.start(id).stream().await).await,
        "restart_formation" | "restart_formation_stream" => read(server.restart(id).stream().await).await,
        "rollback_formation" | "rollback_formation_stream" => read(server.rollback(id).stream().await).await,
        "delete_formation" => drop(server.delete(id).await),
        "cancel_update" => drop(server.cancel_update(id).await),
        "deploy_formation" | "deploy_formation_stream" => {
            read(server.deploy(bundle()).stream().await).await;
        }
        "update_formation" | "update_formation_stream" => {
            read(server.update(bundle()).stream().await).await;
        }
        "get_formation_logs" => drop(match lines {
            Some(lines) => server.logs(id).lines(lines).await,
            None => server.logs(id).await,
        }),
        "get_server_logs" => drop(match lines {
            Some(lines) => server.server_logs().lines(lines).await,
            None => server.server_logs().await,
        }),
        "stream_formation_logs" => drop(server.logs(id).follow().await),
        other => return Err(Problem::new(format!("src/muxi_wire/ours_server.rs has no call of {other}"))),
    }
    Ok(())
}

async fn read(stream: Result<ProgressStream, Error>) {
    if let Ok(mut stream) = stream {
        while stream.next().await.is_some() {}
    }
}
