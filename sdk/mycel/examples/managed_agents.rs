//! A person registers, makes a managed agent and writes to it.
//!
//! ```sh
//! cargo run -p mycel-sdk --example managed_agents
//! ```
//!
//! With nothing set up it starts a backend in its own process, which takes fixed codes in place of an e-mail.
//! With `MYCEL_BASE_URL` set it logs in there with `MYCEL_LOGIN` and `MYCEL_PASSWORD`.

use std::env;
use std::error::Error;

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend};
use mycel_sdk::{AccountSession, Client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Kept until the end: dropping it stops the backend.
    let local: Option<LocalBackend>;
    let (client, session) = if env::var_os("MYCEL_BASE_URL").is_none() {
        let backend = mycel_local_backend::start().await?;
        let client = Client::builder(backend.url()).build()?;
        local = Some(backend);
        register(&client, "ada@example.com", "correct horse").await?;
        let session = client.auth().login("ada@example.com", "correct horse").await?;
        (client, session)
    } else {
        local = None;
        let client = Client::from_env()?;
        let offers = client.backend_info().await?.capabilities;
        if !(offers.login && offers.managed_agents) {
            println!("{} has no managed agents: nothing to show.", client.base_url());
            return Ok(());
        }
        let login = env::var("MYCEL_LOGIN").map_err(|_| "set MYCEL_LOGIN and MYCEL_PASSWORD to an account there")?;
        let session = client.auth().login(login, env::var("MYCEL_PASSWORD")?).await?;
        (client, session)
    };
    let place = if local.is_some() { "a local backend, in this process" } else { client.base_url() };
    println!("{} is logged in to {place}.\n", session.user.name);
    let ada = client.with_auth_token(session.token);

    let agent = ada.agents().create("Chanterelle").description("Knows the mushrooms of the north").await?.summary;
    println!("── Managed agents ──");
    for agent in ada.agents().list().await? {
        println!("{:<12}  {:<7}  {}", agent.name, agent.status, agent.description);
    }

    println!("\n── Threads of {} ──", agent.name);
    for cwd in ["/forest", "/kitchen"] {
        let thread = ada.threads().create(&agent.id).cwd(cwd).await?;
        let place = if thread.is_main { "the main one" } else { "a branch" };
        println!("{}  in sandbox {:?}: {place}", thread.id, thread.sandbox);
    }

    let chat = ada.chats().ensure_direct(&agent.id).await?;
    let question = format!("@{} which of these can I eat?", agent.name);
    let sent = ada.messages().send(&chat.id, question).mention(&agent.id).await?;
    println!("\n{}: {}", sent.sender_name, sent.content);
    Ok(())
}

/// Three steps: a code is sent by e-mail, is shown to have arrived, and the account is made.
async fn register(client: &Client, email: &str, password: &str) -> Result<AccountSession, mycel_sdk::Error> {
    let auth = client.auth();
    auth.send_otp(email, password, DEFAULT_INVITE_CODE).await?;
    let temp_token = auth.verify_otp(email, DEFAULT_ONE_TIME_CODE).await?;
    auth.complete_register(temp_token, DEFAULT_INVITE_CODE).await
}
