//! How connections are made: directly, or through a proxy.

use std::error::Error;
use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connected, Connection};
use rustls::ClientConfig;
use tower_service::Service;

use crate::dial::{Dial, Resolver, Ways, without_brackets};
use crate::proxy::{ProxyKind, ProxyUrl};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Makes connections, to one backend by one way.
#[derive(Clone)]
pub(crate) struct Connector {
    /// Shared, as hyper keeps a few copies of the connector with each request that is under way.
    route: Arc<Route>,
    /// How long one may take, TLS and the proxy's part included.
    limit: Duration,
}

enum Route {
    Direct(HttpsConnector<Dial>),
    /// To the proxy, which passes requests on.
    Forwarded {
        proxy: Uri,
        connector: HttpsConnector<Dial>,
    },
    /// Through a tunnel that the proxy makes.
    Tunnelled(HttpsConnector<Tunnel<HttpsConnector<Dial>>>),
    Socks(HttpsConnector<Socks>),
}

impl Connector {
    pub(crate) fn new(
        ways: &Ways,
        proxy: Option<&ProxyUrl>,
        forwards: bool,
        tls: Arc<ClientConfig>,
        limit: Duration,
    ) -> Self {
        let over_tls = || HttpsConnector::from((ways.dial(), Arc::clone(&tls)));
        let route = match proxy.map(|proxy| (proxy, proxy.kind())) {
            None => Route::Direct(over_tls()),
            Some((proxy, ProxyKind::Http)) if forwards => {
                Route::Forwarded { proxy: proxy.address(), connector: over_tls() }
            }
            Some((proxy, ProxyKind::Http)) => {
                let mut tunnel = Tunnel::new(proxy.address(), over_tls());
                if let Some(credentials) = proxy.basic_credentials() {
                    tunnel = tunnel.with_auth(credentials);
                }
                Route::Tunnelled(HttpsConnector::from((tunnel, tls)))
            }
            Some((proxy, ProxyKind::Socks { resolves_names })) => {
                let mut inner = SocksV5::new(proxy.address(), ways.dial());
                if let Some((user, password)) = proxy.raw_credentials() {
                    inner = inner.with_auth(user, password);
                }
                let resolver = (!resolves_names).then(|| ways.resolver());
                Route::Socks(HttpsConnector::from((Socks { inner, resolver }, tls)))
            }
        };
        Self { route: Arc::new(route), limit }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stream, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, backend: Uri) -> Self::Future {
        let limit = self.limit;
        match &*self.route {
            Route::Direct(connector) => stream(connector.clone().call(backend), limit, false),
            Route::Forwarded { proxy, connector } => stream(connector.clone().call(proxy.clone()), limit, true),
            Route::Tunnelled(connector) => match with_port(&backend) {
                Ok(backend) => stream(connector.clone().call(backend), limit, false),
                Err(error) => Box::pin(async { Err(error) }),
            },
            Route::Socks(connector) => stream(connector.clone().call(backend), limit, false),
        }
    }
}

fn stream<C: Transported + Connection + Into<Stream> + 'static>(
    connecting: impl Future<Output = Result<MaybeHttpsStream<C>, BoxError>> + Send + 'static,
    limit: Duration,
    is_forwarded: bool,
) -> BoxFuture<'static, Result<Stream, BoxError>> {
    let connecting = AssertUnwindSafe(tokio::time::timeout(limit, connecting)).catch_unwind();
    Box::pin(async move {
        let timed_out = |_| io::Error::new(io::ErrorKind::TimedOut, "operation timed out");
        match connecting.await {
            Ok(connected) => Ok(Stream { is_forwarded, ..connected.map_err(timed_out)??.into() }),
            Err(_) if runtime_lacks_io() => Err(RuntimeLacksIo.into()),
            // Not ours: of a resolver or connector of the program's own.
            Err(panic) => resume_unwind(panic),
        }
    })
}

/// The tokio runtime was built without IO.
#[derive(Debug, thiserror::Error)]
#[error("the tokio runtime was built without IO")]
pub(crate) struct RuntimeLacksIo;

/// tokio can't be asked for IO in another way than by using it, and panics where there is none. To ask before a panic takes
/// more than a tenth of what it takes to connect.
fn runtime_lacks_io() -> bool {
    let registered = catch_unwind(|| {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        tokio::net::UdpSocket::from_std(socket).map(drop)
    });
    registered.is_err()
}

