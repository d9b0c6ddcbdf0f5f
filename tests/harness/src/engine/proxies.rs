//! Proxies: used where they are asked for; their errors are told as theirs, and their credentials go to nobody else.

use std::process::{Command, Stdio};

use tokio::sync::mpsc::unbounded_channel;

use super::{Facade, Retry, SECRET, Settings, Told};
use crate::{Connection, Peer, RawPeer, Reply, TlsFront, Trace, no_server, pass_on, socks, soon};

/// `ada:hunter2` as basic authentication has it.
const BASIC: &str = "Basic YWRhOmh1bnRlcjI=";

super::suite! { $ proxies:
    a_request_over_http_is_handed_to_the_proxy
    over_https_the_proxy_makes_a_tunnel_and_sees_nothing
    a_proxy_can_be_spoken_to_over_tls
    a_certificate_that_nobody_knows_is_refused_unless_it_is_added
    a_socks_proxy_makes_a_tunnel_for_everything
    a_proxy_that_wants_credentials_is_told_as_that_and_asked_once
    where_the_proxy_makes_no_tunnel_nothing_was_sent
    a_proxy_that_is_not_there
    what_a_proxy_could_not_pass_on_may_have_been_sent
    the_credentials_of_a_proxy_are_printed_by_nothing
    a_url_that_is_no_proxys_is_refused_before_anything_is_sent
    the_environment_is_used_where_it_is_asked_for
}

fn with_credentials(proxy: &RawPeer, scheme: &str) -> String {
    format!("{scheme}://ada:hunter2@{}", proxy.address())
}

/// A client that goes through this proxy.
fn through<F: Facade>(proxy: impl Into<String>, url: &str) -> F::Client {
    F::client(url, Settings { proxy: Some(proxy.into()), ..Settings::default() }).unwrap()
}

/// A client that trusts these certificates, and goes through this proxy if there is one.
fn trusting<F: Facade>(proxy: Option<String>, certificates: &[&str], url: &str) -> Result<F::Client, Box<Told>> {
    let root_certificates = certificates.iter().map(|pem| (*pem).to_owned()).collect();
    F::client(url, Settings { proxy, root_certificates, ..Settings::default() })
}

