//! Sending what webhooks are told, over plain HTTP.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    http::{Request, Uri, header},
};
use hmac::{Hmac, KeyInit, Mac};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use local_backend_kit::clock;
use sha2::Sha256;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    app::Insides,
    store::deliveries::{self, Answered, Due, is_loopback},
};

/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer is kept.
const KEPT: usize = 4096;

/// Sends deliveries as they become due, until the backend stops.
pub(crate) async fn deliver(insides: Arc<Insides>) {
    let closed = insides.closing.closed();
    let sending = async {
        loop {
            let Ok(Ok((due, wait))) = insides.store.run(|db| deliveries::due(db)) else { return };
            for delivery in &due {
                let answered = send(delivery).await;
                if !matches!(insides.store.run(|db| deliveries::attempted(db, delivery, answered)), Ok(Ok(()))) {
                    return;
                }
            }
            if due.is_empty() {
                let told = insides.told.notified();
                match wait {
                    // Whichever comes first.
                    Some(wait) => drop(timeout(Duration::from_secs_f64(wait), told).await),
                    None => told.await,
                }
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = closed => {}
    }
}

async fn send(delivery: &Due) -> Answered {
    let unheard = Answered { status: None, body: None };
    match timeout(PATIENCE, try_send(delivery)).await {
        Ok(Some(answered)) => answered,
        _ => unheard,
    }
}

async fn try_send(delivery: &Due) -> Option<Answered> {
    let uri: Uri = delivery.url.parse().ok()?;
    let host = uri.host().filter(|host| is_loopback(host) && uri.scheme_str() == Some("http"))?;
    let address = (host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let connection = tokio::spawn(connection);
    let timestamp = clock::now_in_seconds();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request::post(target)
        .header(header::HOST, uri.authority()?.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", &delivery.event_id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature(delivery, timestamp)?)
        .body(Body::from(delivery.body.clone()))
        .ok()?;
    let response = sender.send_request(request).await.ok()?;
    let status = response.status().as_u16();
    let body = to_bytes(Body::new(response.into_body()), KEPT).await.ok();
    connection.abort();
    Some(Answered { status: Some(status), body: body.map(|body| String::from_utf8_lossy(&body).into_owned()) })
}

/// The signature of a delivery at a time.
fn signature(delivery: &Due, timestamp: i64) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(delivery.secret.as_bytes()).ok()?;
    mac.update(format!("{}.{timestamp}.{}", delivery.event_id, delivery.body).as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("v1={digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_the_id_the_time_and_the_body() {
        let delivery = Due {
            id: 1,
            account: 1,
            attempts: 0,
            event_id: "msg_abc".to_owned(),
            url: String::new(),
            secret: "whsec_test_secret_123".to_owned(),
            body: r#"{"event":"run.completed","run_id":42}"#.to_owned(),
        };
        let expected = "v1=b70279b624690a8169f069e5943e580b510e8ca616c0ce5fad0246fbc90322b6";
        assert_eq!(signature(&delivery, 1_700_000_000).as_deref(), Some(expected));
    }
}
