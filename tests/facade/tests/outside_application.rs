//! An application outside of the workspace, which depends on the facade alone.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A crate in a folder of its own, with a path dependency on `mycel-sdk` and no other but tokio.
struct Application {
    dir: PathBuf,
}

impl Application {
    fn new(name: &str, main: &str) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(dir.join("src")).unwrap();
        let sdk = workspace.join("sdk/mycel");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             mycel-sdk = {{ path = {sdk:?} }}\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n"
        );
        fs::write(dir.join("Cargo.toml"), manifest).unwrap();
        // The versions that the workspace is tested with, which are there without a network.
        fs::copy(workspace.join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
        fs::write(dir.join("src/main.rs"), main).unwrap();
        Self { dir }
    }

    fn check(&self) -> Output {
        Command::new(env!("CARGO"))
            .args(["check", "--offline", "--message-format", "short"])
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
            .output()
            .unwrap()
    }
}

#[test]
fn it_compiles_and_can_name_nothing_that_is_generated() {
    let application = Application::new(
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
    let output = application.check();
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
    let application = Application::new("outside-application", &format!("{}\nfn main() {{}}\n", forbidden.join("\n")));
    let output = application.check();
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    for (index, line) in forbidden.iter().enumerate() {
        let place = format!("src/main.rs:{}:", index + 1);
        let refused = errors.lines().any(|error| error.starts_with(&place) && error.contains("error[E0"));
        assert!(refused, "`{line}` compiles:\n{errors}");
    }
}

#[test]
fn an_id_of_one_kind_does_not_stand_for_another() {
    let application = Application::new(
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
    let output = application.check();
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = errors.lines().filter(|line| line.contains("error[E0277]")).collect();
    let refused = |number: usize| lines.iter().any(|line| line.starts_with(&format!("src/main.rs:{number}:")));
    assert!(refused(3) && refused(4) && refused(5) && !refused(6), "{errors}");
}
