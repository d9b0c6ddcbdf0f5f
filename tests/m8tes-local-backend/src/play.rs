//! From a run's script to what the run tells, and to how it ends.

use std::sync::Arc;

use serde_json::json;

use crate::{
    app::App,
    live::Live,
    script::{Run, RunFailure, Turn},
    store::runs::{self, End},
};

/// Begins a turn of a run. It goes on whoever listens.
pub(crate) fn play(app: &App, turn: Turn) -> Arc<Live> {
    let (id, live) = (turn.id, Arc::new(Live::new()));
    live.tell(&json!({ "type": "metadata", "payload": { "run_id": id } }));
    let run = Run::new(turn, Arc::clone(&live), app.clone());
    let (app_of_run, closed) = (app.clone(), app.closing.closed());
    let script = tokio::spawn(async move {
        // A task of its own, so that a panic of a test's script is a failure of the run.
        let mut playing = tokio::spawn(play_as_asked(app_of_run.clone(), run.clone()));
        let _abort = AbortOnDrop(playing.abort_handle());
        let outcome = tokio::select! {
            outcome = &mut playing => outcome,
            () = closed => return,
        };
        let outcome = outcome.unwrap_or_else(|panicked| {
            Err(RunFailure::new(format!("The script of the run failed: {panicked}")).code("AGENT_RUNNER_DIED"))
        });
        end(&app_of_run, &run, outcome);
        if !app_of_run.before_queued.is_zero() {
            run.pause(app_of_run.before_queued).await;
        }
        take_up(&app_of_run, run.id());
    });
    app.runs.begin(id, Arc::clone(&live), script.abort_handle());
    live
}

/// Plays the script, where a plan comes first once that is approved.
async fn play_as_asked(app: App, run: Run) -> Result<(), RunFailure> {
    if run.is_in_mode("plan") && !run.propose_plan(format!("1. Do what is asked for: {}", run.message())).await {
        run.text("The plan was not approved.");
        return Ok(());
    }
    app.script.play(run).await
}

/// A script ends with the run that was cancelled.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn end(app: &App, run: &Run, outcome: Result<(), RunFailure>) {
    run.end_text();
    let told = run.told();
    let failure = outcome.err();
    let end = match failure.clone() {
        None => End { status: "completed", stop_reason: Some("end_turn"), told, ..End::default() },
        Some(RunFailure { message, code }) => {
            End { status: "failed", error: Some(message), error_code: code, told, ..End::default() }
        }
    };
    let ended = app.transact(|db| Ok(runs::end(db, run.id(), &end)?), |ended| ended.then(|| app.runs.end(run.id())));
    // It was cancelled in the meantime, or the database is closed: nobody listens any more.
    let Ok(Some(Some((live, _)))) = ended else { return };
    live.tell(&match failure {
        None => json!({
            "type": "done", "stop_reason": "end_turn", "completion_state": "complete", "unresolved_tool_use_ids": [],
        }),
        Some(RunFailure { message, code }) => json!({ "type": "error", "error": message, "error_code": code }),
    });
    live.finish();
}

/// Takes up the reply that has waited for the end of a run, if one has.
pub(crate) fn take_up(app: &App, id: i64) {
    // A database that is closed has no replies any more.
    let _ = app.transact(
        |db| {
            let Some(message) = runs::resume_queued(db, id)? else { return Ok(None) };
            Ok(Some(Turn::after(db, id, Some(message), Vec::new())?))
        },
        |turn| turn.map(|turn| play(app, turn)),
    );
}
