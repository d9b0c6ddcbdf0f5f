//! An application outside of the workspace, which depends on the facade alone.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use mycel_tests::Application;

/// One that uses the SDK.
fn application(name: &str, main: &str) -> Application {
    with_dependencies(name, &[("mycel-sdk", "sdk/mycel")], main)
}

/// One that uses these crates of ours, each by its name and its folder, and no other but tokio.
fn with_dependencies(name: &str, crates: &[(&str, &str)], main: &str) -> Application {
    let mut dependencies: Vec<_> = crates.iter().map(|(package, folder)| Application::ours(package, folder)).collect();
    dependencies.push("tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }".to_owned());
    Application::new(name, &dependencies, main)
}

#[test]
fn it_compiles_and_can_name_nothing_that_is_generated() {
    let outside = application(
        "outside-application",
        r#"
        use mycel_sdk::{Client, Error, ErrorKind, Message};

        #[tokio::main]
        async fn main() -> Result<(), Error> {
            let client = Client::from_env()?;
            let guest = client.auth().create_guest_owner().display_name("Ada").await?;
            let owner = client.with_auth_token(guest.token);
            let codex = owner.users().create_external("codex-1", "Codex").await?;
            let agent = owner.with_auth_token(codex.token);
            let chat = agent.chats().ensure_direct(&guest.user.id).await?;
            // A call can be made in a task of its own.
            let sent: Message = tokio::spawn(async move { agent.messages().send(&chat.id, "hello").await })
                .await
                .expect("the task does not panic")?;
            match owner.messages().send(&sent.chat_id, "too early").await {
                Err(error) if error.kind() == ErrorKind::NotCaughtUp => println!("{error}"),
                other => println!("{other:?}"),
            }
            Ok(())
        }
        "#,
    );
    let output = outside.check();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // In the same folder, so that what is built already serves again.
    let forbidden = [
        "use mycel_web_backend_client::Client as A;",
        "use mycel_sdk::mycel_web_backend_client as B;",
        "use mycel_sdk::transport as C;",
        "use mycel_sdk::types as D;",
        "use mycel_sdk::operations as E;",
        "use mycel_sdk::request::Decode as F;",
        "use agent_platform_core::Transport as G;",
    ];
    let outside = application("outside-application", &format!("{}\nfn main() {{}}\n", forbidden.join("\n")));
    let output = outside.check();
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    for (index, line) in forbidden.iter().enumerate() {
        let place = format!("src/main.rs:{}:", index + 1);
        let refused = errors.lines().any(|error| error.starts_with(&place) && error.contains("error[E0"));
        assert!(refused, "`{line}` compiles:\n{errors}");
    }
}