/// A value of a header, in a request as it came.
fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    let mut lines = request.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A proxy that answers everything so.
async fn refusing(answer: &'static str) -> RawPeer {
    RawPeer::start(move |mut connection: Connection| async move {
        connection.request().await;
        connection.send(format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")).await;
    })
    .await
}

/// The first line of the call that may be repeated, to this place.
fn first_line<F: Facade>(place: &str) -> String {
    format!("{} {place}{} HTTP/1.1\r\n", F::READ.method, F::READ.path)
}

/// A backend that answers the call that may be repeated.
async fn answering<F: Facade>() -> Peer {
    Peer::start([Reply::json("200 OK", F::READ.answer)]).await
}

/// The errors of the call that may be repeated and of the one that may not.
async fn errors<F: Facade>(client: &F::Client) -> [Box<Told>; 2] {
    [soon(F::read(client)).await.unwrap_err(), soon(F::write(client)).await.unwrap_err()]
}

/// Expects a request that shows its secret, and no credentials of a proxy.
#[track_caller]
fn expect_for_the_backend(request: &str) {
    assert_eq!(header(request, "proxy-authorization"), None);
    assert!(request.contains(SECRET), "{request}");
}

async fn a_request_over_http_is_handed_to_the_proxy<F: Facade>() {
    let backend = answering::<F>().await;
    let proxy = RawPeer::start(pass_on).await;
    let client = through::<F>(with_credentials(&proxy, "http"), &format!("{}/base", backend.url()));
    F::read(&client).await.unwrap();
    let asked = proxy.requests().remove(0);
    assert!(asked.starts_with(&first_line::<F>(&format!("{}/base", backend.url()))), "{asked}");
    assert_eq!(header(&asked, "proxy-authorization"), Some(BASIC));
    let answered = backend.requests().remove(0);
    assert!(answered.starts_with(&first_line::<F>("/base")), "{answered}");
    expect_for_the_backend(&answered);
}

async fn over_https_the_proxy_makes_a_tunnel_and_sees_nothing<F: Facade>() {
    let backend = answering::<F>().await;
    let front = TlsFront::start(backend.url()).await;
    let proxy = RawPeer::start(pass_on).await;
    let client = trusting::<F>(Some(with_credentials(&proxy, "http")), &[front.certificate()], front.url()).unwrap();
    soon(F::read(&client)).await.unwrap();
    let answered = backend.requests().remove(0);
    assert!(answered.starts_with(&first_line::<F>("")), "{answered}");
    expect_for_the_backend(&answered);
    let asked = proxy.requests();
    let target = front.url().strip_prefix("https://").unwrap();
    assert!(asked[0].starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{asked:?}");
    assert_eq!(header(&asked[0], "proxy-authorization"), Some(BASIC));
    assert!(!asked.concat().contains(SECRET) && asked.len() == 1, "{asked:?}");
}

async fn a_proxy_can_be_spoken_to_over_tls<F: Facade>() {
    let backend = answering::<F>().await;
    let behind_tls = TlsFront::start(backend.url()).await;
    let proxy = RawPeer::start(pass_on).await;
    let front = TlsFront::start(&proxy.url()).await;
    for (url, method) in [(backend.url(), F::READ.method), (behind_tls.url(), "CONNECT")] {
        let through = front.url().replace("https://", "https://ada:hunter2@");
        let certificates = [front.certificate(), behind_tls.certificate()];
        let client = trusting::<F>(Some(through), &certificates, url).unwrap();
        soon(F::read(&client)).await.unwrap();
        let asked = proxy.requests().pop().unwrap();
        assert!(asked.starts_with(&format!("{method} ")), "{asked}");
        assert_eq!(header(&asked, "proxy-authorization"), Some(BASIC));
    }
}

async fn a_certificate_that_nobody_knows_is_refused_unless_it_is_added<F: Facade>() {
    let backend = answering::<F>().await;
    let front = TlsFront::start(backend.url()).await;
    let told = soon(F::write(&trusting::<F>(None, &[], front.url()).unwrap())).await.unwrap_err();
    assert_eq!((told.kind.as_str(), told.may_have_been_sent), ("Connect", false), "{told:?}");
    assert!(told.line.to_lowercase().contains("certificate"), "{told:?}");

    let another = TlsFront::start(backend.url()).await;
    let known = [another.certificate().trim_end(), front.certificate()];
    soon(F::read(&trusting::<F>(None, &known, front.url()).unwrap())).await.unwrap();

    let pem = |text: &str| format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    for (wrong, problem) in [
        (String::new(), "the root certificates can't be read"),
        ("nonsense".to_owned(), "the root certificates can't be read"),
        (pem("n.o.t base64"), "the root certificates can't be read"),
        (pem("bm9uc2Vuc2U="), "TLS could not be set up (invalid peer certificate"),
    ] {
        let told = trusting::<F>(None, &[&wrong], front.url()).unwrap_err();
        assert!(told.is_refused() && told.line.contains(problem), "{wrong}: {told:?}");
    }
}

async fn a_socks_proxy_makes_a_tunnel_for_everything<F: Facade>() {
    let backend = answering::<F>().await;
    for (scheme, expected) in [("socks5", 1), ("socks5h", 3)] {
        let (sender, mut kinds) = unbounded_channel();
        let proxy = RawPeer::start(move |connection| {
            let sender = sender.clone();
            async move { sender.send(socks(connection, "ada", "hunter2").await).unwrap() }
        })
        .await;
        // By name, which the one looks up itself, and the other leaves to the proxy.
        let by_name = backend.url().replace("127.0.0.1", "localhost");
        {
            let client = through::<F>(with_credentials(&proxy, scheme), &by_name);
            soon(F::read(&client)).await.unwrap();
        }
        assert_eq!(soon(kinds.recv()).await, Some(expected), "{scheme}");
    }
    let asked = backend.requests();
    assert_eq!(asked.len(), 2);
    for request in asked {
        assert!(request.starts_with(&first_line::<F>("")), "{request}");
        expect_for_the_backend(&request);
    }
}

async fn a_proxy_that_wants_credentials_is_told_as_that_and_asked_once<F: Facade>() {
    for backend in ["http://backend.invalid", "https://backend.invalid"] {
        for (credentials, problem) in [("", "wants a user name"), ("ada:hunter2@", "does not accept its user name")] {
            let proxy = refusing("407 Proxy Authentication Required").await;
            let client = through::<F>(format!("http://{credentials}{}", proxy.address()), backend);
            for told in errors::<F>(&client).await {
                assert_eq!((told.kind.as_str(), told.status), ("ProxyCredentials", Some(407)), "{told:?}");
                assert_eq!((told.attempts, told.may_have_been_sent), (1, false), "{told:?}");
                assert!(told.line.contains(&format!("the proxy {} {problem}", proxy.url())), "{told:?}");
            }
            assert_eq!(proxy.requests().len(), 2, "{backend}");
        }
    }
    // A proxy that nobody set.
    let peer = Peer::start([Reply::http("407 Proxy Authentication Required", "", "")]).await;
    let told = F::read(&F::client(peer.url(), Settings::default()).unwrap()).await.unwrap_err();
    assert_eq!(told.kind, "ProxyCredentials");
    assert!(told.line.contains("a proxy before"), "{told:?}");
}

async fn where_the_proxy_makes_no_tunnel_nothing_was_sent<F: Facade>() {
    for answer in ["403 Forbidden", "502 Bad Gateway", "503 Service Unavailable", "200"] {
        let proxy = refusing(answer).await;
        // After a tunnel that was promised, there is no TLS.
        let client = through::<F>(with_credentials(&proxy, "http"), "https://backend.invalid");
        for told in errors::<F>(&client).await {
            assert_eq!((told.kind.as_str(), told.status), ("Connect", None), "{answer}: {told:?}");
            assert_eq!((told.attempts, told.may_have_been_sent), (3, false), "{answer}: {told:?}");
            let line = told.line;
            let through = format!("https://backend.invalid{} through the proxy {}", F::BASE_PATH, proxy.url());
            assert!(line.contains(&through), "{line}");
        }
        let asked = proxy.requests();
        assert!(asked.iter().all(|request| request.starts_with("CONNECT backend.invalid:443 ")), "{asked:?}");
    }
}

async fn a_proxy_that_is_not_there<F: Facade>() {
    let gone = no_server();
    for backend in ["http://backend.invalid", "https://backend.invalid"] {
        for told in errors::<F>(&through::<F>(&gone, backend)).await {
            assert_eq!((told.kind.as_str(), told.may_have_been_sent), ("Connect", false), "{told:?}");
            assert!(told.line.contains(&format!("through the proxy {gone} (")), "{told:?}");
        }
    }
}

async fn what_a_proxy_could_not_pass_on_may_have_been_sent<F: Facade>() {
    for answer in ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"] {
        let proxy = refusing(answer).await;
        let [read, written] = errors::<F>(&through::<F>(proxy.url(), "http://backend.invalid")).await;
        assert_eq!((read.attempts, written.attempts), (3, 1), "{answer}");
        assert_eq!((written.kind.as_str(), written.may_have_been_sent), ("Unavailable", true), "{written:?}");
        assert_eq!(proxy.requests().len(), 4, "{answer}");
        let hint = format!("perhaps it is the proxy {} that says so", proxy.url());
        assert!(read.line.contains(&hint), "{read:?}");
    }
    // A backend's own words need no such guess.
    let backend = Peer::start([Reply::json("403 Forbidden", r#"{"detail":"Not a member"}"#)]).await;
    let proxy = RawPeer::start(pass_on).await;
    let told = F::read(&through::<F>(proxy.url(), backend.url())).await.unwrap_err();
    assert_eq!(told.detail.as_deref(), Some("Not a member"));
    assert!(!told.line.contains("proxy"), "{told:?}");
}

async fn the_credentials_of_a_proxy_are_printed_by_nothing<F: Facade>() {
    let trace = Trace::record();
    let mut printed = String::new();
    for answer in ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "HTTP"] {
        for backend in ["http://backend.invalid", "https://backend.invalid"] {
            for scheme in ["http", "socks5h"] {
                let proxy = match scheme {
                    "http" => refusing(answer).await,
                    _ => RawPeer::start(async |mut connection: Connection| connection.send([5, 0xff]).await).await,
                };
                let client = through::<F>(with_credentials(&proxy, scheme), backend);
                printed += &format!("{client:?} {client:#?}");
                for told in errors::<F>(&client).await {
                    printed += &told.printed;
                }
            }
        }
    }
    printed += &trace.text();
    assert!(printed.contains(F::WRITE.operation), "the trace was recorded: {printed}");
    for secret in ["hunter2", "ada:", BASIC, "YWRhOmh1bnRlcjI"] {
        assert!(!printed.contains(secret), "{secret} is in: {printed}");
    }
}

async fn a_url_that_is_no_proxys_is_refused_before_anything_is_sent<F: Facade>() {
    for (url, problem) in [
        ("socks4://ada:hunter2@proxy.example", "http, https, socks5 and socks5h"),
        ("http://ada:hunter2@", "can't be read"),
        ("http://proxy.example/hunter2", "a path"),
        ("", "can't be read"),
    ] {
        let settings = Settings { proxy: Some(url.to_owned()), ..Settings::default() };
        let told = F::client("http://backend.invalid", settings).unwrap_err();
        assert!(
            told.is_refused() && told.printed.contains(problem) && !told.printed.contains("hunter2"),
            "{url}: {told:?}"
        );
    }
}

/// Set in the process that [`the_environment_is_used_where_it_is_asked_for`] starts of itself.
const CHILD: &str = "TEST_HARNESS_PROXY_CHILD";

/// What the process with proxies in its environment does: a call for each way to build a client.
async fn make_calls<F: Facade>(backend: &str) {
    let never = || Settings { retry: Retry::Never, ..Settings::default() };
    let call = async |path: &str, settings: Settings| {
        drop(F::read(&F::client(&format!("{backend}{path}"), settings).unwrap()).await);
    };
    call("/direct", never()).await;
    drop(F::read(&F::client_from_env().unwrap()).await);
    call("/asked-for", Settings { proxy_from_env: true, ..never() }).await;
    let explicit = std::env::var("EXPLICIT_PROXY").unwrap();
    call("/explicit", Settings { proxy_from_env: true, proxy: Some(explicit), ..never() }).await;
}

async fn the_environment_is_used_where_it_is_asked_for<F: Facade>() {
    if let Ok(backend) = std::env::var(CHILD) {
        return make_calls::<F>(&backend).await;
    }
    let bases = |requests: Vec<String>| -> Vec<String> {
        let targets = requests.iter().map(|request| request.split(' ').nth(1).unwrap());
        targets.map(|target| target.strip_suffix(F::READ.path).unwrap().to_owned()).collect()
    };
    for (variables, exceptions, uses_proxy) in [
        (["http_proxy", "HTTP_PROXY"], "", true),
        (["ALL_PROXY", "all_proxy"], "10.0.0.0/8", true),
        (["http_proxy", "all_proxy"], "127.0.0.1", false),
        (["HTTP_PROXY", "HTTPS_PROXY"], "*", false),
        (["https_proxy", "HTTPS_PROXY"], "", false),
    ] {
        let backend = answering::<F>().await;
        let proxy = RawPeer::start(pass_on).await;
        let explicit = RawPeer::start(pass_on).await;
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "proxies::the_environment_is_used_where_it_is_asked_for"]);
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"] {
            child.env_remove(name);
        }
        child.envs(variables.map(|name| (name, with_credentials(&proxy, "http"))));
        child.env("NO_PROXY", exceptions).env_remove("REQUEST_METHOD").env(F::SECRET_VARIABLE, SECRET);
        child.env(F::BASE_URL_VARIABLE, format!("{}/from-env", backend.url()));
        child.env(CHILD, backend.url()).env("EXPLICIT_PROXY", explicit.url()).stdin(Stdio::null());
        let outcome = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
        assert!(outcome.status.success(), "{outcome:?}");

        let through = |path: &str| format!("{}{path}", backend.url());
        let expected = if uses_proxy { vec![through("/asked-for")] } else { Vec::new() };
        assert_eq!(bases(proxy.requests()), expected, "{variables:?} but {exceptions:?}");
        assert_eq!(bases(explicit.requests()), [through("/explicit")]);
        let asked = backend.requests();
        assert!(asked.iter().all(|request| header(request, "proxy-authorization").is_none()), "{asked:?}");
        assert_eq!(bases(asked), ["/direct", "/from-env", "/asked-for", "/explicit"]);
    }
}
