//! From a run's script to what the run tells, and to how it ends.

use std::sync::Arc;

use serde_json::json;

use crate::{
    app::App,
    live::Live,
    script::{Asked, Run, RunFailure},
    store::runs::{self, End},
};

/// Begins a run. It goes on whoever listens.
pub(crate) fn play(app: &Arc<App>, asked: Asked) -> Arc<Live> {
    let (id, live) = (asked.id, Arc::new(Live::new()));
    live.tell(&json!({ "type": "metadata", "payload": { "run_id": id } }));
    let run = Run::new(asked, Arc::clone(&live));
    let (app_of_run, closed) = (Arc::clone(app), app.closing.closed());
    let script = tokio::spawn(async move {
        // A task of its own, so that a panic of a test's script is a failure of the run.
        let mut playing = tokio::spawn(app_of_run.script.play(run.clone()));
        let _abort = AbortOnDrop(playing.abort_handle());
        let outcome = tokio::select! {
            outcome = &mut playing => outcome,
            () = closed => return,
        };
        let outcome = outcome.unwrap_or_else(|panicked| {
            Err(RunFailure::new(format!("The script of the run failed: {panicked}")).code("AGENT_RUNNER_DIED"))
        });
        end(&app_of_run, &run, outcome);
    });
    app.runs.begin(id, Arc::clone(&live), script.abort_handle());
    live
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
    let output = run.output();
    let failure = outcome.err();
    let end = match &failure {
        None => End {
            status: "completed",
            output: Some(&output),
            error: None,
            error_code: None,
            stop_reason: Some("end_turn"),
        },
        Some(RunFailure { message, code }) => End {
            status: "failed",
            output: (!output.is_empty()).then_some(output.as_str()),
            error: Some(message),
            error_code: code.as_deref(),
            stop_reason: None,
        },
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
