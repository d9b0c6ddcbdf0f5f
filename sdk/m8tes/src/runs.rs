//! Runs: starting them, watching them, waiting for them.

mod and_wait;
mod ask;
mod create;
mod cut_off;
mod event;
mod files;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod list;
mod messages;
pub(crate) mod of_task;
mod progress;
mod reply;
mod retry;
mod stream;
mod told;
mod turn;
pub(crate) mod wait;

use agent_platform_core::{resource, scoped};
use m8tes_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::RunId;
use crate::model::{Answered, PermissionMode, PermissionRequest, Run, RunFile, RunOutcome};

pub use ask::{
    Answers, Ask, Decision, PlanRequest, Question, QuestionOption, QuestionRequest, Resolution, ToolRequest,
};
pub use create::{CreateRun, CreateRunAndWait, StreamRun};
pub use event::{
    Block, Delta, Done, Failure, Gate, MessageRef, Metadata, Rejoining, Rewritten, RunEvent, RunMetrics,
    RunStreamEvent, SandboxConnected, SandboxConnecting, SandboxMetrics, Todos, ToolCall, ToolDelta, ToolRef,
    ToolResult,
};
pub use files::DownloadFile;
pub use list::{ArchivedRuns, ListRuns, RunOrder};
pub use messages::RunMessages;
pub use reply::{ReplyToRun, ReplyToRunAndWait, StreamReply};
pub use retry::RetryRun;
pub use stream::{JoinRun, RunStream};
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
        StreamRun::new(self.session, create::Order::of(message.into()))
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
        CreateRun::new(self.session, create::Order::of(message.into()))
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

    /// Starts a run with this message, and waits for its end.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let run = client.runs().create_and_wait("quarterly report")
    ///     .human_in_the_loop(true)
    ///     .on_approval(async |tool| tool.allow())
    ///     .on_question(async |question| question.answer("Main"))
    ///     .await?;
    /// println!("{}", run.output.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A run that is not over in time is cancelled. So is one that nobody waits for any more, because the future was dropped:
    /// in a task of the tokio runtime, as long as that runs, for about a minute. If the program ends before that, the run
    /// goes on.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait); but the run is cancelled where its time was over. Where it came to an end at that very
    /// moment, it is returned.
    pub fn create_and_wait(self, message: impl Into<String>) -> CreateRunAndWait<'c> {
        CreateRunAndWait::new(self.session, create::Order::of(message.into()))
    }

    /// Replies to a run. One that is over goes on with it; to one that is at work it is handed when the turn is over, which
    /// the answer tells by its [`queued_message_id`](Run::queued_message_id).
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if files, tools or modes come with a reply to a run that is at work.
    pub fn reply(self, run: impl Into<RunId>, message: impl Into<String>) -> ReplyToRun<'c> {
        ReplyToRun::new(self.session, reply::Order::of(run.into(), message.into()))
    }

    /// Replies to a run, and streams its work: of the turn that is under way, where there is one.
    pub fn reply_stream(self, run: impl Into<RunId>, message: impl Into<String>) -> StreamReply<'c> {
        StreamReply::new(self.session, reply::Order::of(run.into(), message.into()))
    }

    /// Replies to a run, and waits for the end of that turn, as [`create_and_wait`](Self::create_and_wait) does. A reply that
    /// was queued behind another turn is not cancelled: it may be another's run.
    ///
    /// # Errors
    ///
    /// As for [`create_and_wait`](Self::create_and_wait), and [`Conflict`](crate::ErrorKind::Conflict) with the code
    /// `queued_message_cancelled` if the reply was taken out of the queue.
    pub fn reply_and_wait(self, run: impl Into<RunId>, message: impl Into<String>) -> ReplyToRunAndWait<'c> {
        ReplyToRunAndWait::new(self.session, reply::Order::of(run.into(), message.into()))
    }

    /// Waits until a run is over, and has what it asks decided in between: it asks for the run every two seconds, for 300
    /// seconds at the most, unless set.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client, id: m8tes_sdk::RunId) -> Result<(), m8tes_sdk::Error> {
    /// let run = client.runs().wait(id).on_approval(async |tool| tool.deny().reason("not on Fridays")).await?;
    /// # let _ = run;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TimedOut`](crate::ErrorKind::TimedOut) with the [run](crate::Error::run) as it was last, which goes on;
    /// [`NeedsPerson`](crate::ErrorKind::NeedsPerson) with the [request](crate::Error::permission_request) if it asks what
    /// nobody is there to decide; and what a look at the run or a decision is refused with. That the backend fails or can't
    /// be reached is waited out.
    pub fn wait(self, run: impl Into<RunId>) -> WaitForRun<'c> {
        WaitForRun::new(self.session, run.into(), true)
    }

    /// As [`wait`](Self::wait), but what the run asks is left to others.
    pub fn poll(self, run: impl Into<RunId>) -> WaitForRun<'c> {
        WaitForRun::new(self.session, run.into(), false)
    }

    /// The stream of a run that is at work, from its beginning on.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) with the code `run_not_active` if it is over: [`get`](Self::get) has it.
    pub fn join(self, run: impl Into<RunId>) -> JoinRun<'c> {
        JoinRun::new(self.session, run.into())
    }

    /// Tries a run again that has failed: a new run, whose `extra` has the old one's id as `retry_of_run_id`.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) with the code `retry_needs_confirmation` if it may do once more what the run
    /// has done already: see [`confirm`](RetryRun::confirm).
    pub fn retry(self, run: impl Into<RunId>) -> RetryRun<'c> {
        RetryRun::new(self.session, run.into())
    }

    /// What came out of a run, in short.
    pub async fn outcome(self, run: impl Into<RunId>) -> Result<RunOutcome, Error> {
        let request = self.session.request(&operations::GET_RUN_OUTCOME);
        let outcome = request.api.get_run_outcome(run.into().get()).await;
        request.finish(outcome)
    }

    /// The messages of a run, in their order.
    pub fn messages(self, run: impl Into<RunId>) -> RunMessages<'c> {
        RunMessages::new(self.session, run.into())
    }

    /// What a run has asked people; [`is_pending`](PermissionRequest::is_pending) is what waits. See
    /// [`PermissionRequest::ask`].
    pub async fn permissions(self, run: impl Into<RunId>) -> Result<Vec<PermissionRequest>, Error> {
        let request = self.session.request(&operations::LIST_RUN_PERMISSIONS);
        let outcome = request.api.list_run_permissions(run.into().get()).await;
        request.finish(outcome)
    }

    /// Decides what a run asks: with a [`Decision`] or with [`Answers`], which the request itself makes.
    ///
    /// # Errors
    ///
    /// As for [`approve`](Self::approve) and [`answer`](Self::answer).
    pub async fn resolve(self, run: impl Into<RunId>, resolution: impl Into<Resolution>) -> Result<(), Error> {
        match resolution.into() {
            Resolution::Decision(decision) => self.approve(run, decision).await.map(drop),
            Resolution::Answers(answers) => self.answer(run, answers).await.map(drop),
        }
    }

    /// Decides whether a tool may be used. The same decision again is fine.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) with the code `gate_resolved_otherwise` if somebody has decided otherwise,
    /// so that this was not done, or `gate_cancelled` if the run needs it no more; and
    /// [`Conflict`](crate::ErrorKind::Conflict) with `run_not_active` if the run is over.
    pub async fn approve(self, run: impl Into<RunId>, decision: Decision) -> Result<PermissionRequest, Error> {
        let request = self.session.request(&operations::APPROVE_RUN);
        let body = decision.body().map_err(|problem| request.refuse(problem))?;
        let outcome = request.api.approve_run(run.into().get(), &body).await;
        request.finish(outcome)
    }

    /// Answers the questions of a run.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if the run does not wait for an answer, or `auto_continued` if m8tes has
    /// answered by itself.
    pub async fn answer(self, run: impl Into<RunId>, answers: Answers) -> Result<Answered, Error> {
        let request = self.session.request(&operations::ANSWER_RUN);
        let body = answers.body().map_err(|problem| request.refuse(problem))?;
        let outcome = request.api.answer_run(run.into().get(), &body).await;
        request.finish(outcome)
    }

    /// Changes what a run may do without asking. `Autonomous` allows what waits to be allowed; questions still wait.
    pub async fn update_permission_mode(
        self,
        run: impl Into<RunId>,
        mode: PermissionMode,
    ) -> Result<PermissionMode, Error> {
        let request = self.session.request(&operations::UPDATE_RUN_PERMISSION_MODE);
        let permission_mode = turn::asked(mode).map_err(|problem| request.refuse(problem))?;
        let body = types::PermissionModeUpdate { permission_mode };
        let outcome = request.api.update_run_permission_mode(run.into().get(), &body).await;
        request.finish(outcome)
    }

    /// The files that a run has made.
    pub async fn list_files(self, run: impl Into<RunId>) -> Result<Vec<RunFile>, Error> {
        let request = self.session.request(&operations::LIST_RUN_FILES);
        let outcome = request.api.list_run_files(run.into().get()).await;
        request.finish(outcome)
    }

    /// A file that a run has made, by its name: into memory where it is awaited, or to a
    /// [writer](DownloadFile::to_writer).
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client, id: m8tes_sdk::RunId) -> Result<(), Box<dyn std::error::Error>> {
    /// for file in client.runs().list_files(id).await? {
    ///     let bytes = client.runs().download_file(id, &file.name).await?;
    ///     println!("{}: {} bytes", file.name, bytes.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Interrupted`](crate::ErrorKind::Interrupted) if it breaks off before its end, and
    /// [`ResponseTooLarge`](crate::ErrorKind::ResponseTooLarge) if it is larger than it may be in memory.
    pub fn download_file(self, run: impl Into<RunId>, name: impl Into<String>) -> DownloadFile<'c> {
        DownloadFile::new(self.session, run.into(), name.into())
    }
}

scoped! {
    Runs;
    /// A run as it is now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the account, or the user that it is asked for, has no such run.
    get(run: RunId) -> Run, GET_RUN, |request, user| request.api.get_run(run.get(), user).await;
    /// Cancels a run.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if it is over.
    cancel(run: RunId) -> Run, CANCEL_RUN, |request, user| request.api.cancel_run(run.get(), user).await;
}
