//! Calls that follow each other go over one connection, whatever they are and however they end.

use super::{Facade, Settings};
use crate::RawPeer;

super::suite! { $ connections:
    calls_of_any_kind_share_one_connection
    many_calls_share_one_connection
}

/// A response that does not ask to close the connection.
fn response(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// The same, with a body whose length is not known before its end.
fn chunked(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
         {length:x}\r\n{body}\r\n0\r\n\r\n"
    )
}

/// A server that answers the request of a number with what stands there, over however many connections they come.
async fn peer(answers: &[String]) -> RawPeer {
    let answers = answers.to_vec();
    RawPeer::start(move |mut connection| {
        let answers = answers.clone();
        async move {
            // Whoever makes a second connection gets no answer at all.
            if connection.number > 0 {
                return;
            }
            for answer in answers {
                if connection.request().await.is_none() {
                    return;
                }
                connection.send(answer).await;
            }
            connection.gone().await;
        }
    })
    .await
}

async fn calls_of_any_kind_share_one_connection<F: Facade>() {
    let (read, written) = (F::READ.answer, F::WRITE.answer);
    let error = r#"{"detail":"No such thing."}"#;
    let peer = peer(&[
        response("200 OK", written),
        response("200 OK", read),
        chunked("200 OK", read),
        response("404 Not Found", error),
        chunked("200 OK", written),
        chunked("403 Forbidden", error),
        response("422 Unprocessable Entity", error),
        // Not what was promised, but whole.
        response("200 OK", "3"),
        response("200 OK", read),
    ])
    .await;
    let client = F::client(&peer.url(), Settings::default()).unwrap();

    F::write(&client).await.unwrap();
    F::read(&client).await.unwrap();
    F::read(&client).await.unwrap();
    assert_eq!(F::read(&client).await.unwrap_err().kind, "NotFound");
    F::write(&client).await.unwrap();
    assert_eq!(F::write(&client).await.unwrap_err().kind, "Forbidden");
    assert_eq!(F::read(&client).await.unwrap_err().kind, "Rejected");
    assert_eq!(F::read(&client).await.unwrap_err().kind, "MalformedResponse");
    F::read(&client.clone()).await.unwrap();

    assert_eq!(peer.requests().len(), 9);
}

async fn many_calls_share_one_connection<F: Facade>() {
    let peer = peer(&vec![response("200 OK", F::WRITE.answer); 100]).await;
    let client = F::client(&peer.url(), Settings::default()).unwrap();
    for _ in 0..100 {
        F::write(&client).await.unwrap();
    }
    assert_eq!(peer.requests().len(), 100);
}
