//! What unit tests stand on: the smallest platform, and answers that come over no network.

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::answer::Answer;
use crate::call::Call;
use crate::error::{CommonKind, ErrorBody, Report};
use crate::request::{Generated, Platform};
use crate::session::Session;
use crate::transport::Transport;

/// Where nothing listens.
pub(crate) const URL: &str = "http://127.0.0.1:1";

/// A platform whose errors are the reports themselves.
#[derive(Debug)]
pub(crate) enum Smallest {}

pub(crate) struct Api;

impl Generated for Api {
    fn over(_: &str, _: reqwest::Client, _: Call) -> Self {
        Self
    }
}

impl Platform for Smallest {
    type Api = Api;
    type Kind = CommonKind;
    type Error = Report<CommonKind>;

    const NAME: &'static str = "Smallest";
    const CREDENTIALS: &'static str = "key";
    const HOW_TO_SET_CREDENTIALS: &'static str = "set one";
    const NOT_IN_IDS: &'static [char] = &['/', '\\'];

    fn kind(common: CommonKind) -> CommonKind {
        common
    }

    fn error(report: Report<CommonKind>) -> Report<CommonKind> {
        report
    }

    fn read_error(body: Value) -> ErrorBody {
        let id = body.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        ErrorBody::of_detail(body).with_request_id(&id)
    }
}

/// A session at [`URL`] by nobody.
pub(crate) fn session() -> Session<Smallest> {
    Session::new(Transport::builder().build(&URL.parse().unwrap()).unwrap(), None)
}

/// The answer that these bytes are, from [`URL`], and the peer's end of its connection.
pub(crate) async fn answer(bytes: &[u8]) -> (Answer, DuplexStream) {
    let (ours, mut theirs) = tokio::io::duplex(1024 * 1024);
    let (mut sender, connection) = http1::handshake::<_, reqwest::Body>(TokioIo::new(ours)).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("/").header("host", "a").body(reqwest::Body::from("")).unwrap();
    let asked = tokio::spawn(async move { sender.send_request(request).await.unwrap() });
    let _ = theirs.read(&mut [0; 1024]).await.unwrap();
    theirs.write_all(bytes).await.unwrap();
    let response = asked.await.unwrap();
    (Answer::new(Url::parse(URL).unwrap(), response), theirs)
}
