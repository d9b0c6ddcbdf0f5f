//! Faults that befall an answer behind its head, while it is on its way.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::yield_now;

use super::fault::End;

/// What becomes of the body of an answer: so many bytes of it pass, and then something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// How many bytes of the body pass; all, unless there are more.
    pub passes: usize,
    /// What happens behind them.
    pub then: Then,
    /// Whether they come one by one.
    pub by_bytes: bool,
}

/// What happens in the midst of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The client's connection ends so.
    End(End),
    /// The head of another answer comes, and the connection is closed.
    Head,
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 0\r\n\r\n";

impl Flow {
    /// Passes what the server sends on to the client, and what the client sends on to the server. `None` where one of them has
    /// gone; else how the client's connection is to end. `count` is told how many bytes of the body have passed.
    pub(super) async fn pass(
        self,
        client: &mut TcpStream,
        server: &mut TcpStream,
        mut count: impl FnMut(usize),
    ) -> Option<End> {
        let (mut head, mut passed) = (Some(Vec::new()), 0);
        let (mut down, mut up) = ([0; 8192], [0; 8192]);
        loop {
            let piece = tokio::select! {
                read = server.read(&mut down) => down.get(..read.ok().filter(|count| *count > 0)?)?,
                read = client.read(&mut up) => {
                    server.write_all(up.get(..read.ok().filter(|count| *count > 0)?)?).await.ok()?;
                    continue;
                }
            };
            let mut body = piece.to_vec();
            if let Some(begun) = &mut head {
                begun.extend_from_slice(piece);
                let Some(end) = begun.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
                body = begun.split_off(end + 4);
                client.write_all(begun).await.ok()?;
                head = None;
            }
            let is_over = body.len() > self.passes - passed || self.passes == passed;
            body.truncate(self.passes - passed);
            passed += body.len();
            // Before it is written: whoever has read it finds it counted.
            count(passed);
            if self.by_bytes {
                for byte in &body {
                    client.write_all(&[*byte]).await.ok()?;
                    yield_now().await;
                }
            } else {
                client.write_all(&body).await.ok()?;
            }
            if is_over || passed == self.passes {
                let Then::End(how) = self.then else {
                    client.write_all(HEAD).await.ok()?;
                    return Some(End::Close);
                };
                return Some(how);
            }
        }
    }
}