/// A connection through a SOCKS proxy.
#[derive(Clone)]
struct Socks {
    inner: SocksV5<Dial>,
    /// What finds the backend, where that is not left to the proxy.
    resolver: Option<Resolver>,
}

impl Service<Uri> for Socks {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, backend: Uri) -> Self::Future {
        let mut socks = self.clone();
        Box::pin(async move {
            let address = socks.address(&backend).await?;
            Ok(socks.inner.call(address).await?)
        })
    }
}

impl Socks {
    /// The backend as the proxy is to be told of it, always with a port.
    async fn address(&self, backend: &Uri) -> Result<Uri, BoxError> {
        let (host, port) = host_and_port(backend)?;
        let authority = match &self.resolver {
            None => format!("{host}:{port}"),
            Some(resolver) => match without_brackets(host).parse() {
                Ok(address) => SocketAddr::new(address, port).to_string(),
                Err(_) => {
                    let mut found = resolver.clone().addresses(host.to_owned()).await?;
                    let first = found.next().ok_or("no address was found for the backend's name")?;
                    SocketAddr::new(first.ip(), port).to_string()
                }
            },
        };
        Ok(Uri::builder().scheme("http").authority(authority).path_and_query("/").build()?)
    }
}

/// Where a backend is. A proxy is told the port in any case.
pub(crate) fn host_and_port(backend: &Uri) -> Result<(&str, u16), BoxError> {
    let host = backend.host().ok_or("the backend has no host")?;
    let default = if backend.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 };
    Ok((host, backend.port_u16().unwrap_or(default)))
}

fn with_port(backend: &Uri) -> Result<Uri, BoxError> {
    let (host, port) = host_and_port(backend)?;
    let scheme = backend.scheme().cloned().unwrap_or(Scheme::HTTPS);
    Ok(Uri::builder().scheme(scheme).authority(format!("{host}:{port}")).path_and_query("/").build()?)
}

/// What all ways lead to.
trait Transported: Read + Write + Send + Unpin {}

impl<C: Read + Write + Send + Unpin> Transported for C {}

/// A connection.
pub(crate) struct Stream {
    inner: Box<dyn Transported>,
    is_forwarded: bool,
}

impl Stream {
    pub(crate) fn new(inner: impl Read + Write + Send + Unpin + 'static, is_forwarded: bool) -> Self {
        Self { inner: Box::new(inner), is_forwarded }
    }
}

impl<C: Transported + Connection + Into<Self> + 'static> From<MaybeHttpsStream<C>> for Stream {
    fn from(stream: MaybeHttpsStream<C>) -> Self {
        match stream {
            // By itself: the other kind is a kilobyte, and would be the size of both.
            MaybeHttpsStream::Http(plain) => plain.into(),
            encrypted @ MaybeHttpsStream::Https(_) => Self::new(encrypted, false),
        }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_forwarded)
    }
}

