//! Connections as companies have them: certificates that clients show, roots of their own alone, TLS of one version, names
//! that stand in no DNS, connections that are no TCP.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use tokio::net::TcpStream;

use super::{Facade, Settings, Told};
use crate::{
    ClientAuthority, ClientIdentity, Connection, Peer, RawPeer, Reply, TLS12, TLS13, TlsFront, pass_on, socks, soon,
};

super::suite! { $ company:
    who_asks_for_a_certificate_is_shown_it
    who_shows_none_or_another_gets_nowhere
    a_proxy_too_is_shown_it
    a_certificate_that_can_not_be_used_is_refused_and_no_key_is_shown
    of_the_platforms_roots_none_counts_where_added_ones_alone_do
    an_older_tls_is_refused_where_1_3_is_asked_for
    names_are_found_as_the_program_finds_them
    a_proxys_name_is_found_so_too
    what_finds_no_address_is_told_and_nothing_was_sent
    connections_are_what_the_program_opens
    what_the_program_can_not_open_is_told_and_nothing_was_sent
}

/// What it panics with that finds hosts.
pub const PANIC: &str = "no names were thought of";

/// What a program finds hosts by: each is this machine, unless it fails. And how it has been asked.
#[derive(Clone, Debug, Default)]
pub struct Names {
    asked: Arc<Mutex<Vec<String>>>,
    problem: Option<&'static str>,
    panics_at_first: bool,
}

impl Names {
    /// The addresses of a host.
    pub async fn find(self, host: String) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host);
        assert!(!self.panics_at_first || self.asked().len() > 1, "{PANIC}");
        match self.problem {
            None => Ok(vec![Ipv4Addr::LOCALHOST.into()]),
            Some("") => Ok(Vec::new()),
            Some(problem) => Err(io::Error::other(problem)),
        }
    }

    /// It panics where it is asked for the first time.
    pub fn panicking_at_first() -> Self {
        Self { panics_at_first: true, ..Self::default() }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// What a program opens connections by: each leads to one place, unless it fails. And which were asked for.
#[derive(Clone, Debug)]
pub struct Doors {
    to: Result<String, &'static str>,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Doors {
    fn to(place: &str) -> Self {
        Self { to: Ok(place.to_owned()), asked: Arc::default() }
    }

    /// A connection to a host and a port.
    pub fn open(self, host: String, port: u16) -> BoxFuture<'static, io::Result<TcpStream>> {
        self.asked.lock().unwrap().push((host, port));
        Box::pin(async move {
            match self.to {
                Ok(place) => TcpStream::connect(place).await,
                Err(problem) => Err(io::Error::other(problem)),
            }
        })
    }

    fn asked(&self) -> Vec<(String, u16)> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answering<F: Facade>() -> Peer {
    Peer::start([Reply::json("200 OK", F::READ.answer)]).await
}

/// A client that trusts this front.
fn trusting<F: Facade>(front: &TlsFront, settings: Settings) -> Result<F::Client, Box<Told>> {
    F::client(front.url(), Settings { root_certificates: vec![front.certificate().to_owned()], ..settings })
}

fn showing(identity: &ClientIdentity) -> Settings {
    Settings { identity: Some(identity.clone()), ..Settings::default() }
}

/// Expects an error of the call that must not happen twice, from which it is known that nothing was sent.
async fn expect_unsent<F: Facade>(client: &F::Client) -> Box<Told> {
    let told = soon(F::write(client)).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.may_have_been_sent), ("Connect", false), "{told:?}");
    told
}

async fn who_asks_for_a_certificate_is_shown_it<F: Facade>() {
    let authority = ClientAuthority::default();
    for versions in [&[&TLS12], &[&TLS13]] {
        let backend = answering::<F>().await;
        let front = TlsFront::start_with(backend.url(), "localhost", versions, Some(&authority)).await;
        soon(F::read(&trusting::<F>(&front, showing(&authority.vouch())).unwrap())).await.unwrap();
        assert_eq!(backend.requests().len(), 1);
        // Both in one file.
        let ClientIdentity { certificate, key } = authority.vouch();
        let both =
            ClientIdentity { certificate: format!("{key}\n{certificate}"), key: format!("{certificate}\n{key}") };
        soon(F::read(&trusting::<F>(&front, showing(&both)).unwrap())).await.unwrap();
    }
}

async fn who_shows_none_or_another_gets_nowhere<F: Facade>() {
    let authority = ClientAuthority::default();
    let stranger = showing(&ClientAuthority::default().vouch());
    for settings in [Settings::default(), stranger] {
        let backend = answering::<F>().await;
        let front = TlsFront::start_with(backend.url(), "localhost", &[&TLS12], Some(&authority)).await;
        let told = expect_unsent::<F>(&trusting::<F>(&front, settings.clone()).unwrap()).await;
        assert!(told.line.contains("alert"), "{told:?}");

        // The other side's refusal comes when the handshake is over for this one.
        let front = TlsFront::start_with(backend.url(), "localhost", &[&TLS13], Some(&authority)).await;
        soon(F::write(&trusting::<F>(&front, settings).unwrap())).await.unwrap_err();
        assert_eq!(backend.requests().len(), 0);
    }
}

