//! Runs: starting them, watching them, waiting for them.

mod create;
mod event;
mod list;
mod progress;
mod stream;
mod wait;

use agent_platform_core::resource;
use m8tes_web_backend_client::operations;

use crate::id::RunId;
use crate::model::Run;
use crate::scoped::Scoped;

pub use create::{CreateRun, StreamRun};
pub use event::{
    Block, Delta, Done, Failure, Gate, MessageRef, Metadata, RunEvent, RunMetrics, RunStreamEvent, SandboxConnected,
    SandboxConnecting, SandboxMetrics, Todos, ToolCall, ToolDelta, ToolRef, ToolResult,
};
pub use list::ListRuns;
pub use stream::RunStream;
pub use wait::WaitForRun;

resource! {
    /// Runs; from [`Client::runs`](crate::Client::runs).
    Runs
}

impl<'c> Runs<'c> {
    /// Starts a run with this message, and streams its work.
    ///
    /// ```no_run
    /// use futures::StreamExt;
    /// use m8tes_sdk::RunEvent;
    ///
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let mut run = client.runs().stream("close resolved tickets").await?;
    /// while let Some(event) = run.next().await.transpose()? {
    ///     if let RunEvent::TextDelta(text) = &event.kind {
    ///         print!("{text}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self, message: impl Into<String>) -> StreamRun<'c> {
        StreamRun::new(self.session, message.into())
    }

    /// Starts a run with this message, and returns as soon as m8tes has taken it. [`wait`](Self::wait) tells its end.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let run = client.runs().create("quarterly report").tools(["stripe"]).await?;
    /// let run = client.runs().wait(run.id).await?;
    /// println!("{}", run.output.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(self, message: impl Into<String>) -> CreateRun<'c> {
        CreateRun::new(self.session, message.into())
    }

    /// A run as it is now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the account has no such run, or if it is one of a user: see
    /// [`UserId`](crate::UserId).
    pub fn get(self, run: impl Into<RunId>) -> Scoped<'c, Run> {
        let run = run.into().get();
        Scoped::new(self.session, &operations::GET_RUN, async move |request, user| {
            let outcome = request.api.get_run(run, user.as_deref()).await;
            request.finish(outcome)
        })
    }

    /// The account's runs, the newest first: a page of them where it is awaited, or all as a stream.
    ///
    /// ```no_run
    /// use futures::TryStreamExt;
    ///
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let mut runs = client.runs().list().limit(100).into_stream();
    /// while let Some(run) = runs.try_next().await? {
    ///     println!("{} {}", run.id, run.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(self) -> ListRuns<'c> {
        ListRuns::new(self.session)
    }

    /// Waits until a run is over: it asks for the run every two seconds, for 300 seconds at the most, unless set.
    pub fn wait(self, run: impl Into<RunId>) -> WaitForRun<'c> {
        WaitForRun::new(self.session, run.into())
    }
}
