//! Who one is, and managed agents.

use mycel_sdk::{BindMount, Client};
use serde::Deserialize;

use super::outcome;
use crate::{
    clients::{
        Outcome,
        arguments::{Arguments, set},
    },
    problem::Problem,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mount {
    source: String,
    target: String,
    mode: Option<String>,
    #[serde(default)]
    read_only: bool,
}

pub async fn call(client: &Client, name: &str, given: &Arguments<'_>) -> Result<Option<Outcome>, Problem> {
    let text = |name| given.get::<String>(name);
    Ok(Some(match name {
        "backend_info" => outcome(client.backend_info().await.map(drop)),
        "auth.create_guest_owner" => {
            let mut request = client.auth().create_guest_owner();
            set!(request, given, "display_name" => display_name: String);
            outcome(request.await)
        }
        "auth.login" => outcome(client.auth().login(text("identifier")?, text("password")?).await.map(drop)),
        "auth.send_otp" => {
            outcome(client.auth().send_otp(text("email")?, text("password")?, text("invite_code")?).await)
        }
        "auth.verify_otp" => outcome(client.auth().verify_otp(text("email")?, text("token")?).await.map(drop)),
        "auth.complete_register" => {
            outcome(client.auth().complete_register(text("temp_token")?, text("invite_code")?).await.map(drop))
        }
        "users.create_external" | "auth.create_external_user" => {
            outcome(client.users().create_external(text("user_id")?, text("display_name")?).await)
        }
        "me.whoami" => outcome(client.me().whoami().await),
        "agents.list" => outcome(client.agents().list().await.map(drop)),
        "agents.create" => {
            let mut request = client.agents().create(text("name")?);
            set!(request, given, "description" => description: String);
            outcome(request.await.map(drop))
        }
        "threads.create" => create_thread(client, given).await?,
        _ => return Ok(None),
    }))
}

async fn create_thread(client: &Client, given: &Arguments<'_>) -> Result<Outcome, Problem> {
    let mut request = client.threads().create(given.get::<String>("managed_agent_id")?);
    set!(request, given,
        "sandbox" => sandbox: String,
        "sandbox_template_id" => sandbox_template: String,
        "existing_sandbox_id" => existing_sandbox: String,
        "cwd" => cwd: String,
        "model" => model: String,
        "agent" => agent: String,
    );
    for mount in given.maybe::<Vec<Mount>>("bind_mounts")?.unwrap_or_default() {
        let mut ours = BindMount::new(mount.source, mount.target);
        match mount.mode.as_deref() {
            None | Some("mount") => {}
            Some("copy") => ours = ours.copied(),
            Some(other) => return Err(Problem::new(format!("there is no mount of the mode {other}"))),
        }
        if mount.read_only {
            ours = ours.read_only();
        }
        request = request.bind_mount(ours);
    }
    Ok(outcome(request.await.map(drop)))
}