async fn a_proxy_too_is_shown_it<F: Facade>() {
    let authority = ClientAuthority::default();
    let backend = answering::<F>().await;
    let proxy = RawPeer::start(pass_on).await;
    let front = TlsFront::start_with(&proxy.url(), "localhost", &[&TLS12], Some(&authority)).await;
    let through = |settings: Settings| {
        let root_certificates = vec![front.certificate().to_owned()];
        let settings = Settings { proxy: Some(front.url().to_owned()), root_certificates, ..settings };
        F::client(backend.url(), settings).unwrap()
    };
    soon(F::read(&through(showing(&authority.vouch())))).await.unwrap();
    expect_unsent::<F>(&through(Settings::default())).await;
    assert_eq!((proxy.requests().len(), backend.requests().len()), (1, 1));
}

async fn a_certificate_that_can_not_be_used_is_refused_and_no_key_is_shown<F: Facade>() {
    let authority = ClientAuthority::default();
    let (own, other) = (authority.vouch(), authority.vouch());
    let inner = |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let with_passphrase = own.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let unreadable = "certificate or its private key can't be read";
    for (certificate, key, problem) in [
        (&own.certificate, &other.key, "TLS could not be set up (keys may not be consistent"),
        (&own.certificate, &own.certificate, unreadable),
        (&own.key, &own.key, unreadable),
        (&String::new(), &own.key, unreadable),
        (&own.certificate, &String::new(), unreadable),
        (&own.certificate, &with_passphrase, unreadable),
        (&own.certificate, &own.key.replace("END", "EMD"), unreadable),
    ] {
        for url in ["https://localhost:1", "http://localhost:1"] {
            let identity = ClientIdentity { certificate: certificate.clone(), key: key.clone() };
            let told = F::client(url, showing(&identity)).unwrap_err();
            assert!(told.is_refused() && told.line.contains(problem), "{told:?}");
            for key in [&own.key, &other.key] {
                assert!(!told.printed.contains(&inner(key)[40..60]), "{told:?}");
            }
        }
    }
    let client = F::client("https://localhost:1", showing(&own)).unwrap();
    assert!(!format!("{client:?} {client:#?}").contains(&inner(&own.key)[40..60]));
    // Of no use, and no harm.
    let backend = answering::<F>().await;
    F::read(&F::client(backend.url(), showing(&own)).unwrap()).await.unwrap();
}

/// The environment's variable that tells a test that it is the child's.
const CHILD: &str = "COMPANY_TEST_FRONT";