impl Read for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, pieces)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};
    use std::sync::Mutex;

    use futures::future::poll_fn;
    use tokio::runtime::Builder;

    use super::*;
    use crate::tls::TlsSettings;

    #[test]
    fn a_backend_has_a_port_in_any_case() {
        for (url, host, port, with) in [
            ("http://mycel.example/a", "mycel.example", 80, "http://mycel.example:80/"),
            ("https://mycel.example/a", "mycel.example", 443, "https://mycel.example:443/"),
            ("http://mycel.example:8042", "mycel.example", 8042, "http://mycel.example:8042/"),
            ("https://[::1]:8042", "[::1]", 8042, "https://[::1]:8042/"),
        ] {
            let backend: Uri = url.parse().unwrap();
            assert_eq!(host_and_port(&backend).unwrap(), (host, port));
            assert_eq!(with_port(&backend).unwrap().to_string(), with);
        }
        assert!(host_and_port(&Uri::from_static("/a")).is_err());
    }

    fn connected(runtime: &mut Builder, ways: &Ways) -> Result<(), BoxError> {
        let tls = TlsSettings::default().unused().unwrap();
        let mut connector = Connector::new(ways, None, false, tls, Duration::from_secs(1));
        let address = Uri::from_static("http://127.0.0.1:1");
        runtime.build().unwrap().block_on(async { connector.call(address).await.map(drop) })
    }

    #[test]
    fn that_a_runtime_lacks_io_shows_when_a_connection_is_made() {
        let ways = Ways::default();
        let lacks_io = |error: BoxError| error.is::<RuntimeLacksIo>();
        assert!(connected(Builder::new_current_thread().enable_time(), &ways).is_err_and(lacks_io));
        assert!(!connected(Builder::new_current_thread().enable_all(), &ways).is_err_and(lacks_io), "nobody listens");
    }

    #[test]
    fn a_connector_of_the_programs_own_needs_no_io() {
        let mut ways = Ways::default();
        ways.set_connector(async |_, _| Ok(tokio::io::empty()));
        connected(Builder::new_current_thread().enable_time(), &ways).unwrap();
    }

    #[test]
    #[should_panic(expected = "of the program's own")]
    fn a_panic_of_the_programs_own_goes_on() {
        let mut ways = Ways::default();
        ways.set_connector(async |_, _| -> io::Result<tokio::io::Empty> { panic!("of the program's own") });
        let _ = connected(Builder::new_current_thread().enable_all(), &ways);
    }

    #[tokio::test]
    async fn a_socks_proxy_is_told_a_name_or_the_address_that_was_found_for_it() {
        let mut ways = Ways::default();
        ways.set_resolver(async |host| match &*host {
            "mycel.example" => Ok(vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::from([10, 0, 0, 1])]),
            _ => Ok(Vec::new()),
        });
        let address = async |backend: &'static str, resolver| {
            let socks = Socks { inner: SocksV5::new(Uri::from_static("http://127.0.0.1:1"), ways.dial()), resolver };
            socks
                .address(&Uri::from_static(backend))
                .await
                .map(|uri| uri.to_string())
                .map_err(|error| error.to_string())
        };
        for (backend, name, found) in [
            ("https://mycel.example", "http://mycel.example:443/", "http://[::1]:443/"),
            ("http://127.0.0.1", "http://127.0.0.1:80/", "http://127.0.0.1:80/"),
            ("http://[::1]:8042", "http://[::1]:8042/", "http://[::1]:8042/"),
        ] {
            assert_eq!(address(backend, None).await.as_deref(), Ok(name));
            assert_eq!(address(backend, Some(ways.resolver())).await.as_deref(), Ok(found));
        }
        let none = address("http://other.example", Some(ways.resolver())).await;
        assert_eq!(none.unwrap_err(), "no address was found for the host's name");
    }

    /// Keeps what is done with it.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>, bool);

    impl Kept {
        fn keep<T>(&self, what: &str, outcome: T) -> Poll<T> {
            self.0.lock().unwrap().push(what.to_owned());
            Poll::Ready(outcome)
        }
    }

    impl Read for Kept {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
            self.keep("read", Ok(()))
        }
    }

    impl Write for Kept {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.keep(std::str::from_utf8(bytes).unwrap(), Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.keep("flush", Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.keep("shutdown", Ok(()))
        }

        fn is_write_vectored(&self) -> bool {
            self.1
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            pieces: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.keep("pieces", Ok(pieces.len()))
        }
    }

    #[tokio::test]
    async fn a_stream_is_what_it_is_laid_over() {
        for is_vectored in [false, true] {
            let kept = Kept(Arc::default(), is_vectored);
            let mut stream = Stream::new(kept.clone(), false);
            assert_eq!(stream.is_write_vectored(), is_vectored);
            assert_eq!(poll_fn(|context| Pin::new(&mut stream).poll_write(context, b"abc")).await.unwrap(), 3);
            let pieces = [IoSlice::new(b"a"), IoSlice::new(b"b")];
            assert_eq!(
                poll_fn(|context| Pin::new(&mut stream).poll_write_vectored(context, &pieces)).await.unwrap(),
                2
            );
            poll_fn(|context| Pin::new(&mut stream).poll_flush(context)).await.unwrap();
            poll_fn(|context| Pin::new(&mut stream).poll_shutdown(context)).await.unwrap();
            assert_eq!(*kept.0.lock().unwrap(), ["abc", "pieces", "flush", "shutdown"]);
        }
    }
}
