//! Proxies, as scripts for a [`RawPeer`](crate::RawPeer).

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use crate::raw_peer::Connection;

/// An HTTP proxy: makes a tunnel where it is asked to, and passes on one request of any other kind.
pub async fn pass_on(connection: Connection) {
    forward(connection, &["proxy-authorization"]).await;
}

/// As [`pass_on`], but like many real ones it takes a wish for another protocol for one of its own connection,
/// and leaves it out.
pub async fn strip_upgrade(connection: Connection) {
    forward(connection, &["proxy-authorization", "connection", "upgrade"]).await;
}

async fn forward(mut connection: Connection, left_out: &[&str]) {
    let Some(request) = connection.request().await else { return };
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    if method == "CONNECT" {
        let Ok(mut server) = TcpStream::connect(target).await else {
            return connection.send("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
        };
        connection.send("HTTP/1.1 200 Connection established\r\n\r\n").await;
        let _ = copy_bidirectional(&mut connection.stream, &mut server).await;
        return;
    }
    let (host, path) = target.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut passed = format!("{method} /{path} HTTP/1.1\r\n");
    for line in head.lines().skip(1) {
        let (name, _) = line.split_once(':').unwrap();
        if !left_out.contains(&name.to_ascii_lowercase().as_str()) {
            passed.push_str(line);
            passed.push_str("\r\n");
        }
    }
    let mut server = TcpStream::connect(host).await.unwrap();
    server.write_all(format!("{passed}\r\n{body}").as_bytes()).await.unwrap();
    let _ = copy_bidirectional(&mut connection.stream, &mut server).await;
}

/// A SOCKS 5 proxy (RFC 1928) that wants this user name and password (RFC 1929). It tells what kind of address
/// it was asked to connect to: 1 for IPv4, 3 for a name.
pub async fn socks(mut connection: Connection, user: &str, password: &str) -> u8 {
    let stream = &mut connection.stream;
    assert_eq!(stream.read_u8().await.unwrap(), 5);
    let count = stream.read_u8().await.unwrap();
    let mut methods = vec![0; usize::from(count)];
    stream.read_exact(&mut methods).await.unwrap();
    assert!(methods.contains(&2), "{methods:?}");
    stream.write_all(&[5, 2]).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 1);
    for expected in [user, password] {
        let length = stream.read_u8().await.unwrap();
        let mut given = vec![0; usize::from(length)];
        stream.read_exact(&mut given).await.unwrap();
        assert_eq!(String::from_utf8(given).unwrap(), expected);
    }
    stream.write_all(&[1, 0]).await.unwrap();
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.unwrap();
    let [_, command, _, kind] = head;
    assert_eq!(command, 1);
    let host = match kind {
        1 => std::net::Ipv4Addr::from(stream.read_u32().await.unwrap()).to_string(),
        3 => {
            let length = stream.read_u8().await.unwrap();
            let mut name = vec![0; usize::from(length)];
            stream.read_exact(&mut name).await.unwrap();
            String::from_utf8(name).unwrap()
        }
        other => panic!("an address of kind {other}"),
    };
    let port = stream.read_u16().await.unwrap();
    let mut server = TcpStream::connect((host, port)).await.unwrap();
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await.unwrap();
    let _ = copy_bidirectional(stream, &mut server).await;
    kind
}
