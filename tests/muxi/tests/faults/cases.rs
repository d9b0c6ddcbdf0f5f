//! The operations: how the formation is prepared for each, how it is called, and how its effects are counted.

mod people;
mod turns;

use futures::FutureExt;
use muxi_sdk::{Error, FormationClient, JobId, Schedule};
use test_harness::faults::Case;
use test_harness::{fresh, told};

pub use turns::{Turns, spoken};

/// What the calls are prepared with.
pub struct World {
    /// Goes directly to the formation.
    pub direct: FormationClient,
    /// What was said to the formation.
    pub turns: Turns,
}

/// A call.
fn call<T, F>(call: impl FnOnce(FormationClient) -> F + Send + 'static) -> Case<FormationClient>
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    Case::new(|client| call(client).map(|outcome| outcome.map(drop).map_err(|error| told!(error))))
}

/// Prepares a call of this subject.
pub async fn prepare(subject: &str, world: &World) -> Case<FormationClient> {
    let direct = &world.direct;
    match subject {
        "get_health" => call(async |client| client.health().await),
        "get_status" => call(async |client| client.status().await),
        "list_agents" => call(async |client| client.agents().list().await),
        "get_agent" => call(async |client| client.agents().get("helper").await),
        "stream_logs" => call(async |client| client.logs().user("cust").await),
        "stream_events" => call(async |client| client.events().user("cust").await),
        "stream_session_events" => call(async |client| client.events().user("cust").session("s").await),
        "list_sops" => call(async |client| client.sops().list().await),
        "get_sop" => call(async |client| client.sops().get("onboarding").await),
        "get_audit_log" => call(async |client| client.audit().list().limit(1).await),
        "clear_audit_log" => cleared_audit_log(direct),
        _ if subject.contains("credential") => people::of_credentials(subject, world).await,
        _ if subject.contains("user") => people::of_users(subject, world).await,
        _ if subject.contains("mcp") => of_mcp(subject),
        _ if subject.contains("job") => of_jobs(subject, direct).await,
        _ if subject.contains("secret") => of_secrets(subject, direct).await,
        _ if subject.contains("memory") || subject.contains("memories") || subject.contains("buffer") => {
            people::of_memories(subject, world).await
        }
        _ if subject.contains("session") || subject.contains("event") => people::of_sessions(subject, world).await,
        _ if subject.contains("chat") || subject.contains("trigger") || subject.contains("request") => {
            turns::prepare(subject, world).await
        }
        _ => of_configuration(subject),
    }
}

fn no_case(subject: &str) -> ! {
    panic!(
        "tests/muxi/tests/faults/cases has no case for {subject}: say how it is called, and how its effects are counted"
    )
}

fn of_configuration(subject: &str) -> Case<FormationClient> {
    match subject {
        "get_config" => call(async |client| client.configuration().summary().await),
        "get_formation" => call(async |client| client.configuration().formation().await),
        "get_overlord" => call(async |client| client.configuration().overlord().await),
        "get_overlord_soul" => call(async |client| client.configuration().overlord_soul().await),
        "get_llm_settings" => call(async |client| client.configuration().llm().await),
        "get_async_config" => call(async |client| client.configuration().background().await),
        "get_a2a_config" => call(async |client| client.configuration().a2a().await),
        "get_logging_config" => call(async |client| client.configuration().logging().await),
        "list_logging_destinations" => call(async |client| client.configuration().logging_destinations().await),
        "get_scheduler_config" => call(async |client| client.configuration().scheduler().await),
        _ => no_case(subject),
    }
}

fn of_mcp(subject: &str) -> Case<FormationClient> {
    match subject {
        "list_mcp_servers" => call(async |client| client.mcp().servers().await),
        "get_mcp_server" => call(async |client| client.mcp().server("web-search").await),
        "get_mcp_settings" => call(async |client| client.mcp().settings().await),
        "list_mcp_tools" => call(async |client| client.mcp().tools().await),
        _ => no_case(subject),
    }
}

/// Each time that it is cleared, that alone is in it. So what was in it before says whether that was another time.
fn cleared_audit_log(direct: &FormationClient) -> Case<FormationClient> {
    let direct = direct.clone();
    call(async |client| client.audit().clear().await).leaves_in_memory(async move {
        let entries = direct.audit().list().action("audit.cleared").await.unwrap();
        entries.first().map_or(0, |entry| 1 + entry.data["previous_entries_count"].as_i64().unwrap())
    })
}

async fn of_jobs(subject: &str, direct: &FormationClient) -> Case<FormationClient> {
    const OF_JOBS: &str = "SELECT count(*) FROM things WHERE kind = 'job'";
    let every_morning = || Schedule::cron("0 9 * * *");
    let message = fresh("report");
    let parameters = [message.clone()];
    if subject == "create_job" {
        return call(async move |client| client.jobs().create(message, every_morning()).await)
            .leaves(format!("{OF_JOBS} AND body ->> 'original_prompt' = ?"), parameters);
    }
    let id = direct.jobs().create(fresh("summary"), every_morning()).await.unwrap().id;
    let is = |status: &str| [id.to_string(), status.to_owned()];
    let has_status = format!("{OF_JOBS} AND id = ? AND body ->> 'status' = ?");
    let (paused, active) = (is("PAUSED"), is("ACTIVE"));
    match subject {
        "list_jobs" => call(async |client| client.jobs().list().await),
        "get_job" => call(async move |client| client.jobs().get(id).await),
        "update_job" => call(async move |client| client.jobs().update(id).message(message).await)
            .leaves(format!("{OF_JOBS} AND body ->> 'original_prompt' = ?"), parameters),
        "delete_job" => {
            let parameters = [id.to_string()];
            call(async move |client| client.jobs().delete(id).await)
                .leaves("SELECT count(*) = 0 FROM things WHERE kind = 'job' AND id = ?", parameters)
        }
        "pause_job" => call(async move |client| client.jobs().pause(id).await).leaves(has_status, paused),
        "resume_job" => {
            let job: JobId = id.clone();
            direct.jobs().pause(job).await.unwrap();
            call(async move |client| client.jobs().resume(id).await).leaves(has_status, active)
        }
        _ => no_case(subject),
    }
}

async fn of_secrets(subject: &str, direct: &FormationClient) -> Case<FormationClient> {
    const VALUE: &str = "SELECT count(*) FROM secrets WHERE name = ? AND value = 'another'";
    let name = fresh("token").to_uppercase().replace('-', "_");
    let parameters = [name.clone()];
    if subject == "create_secret" {
        return call(async move |client| client.secrets().set(name, "another").await).leaves(VALUE, parameters);
    }
    direct.secrets().set(name.clone(), "one").await.unwrap();
    match subject {
        "list_secrets" => call(async |client| client.secrets().list().await),
        "reload_secrets" => call(async |client| client.secrets().reload().await),
        "update_secret" => {
            call(async move |client| client.secrets().set(name, "another").await).leaves(VALUE, parameters)
        }
        "delete_secret" => call(async move |client| client.secrets().delete(name).await)
            .leaves("SELECT count(*) = 0 FROM secrets WHERE name = ?", parameters),
        _ => no_case(subject),
    }
}
