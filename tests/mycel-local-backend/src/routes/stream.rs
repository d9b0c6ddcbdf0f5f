//! The runtime inbox as a WebSocket: `GET /api/runtime/inbox/subscribe`.
//!
//! It is no operation of the contract, and none of HTTP: without the handshake the path is unknown.

mod connection;
mod frames;
mod keepalive;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper_util::rt::TokioIo;
use local_backend_kit::decoded_path;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::sleep,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::server::create_response_with_body, protocol::Role},
};

use self::connection::Connection;
use crate::{
    app::App,
    error::Failure,
    store::users::{self, User},
};

const PATH: &str = "/api/runtime/inbox/subscribe";

/// How long a stream waits for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// From a wake to its echo: the real backend hears each event twice, at once and from its database.
    pub(crate) echo: Duration,
    /// From a sign of life to the next ping.
    pub(crate) ping_every: Duration,
    /// From a ping to its pong.
    pub(crate) pong_within: Duration,
    /// From the end of a stream to that of its task, which then takes the user's listener away, whoever that is: the
    /// real backend's task runs on while it drains. 0 is no time, and a task then takes its own listener alone.
    pub(crate) linger: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            echo: Duration::from_millis(30),
            ping_every: Duration::from_secs(20),
            pong_within: Duration::from_secs(20),
            linger: Duration::ZERO,
        }
    }
}

/// Whether a request asks for a WebSocket.
pub(crate) fn is_handshake(headers: &HeaderMap) -> bool {
    let mut connection = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let upgrades = connection.any(|value| value.split(',').any(|token| token.trim().eq_ignore_ascii_case("upgrade")));
    upgrades && headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Answers a handshake. The stream listens before the answer goes out, so that whatever its client causes afterwards
/// wakes it.
pub(crate) async fn answer(app: &Arc<App>, request: Request) -> Response {
    // A handshake has no body.
    let mut request = request.map(drop);
    let user = match caller(app, &request) {
        Ok(Some(user)) => user,
        Ok(None) => return StatusCode::FORBIDDEN.into_response(),
        Err(failure) => return failure.into_response(),
    };
    match create_response_with_body(&request, Body::empty) {
        Ok(response) => {
            let upgrade = hyper::upgrade::on(&mut request);
            open(app, user.id, async { upgrade.await.map(TokioIo::new) });
            response
        }
        Err(error) => {
            let reason = format!("Failed to open a WebSocket connection: {error}.\n");
            (StatusCode::BAD_REQUEST, reason).into_response()
        }
    }
}

/// Whose stream is asked for, if it is a stream and somebody may have it.
///
/// # Errors
///
/// If there is a token that doesn't count: the real backend crashes on it.
fn caller(app: &App, request: &Request<()>) -> Result<Option<User>, Failure> {
    if decoded_path(request.uri()) != PATH {
        return Ok(None);
    }
    let Some(token) = token(request.headers()) else { return Ok(None) };
    let user_id = app.tokens.subject(token).map_err(Failure::unhandled)?;
    app.transact(|work| Ok(users::find(work.db, &user_id)?))
}

/// The token of the one header that may hold it.
fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

/// Opens a stream, which listens at once and is served as soon as there is a connection.
fn open<S, E, F>(app: &Arc<App>, user_id: String, connection: F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    E: Send,
    F: Future<Output = Result<S, E>> + Send + 'static,
{
    let app = Arc::clone(app);
    let listener = app.inbox.listen(&user_id);
    let is_open = app.streams.subscribe();
    tokio::spawn(async move {
        // Otherwise the client went away before it was answered.
        if let Ok(connection) = connection.await {
            let socket = WebSocketStream::from_raw_socket(connection, Role::Server, None).await;
            Connection::new(Arc::clone(&app), user_id.clone(), listener, socket).run().await;
        }
        drop(is_open);
        linger(&app, &user_id).await;
    });
}

/// Runs on for a while, and takes the user's listener away at the end.
async fn linger(app: &App, user_id: &str) {
    let time = app.timing.linger;
    if !time.is_zero() {
        tokio::select! {
            () = sleep(time) => app.inbox.silence(user_id),
            () = app.closing.closed() => {}
        }
    }
}
