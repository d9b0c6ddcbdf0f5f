//! What connections are laid over: TCP, with the system's resolver or one of the program's own, or what the program opens
//! in place of TCP.

use std::fmt;
use std::future::ready;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;

use futures::TryFutureExt;
use futures::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use crate::connector::{BoxError, Stream, host_and_port};

/// How long a connection is quiet before its other end is asked whether it is there, and between two such questions.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// How often it is asked.
const KEEPALIVE_RETRIES: u32 = 3;

/// How long what was sent may stay unacknowledged.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

type Resolve = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;
type Open = dyn Fn(String, u16) -> BoxFuture<'static, Result<Stream, BoxError>> + Send + Sync;

/// What the program has of its own for finding and reaching hosts.
#[derive(Clone, Default)]
pub(crate) struct Ways {
    resolve: Option<Arc<Resolve>>,
    open: Option<Arc<Open>>,
}

impl Ways {
    pub(crate) fn set_resolver<F>(&mut self, resolver: impl Fn(String) -> F + Send + Sync + 'static)
    where
        F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
    {
        self.resolve = Some(Arc::new(move |host| Box::pin(resolver(host))));
    }

    pub(crate) fn set_connector<F, S>(&mut self, connector: impl Fn(String, u16) -> F + Send + Sync + 'static)
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.open = Some(Arc::new(move |host, port| {
            let opened = connector(host, port);
            Box::pin(opened.map_ok(|stream| Stream::new(TokioIo::new(stream), false)).err_into())
        }));
    }

    /// What makes connections by them.
    pub(crate) fn dial(&self) -> Dial {
        match &self.open {
            Some(open) => Dial::Own(Arc::clone(open)),
            None => Dial::Tcp(tcp(self.resolver())),
        }
    }

    pub(crate) fn resolver(&self) -> Resolver {
        Resolver(self.resolve.clone())
    }
}

/// A program's functions have nothing to show.
impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resolve, open } = self;
        f.debug_struct("Ways").field("resolve", &resolve.is_some()).field("open", &open.is_some()).finish()
    }
}

fn tcp(resolver: Resolver) -> HttpConnector<Resolver> {
    let mut tcp = HttpConnector::new_with_resolver(resolver);
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE));
    tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    tcp
}

/// Reaches hosts.
#[derive(Clone)]
pub(crate) enum Dial {
    Tcp(HttpConnector<Resolver>),
    Own(Arc<Open>),
}

impl Service<Uri> for Dial {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stream, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, place: Uri) -> Self::Future {
        match self {
            Self::Tcp(tcp) => Box::pin(tcp.call(place).map_ok(|stream| Stream::new(stream, false)).err_into()),
            Self::Own(open) => match host_and_port(&place) {
                Ok((host, port)) => open(without_brackets(host).to_owned(), port),
                Err(error) => Box::pin(ready(Err(error))),
            },
        }
    }
}

/// Finds hosts: as the system does, unless the program has a way of its own.
#[derive(Clone)]
pub(crate) struct Resolver(Option<Arc<Resolve>>);

impl Resolver {
    /// The addresses of a host, with a port that counts for nothing.
    ///
    /// # Errors
    ///
    /// If it has none.
    pub(crate) async fn addresses(self, host: String) -> io::Result<vec::IntoIter<SocketAddr>> {
        let found: Vec<_> = match self.0 {
            None => tokio::net::lookup_host((without_brackets(&host), 0)).await?.collect(),
            Some(resolve) => resolve(host).await?.into_iter().map(|address| SocketAddr::new(address, 0)).collect(),
        };
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no address was found for the host's name"));
        }
        Ok(found.into_iter())
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(self.clone().addresses(name.as_str().to_owned()))
    }
}

/// An IPv6 address as others than URLs have it.
pub(crate) fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn an_address_is_without_brackets() {
        for (host, without) in [("[::1]", "::1"), ("127.0.0.1", "127.0.0.1"), ("mycel.example", "mycel.example")] {
            assert_eq!(without_brackets(host), without);
        }
    }

    #[tokio::test]
    async fn a_programs_own_ways_are_gone() {
        let mut ways = Ways::default();
        let asked: Arc<Mutex<Vec<(String, u16)>>> = Arc::default();
        let (resolved, opened) = (Arc::clone(&asked), Arc::clone(&asked));
        ways.set_resolver(move |host| {
            resolved.lock().unwrap().push((host, 0));
            ready(Ok(vec![IpAddr::from([10, 0, 0, 1])]))
        });
        ways.set_connector(move |host, port| {
            opened.lock().unwrap().push((host, port));
            ready(Ok(tokio::io::empty()))
        });
        let found = ways.resolver().addresses("mycel.example".to_owned()).await.unwrap();
        assert_eq!(found.collect::<Vec<_>>(), [SocketAddr::from(([10, 0, 0, 1], 0))]);
        for place in ["https://[::1]", "http://mycel.example:8042/a"] {
            ways.dial().call(Uri::from_static(place)).await.unwrap();
        }
        let expected = [("mycel.example", 0), ("::1", 443), ("mycel.example", 8042)];
        assert_eq!(*asked.lock().unwrap(), expected.map(|(host, port)| (host.to_owned(), port)));
    }
}