async fn of_the_platforms_roots_none_counts_where_added_ones_alone_do<F: Facade>() {
    let alone = |root_certificates: &[String]| Settings {
        root_certificates: root_certificates.to_vec(),
        added_roots_alone: true,
        ..Settings::default()
    };
    // The platform, for which the environment says what is trusted, knows the front.
    if let Ok(front) = std::env::var(CHILD) {
        let (url, another) = front.split_once(' ').unwrap();
        soon(F::read(&F::client(url, Settings::default()).unwrap())).await.unwrap();
        let added = std::fs::read_to_string(another).unwrap();
        let told = expect_unsent::<F>(&F::client(url, alone(&[added])).unwrap()).await;
        assert!(told.line.to_lowercase().contains("certificate"), "{told:?}");
        return;
    }
    let backend = answering::<F>().await;
    let front = TlsFront::start(backend.url()).await;
    let another = TlsFront::start(backend.url()).await;
    let known = [another.certificate().to_owned(), front.certificate().to_owned()];
    soon(F::read(&F::client(front.url(), alone(&known)).unwrap())).await.unwrap();
    for url in [front.url(), backend.url()] {
        let told = F::client(url, alone(&[])).unwrap_err();
        assert!(told.is_refused() && told.line.contains("no root certificate was added"), "{told:?}");
    }
    if !cfg!(target_os = "linux") {
        eprintln!("left out: the platform's own roots, which no variable sets here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (platforms, added) = (folder.path().join("platforms.pem"), folder.path().join("added.pem"));
    std::fs::write(&platforms, front.certificate()).unwrap();
    std::fs::write(&added, another.certificate()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "company::of_the_platforms_roots_none_counts_where_added_ones_alone_do"]);
    child.env("SSL_CERT_FILE", &platforms).env_remove("SSL_CERT_DIR").stdin(Stdio::null());
    child.env(CHILD, format!("{} {}", front.url(), added.display()));
    let outcome = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    assert!(outcome.status.success(), "{outcome:?}");
    assert_eq!(backend.requests().len(), 2);
}

async fn an_older_tls_is_refused_where_1_3_is_asked_for<F: Facade>() {
    let backend = answering::<F>().await;
    let asking = Settings { tls_1_3_alone: true, ..Settings::default() };
    for (versions, is_taken) in [(&TLS13, true), (&TLS12, false)] {
        let front = TlsFront::start_with(backend.url(), "localhost", &[versions], None).await;
        soon(F::read(&trusting::<F>(&front, Settings::default()).unwrap())).await.unwrap();
        let client = trusting::<F>(&front, asking.clone()).unwrap();
        if is_taken {
            soon(F::read(&client)).await.unwrap();
        } else {
            expect_unsent::<F>(&client).await;
        }
    }
}

async fn names_are_found_as_the_program_finds_them<F: Facade>() {
    let backend = answering::<F>().await;
    let port = backend.url().rsplit_once(':').unwrap().1;
    let found = |names: &Names| Settings { names: Some(names.clone()), ..Settings::default() };
    let names = Names::default();
    let client = F::client(&format!("http://backend.invalid:{port}"), found(&names)).unwrap();
    soon(F::read(&client)).await.unwrap();
    assert_eq!(names.asked(), ["backend.invalid"]);
    assert!(backend.requests().remove(0).to_lowercase().contains(&format!("host: backend.invalid:{port}\r\n")));

    let front = TlsFront::start_with(backend.url(), "backend.invalid", &[&TLS13], None).await;
    soon(F::read(&trusting::<F>(&front, found(&names)).unwrap())).await.unwrap();
    assert_eq!(names.asked().len(), 2);

    // An address is one already.
    F::read(&F::client(&format!("http://127.0.0.1:{port}"), found(&names)).unwrap()).await.unwrap();
    assert_eq!(names.asked().len(), 2);
}

async fn a_proxys_name_is_found_so_too<F: Facade>() {
    let backend = answering::<F>().await;
    let port = |url: &str| url.rsplit_once(':').unwrap().1.to_owned();
    let http = RawPeer::start(pass_on).await;
    let tunnel = RawPeer::start(|connection: Connection| async move {
        socks(connection, "ada", "hunter2").await;
    })
    .await;
    let backends = format!("http://backend.invalid:{}", port(backend.url()));
    for (proxy, url, asked) in [
        (format!("http://proxy.invalid:{}", port(&http.url())), backend.url(), &["proxy.invalid"][..]),
        (
            format!("socks5://ada:hunter2@proxy.invalid:{}", port(&tunnel.url())),
            &*backends,
            &["backend.invalid", "proxy.invalid"],
        ),
        (format!("socks5://ada:hunter2@proxy.invalid:{}", port(&tunnel.url())), backend.url(), &["proxy.invalid"]),
    ] {
        let names = Names::default();
        let settings = Settings { names: Some(names.clone()), proxy: Some(proxy), ..Settings::default() };
        soon(F::read(&F::client(url, settings).unwrap())).await.unwrap();
        assert_eq!(names.asked(), asked);
    }
}

async fn what_finds_no_address_is_told_and_nothing_was_sent<F: Facade>() {
    for (problem, told) in [("", "no address was found"), ("the registry is down", "the registry is down")] {
        let names = Names { problem: Some(problem), ..Names::default() };
        let settings = Settings { names: Some(names.clone()), ..Settings::default() };
        let error = expect_unsent::<F>(&F::client("http://backend.invalid:1", settings).unwrap()).await;
        assert!(error.line.contains(told), "{error:?}");
    }
}

async fn connections_are_what_the_program_opens<F: Facade>() {
    let backend = answering::<F>().await;
    let front = TlsFront::start_with(backend.url(), "backend.invalid", &[&TLS13], None).await;
    let proxy = RawPeer::start(pass_on).await;
    let root_certificates = vec![front.certificate().to_owned()];
    let direct = backend.url().strip_prefix("http://").unwrap();
    let behind = format!("127.0.0.1:{}", front.address().rsplit_once(':').unwrap().1);
    for (url, proxied, door, asked) in [
        ("http://backend.invalid", None, direct, ("backend.invalid", 80)),
        ("http://[2001:db8::1]:8042", None, direct, ("2001:db8::1", 8042)),
        ("https://backend.invalid", None, &*behind, ("backend.invalid", 443)),
        (backend.url(), Some("http://proxy.invalid:3128"), proxy.address(), ("proxy.invalid", 3128)),
    ] {
        let doors = Doors::to(door);
        let settings = Settings {
            doors: Some(doors.clone()),
            proxy: proxied.map(str::to_owned),
            root_certificates: root_certificates.clone(),
            ..Settings::default()
        };
        let client = F::client(url, settings).unwrap();
        soon(F::read(&client)).await.unwrap();
        assert_eq!(doors.asked(), [(asked.0.to_owned(), asked.1)], "{url}");
    }
    assert_eq!(backend.requests().len(), 4);
}

async fn what_the_program_can_not_open_is_told_and_nothing_was_sent<F: Facade>() {
    let doors = Doors { to: Err("the tunnel is shut"), asked: Arc::default() };
    let settings = Settings { doors: Some(doors), ..Settings::default() };
    let told = expect_unsent::<F>(&F::client("https://backend.invalid", settings).unwrap()).await;
    assert!(told.line.contains("the tunnel is shut"), "{told:?}");
}
