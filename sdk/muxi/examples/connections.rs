//! Connections as companies have them: a certificate that the client shows, a name that stands in no DNS, a way that is
//! no TCP of its own.
//!
//! ```sh
//! cargo run -p muxi-sdk --example connections
//! ```
//!
//! With the files `AUTHORITY`, `CERTIFICATE` and `KEY` it makes a client that shows that certificate, too.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::{env, fs, io};

use muxi_local_backend::CLIENT_KEY;
use muxi_sdk::FormationClient;
use tokio::net::TcpStream;

/// A client for a backend behind mutual TLS, whose certificate the company's own authority has signed. The builder takes
/// the files' contents, so that a key may come from a vault as well.
pub fn with_mutual_tls(authority: &str, certificate: &str, key: &str) -> Result<FormationClient, Box<dyn Error>> {
    let builder = FormationClient::direct("https://formation.internal")
        .client_key(CLIENT_KEY)
        .add_root_certificates(fs::read(authority)?)
        .trust_added_roots_alone()
        .client_certificate(fs::read(certificate)?, fs::read_to_string(key)?)
        .require_tls_1_3();
    Ok(builder.build()?)
}

/// What a service registry would be asked here: everything is on this machine.
async fn find(host: String) -> io::Result<Vec<IpAddr>> {
    println!("  where is {host}?");
    Ok(vec![Ipv4Addr::LOCALHOST.into()])
}

/// What would be an SSH tunnel, or a Unix socket, elsewhere.
async fn open(host: String, port: u16) -> io::Result<TcpStream> {
    println!("  a way to {host}, port {port}, please");
    TcpStream::connect((host, port)).await
}

/// Has a client for each way call a backend.
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    let backend = muxi_local_backend::start().await?;
    let port = backend.url().rsplit(':').next().unwrap_or_default();

    println!("A resolver of the program's own:");
    let client = FormationClient::direct(format!("http://formation.internal:{port}"))
        .client_key(CLIENT_KEY)
        .resolver(find)
        .build()?;
    println!("  {}", client.chat("Hello!").user("ada").await?.text().unwrap_or_default().to_owned());

    println!("A connector of the program's own:");
    let client = FormationClient::direct(backend.url()).client_key(CLIENT_KEY).connector(open).build()?;
    println!("  {}", client.chat("Hello!").user("ada").await?.text().unwrap_or_default().to_owned());

    let file = |name| env::var(name);
    if let (Ok(authority), Ok(certificate), Ok(key)) = (file("AUTHORITY"), file("CERTIFICATE"), file("KEY")) {
        println!("{:?}", with_mutual_tls(&authority, &certificate, &key)?);
    }
    Ok(())
}
