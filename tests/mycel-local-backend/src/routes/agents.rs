//! Managed agents and their threads. They are kept, listed and named; nothing runs them.

use axum::http::{Method, StatusCode};
use local_backend_kit::{CheckedRequest, python};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Handler::{Capable, Signed},
    Route,
};
use crate::{
    app::Work,
    auth::Capability,
    error::{Answer, Failure},
    store::{
        agents::{self, Agent},
        users::User,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/panel/agents", Signed(list_agents)),
    (Method::POST, "/api/panel/agents", Capable(Capability::CreateManagedAgent, create_agent)),
    (Method::POST, "/api/threads", Capable(Capability::UseSandbox, create_thread)),
];

/// The one sandbox that there is.
const SANDBOX: &str = "local";

fn list_agents(work: &mut Work<'_>, caller: &User, _: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Items {
        items: Vec<Agent>,
    }

    Answer::json(&Items { items: agents::of_owner(work.db, &caller.id)? })
}

fn create_agent(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        name: String,
        description: String,
    }

    #[derive(Serialize)]
    struct Created {
        #[serde(flatten)]
        agent: Agent,
        config: Value,
    }

    let Body { name, description } = call.body()?;
    let agent = agents::create(work.db, caller, &name, &description, "draft")?;
    let config = json!({
        "prompt": "",
        "rules": [],
        "tools": [],
        "mcpServers": [],
        "skills": [],
        "subAgents": [],
        "compact": { "trigger_tokens": null },
    });
    Answer::json(&Created { agent, config })
}

fn create_thread(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        agent_user_id: String,
        sandbox: String,
        sandbox_template_id: Option<String>,
        existing_sandbox_id: Option<String>,
    }

    #[derive(Serialize)]
    struct Thread {
        thread_id: String,
        sandbox: &'static str,
        agent_user_id: String,
        agent_name: String,
        branch_index: i64,
        sidebar_label: Option<String>,
        avatar_url: Option<String>,
        is_main: bool,
    }

    let body: Body = call.body()?;
    let agent = agents::find_owned(work.db, &caller.id, &body.agent_user_id)?;
    let agent = agent.ok_or_else(|| Failure::forbidden("Not authorized"))?;
    // There are no sandboxes to take up again, and no recipes to make one from.
    if body.existing_sandbox_id.is_some() {
        return Err(Failure::forbidden("Sandbox not authorized"));
    }
    match body.sandbox_template_id.as_deref().map(python::strip) {
        None => {}
        Some("") => return Err(Failure::bad_request("Recipe id is required")),
        Some(_) => return Err(Failure::bad_request("Recipe not found")),
    }
    if body.sandbox != SANDBOX {
        let error = json!({ "error": "sandbox_provider_unavailable", "provider": body.sandbox });
        return Err(Failure::Bare(StatusCode::BAD_REQUEST, error));
    }
    let branch_index = agents::add_thread(work.db, &agent.id)?;
    Answer::json(&Thread {
        thread_id: format!("{}-{}", agent.id, branch_index + 1),
        sandbox: SANDBOX,
        agent_user_id: agent.id,
        agent_name: agent.name,
        branch_index,
        sidebar_label: None,
        avatar_url: agent.avatar_url,
        is_main: branch_index == 0,
    })
}
