//! What the modules share.

use std::time::Duration;

use mycel_sdk::{Client, Error, ListenEvent, ListenSettings, Listener, NotificationStream, RetryPolicy};
use mycel_tests::{PATIENCE, Reply, StreamPeer, soon};

pub const TOKEN: &str = "tok-123";

/// A client with a token that gives up soon, and tries once.
pub fn hasty_client(url: &str) -> Client {
    let builder = Client::builder(url).auth_token(TOKEN).connect_timeout(PATIENCE).attempt_timeout(PATIENCE);
    builder.retry(RetryPolicy::never()).build().unwrap()
}

/// Settings of a listener that comes back soon.
pub fn fast() -> ListenSettings {
    ListenSettings::default().base_delay(Duration::from_millis(5)).max_delay(Duration::from_millis(40))
}

/// The stream of a scripted server.
pub async fn open(peer: &StreamPeer) -> NotificationStream {
    soon(async { hasty_client(peer.url()).notifications().stream().await }).await.unwrap()
}

/// How a stream ends that has nothing to tell any more.
#[track_caller]
pub fn ended(mut stream: NotificationStream) -> impl Future<Output = Error> {
    soon(async move {
        let error = stream.next().await.unwrap().unwrap_err();
        assert!(stream.next().await.is_none(), "after an error it is over");
        assert!(stream.next().await.is_none());
        error
    })
}

/// The next event of a listener.
#[track_caller]
pub fn event(listener: &mut Listener) -> impl Future<Output = ListenEvent> {
    soon(async { listener.next().await.unwrap().unwrap() })
}

/// How a listener ends, whatever it tells before.
#[track_caller]
pub fn final_error(listener: &mut Listener) -> impl Future<Output = Error> {
    soon(async {
        loop {
            if let Err(error) = listener.next().await.unwrap() {
                assert!(listener.next().await.is_none(), "after an error it is over");
                return error;
            }
        }
    })
}

/// All that a program could print of an error.
pub fn printed(error: &Error) -> String {
    let source = std::error::Error::source(error);
    format!("{error} {error:?} {error:#?} {:?} {:?} {source:?}", error.detail(), error.detail_object())
}

/// A frame of the stream about a chat.
pub fn chat_frame(seq: u64, chat: &str, message: &str) -> String {
    serde_json::json!({
        "type": "notify", "seq": seq, "fingerprint": format!("{chat}/{message}"), "ts": 1_795_303_055.25,
        "metadata": {
            "event_type": "chat.message", "notification_type": "chat", "chat_id": chat, "message_id": message,
            "message_seq": seq, "sender_name": "Ada", "unread_count": 1,
        },
    })
    .to_string()
}

/// A frame of the stream about something that this version of the SDK does not know.
pub fn other_frame(seq: u64, name: &str) -> String {
    serde_json::json!({"type": "notify", "seq": seq, "fingerprint": name, "ts": 1.5, "metadata": {"event_type": name}})
        .to_string()
}

/// A server that answers each handshake so.
pub async fn refusing(reply: Reply) -> StreamPeer {
    let Reply::Bytes(bytes) = reply else { panic!("not bytes") };
    StreamPeer::start(move |handshake| {
        let bytes = bytes.clone();
        async move { drop(handshake.answer(&bytes).await) }
    })
    .await
}