/// The crates that an application compiles which depends on these of ours, each with its version.
fn compiled(name: &str, crates: &[(&str, &str)]) -> Vec<String> {
    let outside = with_dependencies(name, crates, "fn main() {}");
    let output =
        outside.cargo(&["tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"], &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    // A crate that was told of before has `(*)` behind it, one of a folder the folder.
    tree.lines().map(|line| line.split(" (").next().unwrap_or(line).to_owned()).collect()
}

#[test]
fn an_application_uses_all_sdks_at_once_and_compiles_one_engine() {
    let all = [("mycel-sdk", "sdk/mycel"), ("m8tes-sdk", "sdk/m8tes"), ("muxi-sdk", "sdk/muxi")];
    let outside = with_dependencies(
        "all-sdks",
        &all,
        r#"
        #[tokio::main]
        async fn main() -> Result<(), Box<dyn std::error::Error>> {
            let timeout = std::time::Duration::from_secs(5);
            let mycel = mycel_sdk::Client::builder("http://127.0.0.1:1").overall_timeout(timeout).build()?;
            let m8tes = m8tes_sdk::Client::builder("m8_x").base_url("http://127.0.0.1:1").overall_timeout(timeout).build()?;
            let muxi = muxi_sdk::FormationClient::direct("http://127.0.0.1:1").client_key("ck").overall_timeout(timeout);
            let muxi = muxi.build()?;
            let of_mycel = mycel.chats().list().await.err().map(|error| error.kind());
            let of_m8tes = m8tes.runs().get(m8tes_sdk::RunId::from(1)).await.err().map(|error| error.kind());
            let of_muxi = muxi.chat("Hello!").await.err().map(|error| error.kind());
            println!("{of_mycel:?} {of_m8tes:?} {of_muxi:?}");
            Ok(())
        }
        "#,
    );
    assert_eq!(outside.run(&[]), "Some(Connect) Some(Connect) Some(Connect)\n");
    for engine in ["agent-platform-core", "hyper", "rustls", "tokio"] {
        let mut versions = compiled("all-sdks", &all);
        versions.retain(|compiled| compiled.starts_with(&format!("{engine} ")));
        versions.sort_unstable();
        versions.dedup();
        assert_eq!(versions.len(), 1, "{engine}: {versions:?}");
    }
}

#[test]
fn an_sdk_compiles_no_other_platforms_transport_and_no_websockets_that_it_has_no_use_for() {
    let sdks = [
        (("mycel-sdk", "sdk/mycel"), "mycel-"),
        (("m8tes-sdk", "sdk/m8tes"), "m8tes-"),
        (("muxi-sdk", "sdk/muxi"), "muxi-"),
    ];
    for (sdk, own) in sdks {
        let compiled = compiled("one-sdk", &[sdk]);
        let mut transports: Vec<_> = compiled.iter().filter_map(|compiled| compiled.split(' ').next()).collect();
        transports.retain(|name| name.ends_with("-client") && sdks.iter().any(|(_, of)| name.starts_with(of)));
        assert!(!transports.is_empty() && transports.iter().all(|name| name.starts_with(own)), "{transports:?}");
        let has_websockets = compiled.iter().any(|compiled| compiled.starts_with("tungstenite "));
        assert_eq!(has_websockets, own == "mycel-", "{compiled:?}");
    }
}

#[test]
fn an_id_of_one_kind_does_not_stand_for_another() {
    let outside = application(
        "mixed-up-ids",
        "use mycel_sdk::{ChatId, Client, Message, UserId};\n\
         pub async fn mixed_up(client: &Client, chat: &ChatId, user: &UserId, message: &Message) {\n\
         let _ = client.chats().get(user).await;\n\
         let _ = client.chats().ensure_direct(chat).await;\n\
         let _ = client.messages().unread(&message.id).await;\n\
         let _ = client.chats().get(&message.chat_id).await;\n\
         }\n\
         fn main() {}\n",
    );
    let output = outside.check();
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = errors.lines().filter(|line| line.contains("error[E0277]")).collect();
    let refused = |number: usize| lines.iter().any(|line| line.starts_with(&format!("src/main.rs:{number}:")));
    assert!(refused(3) && refused(4) && refused(5) && !refused(6), "{errors}");
}

/// What is read one step off without serde_json's feature `float_roundtrip`.
const FLOAT: &str = "31.245270191439438";

#[test]
fn the_sdk_reads_a_float_as_it_was_written() {
    let main = r##"
        use std::io::{Read, Write};

        fn main() -> Result<(), Box<dyn std::error::Error>> {
            let backend = std::net::TcpListener::bind("127.0.0.1:0")?;
            let client = mycel_sdk::Client::builder(format!("http://{}", backend.local_addr()?)).build()?;
            let answering = std::thread::spawn(move || -> std::io::Result<()> {
                let (mut connection, _) = backend.accept()?;
                let _ = connection.read(&mut [0; 4096])?;
                let workflow = r#"{"chat_id":"c","kind":"k","state":"s","config":{"score":FLOAT},"state_version":0,"created_at":1.5}"#;
                write!(connection, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{workflow}", workflow.len())
            });
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let workflow = runtime.block_on(client.workflows().get("c"))?;
            print!("{}", workflow.config["score"]);
            answering.join().expect("the thread does not panic")?;
            Ok(())
        }
        "##;
    let outside = application("application-that-reads-a-float", &main.replace("FLOAT", FLOAT));
    assert_eq!(outside.run(&[]), FLOAT);
}

#[test]
fn the_local_backend_keeps_a_float_as_it_was_written() {
    let main = r##"
        use std::io::{Read, Write};

        fn ask(address: &str, method: &str, path: &str, token: &str, body: &str) -> std::io::Result<String> {
            let mut connection = std::net::TcpStream::connect(address)?;
            write!(
                connection,
                "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len(),
            )?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        }

        fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
            text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(found, _)| found)
        }

        #[tokio::main]
        async fn main() -> Result<(), Box<dyn std::error::Error>> {
            let backend = mycel_local_backend::start().await?;
            let address = backend.url().trim_start_matches("http://").to_owned();
            tokio::task::spawn_blocking(move || -> std::io::Result<()> {
                let guest = ask(&address, "POST", "/api/auth/guest", "", "{}")?;
                let token = between(&guest, "\"token\":\"", "\"");
                let chat = ask(&address, "POST", "/api/chats", token, r#"{"kind":"group","title":"t"}"#)?;
                let path = format!("/api/chats/{}/workflow", between(&chat, "\"id\":\"", "\""));
                ask(&address, "PUT", &path, token, r#"{"kind":"k","config":{"score":FLOAT}}"#)?;
                let workflow = ask(&address, "GET", &path, token, "")?;
                print!("{}", between(&workflow, "\"score\":", "}"));
                Ok(())
            })
            .await??;
            Ok(())
        }
        "##;
    let main = main.replace("FLOAT", FLOAT);
    let name = "application-with-a-local-backend";
    let local_backend = ("mycel-local-backend", "tests/mycel-local-backend");
    let outside = with_dependencies(name, &[local_backend], &main);
    assert_eq!(outside.run(&[]), FLOAT);
}
