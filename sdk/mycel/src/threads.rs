//! The threads of managed agents.

use agent_platform_core::{resource, send_on_await};
use mycel_web_backend_client::{operations, types};

use crate::error::Error;
use crate::id::UserId;
use crate::model::Thread;
use crate::platform::Session;

resource! {
    /// The threads of managed agents; from [`Client::threads`](crate::Client::threads).
    Threads
}

impl<'c> Threads<'c> {
    /// Makes a thread of a managed agent: a run of it in a sandbox. An agent's first thread is its main one.
    ///
    /// Each call makes another one, so it is not repeated once it may have reached the backend.
    ///
    /// ```
    /// # async fn example(owner: mycel_sdk::Client, agent: mycel_sdk::UserId) -> Result<(), mycel_sdk::Error> {
    /// use mycel_sdk::BindMount;
    ///
    /// let thread = owner
    ///     .threads()
    ///     .create(&agent)
    ///     .cwd("/repo")
    ///     .bind_mount(BindMount::new("/srv/data", "/data").read_only())
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the agent is not the caller's, or there is none, or the
    ///   caller may not use the sandbox.
    /// - [`Rejected`](crate::ErrorKind::Rejected) if the sandbox's template is wrong, or if its provider is not
    ///   there or can't do what is asked for.
    /// - [`Conflict`](crate::ErrorKind::Conflict) if a quota is used up;
    ///   [`detail_object`](Error::detail_object) tells which.
    /// - [`NotFound`](crate::ErrorKind::NotFound) from a backend without managed agents.
    /// - What can befall any call.
    pub fn create(self, agent: impl Into<UserId>) -> CreateThread<'c> {
        let body = types::CreateThreadRequest {
            agent_user_id: agent.into().into(),
            sandbox: None,
            sandbox_template_id: None,
            existing_sandbox_id: None,
            cwd: None,
            model: None,
            agent: None,
            bind_mounts: None,
        };
        CreateThread { session: self.session, body }
    }
}

/// The request of [`Threads::create`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateThread<'c> {
    session: &'c Session,
    body: types::CreateThreadRequest,
}

impl CreateThread<'_> {
    /// The kind of sandbox that the thread runs in. `local` unless set.
    pub fn sandbox(mut self, kind: impl Into<String>) -> Self {
        self.body.sandbox = Some(kind.into());
        self
    }

    /// The template that the sandbox is made from.
    pub fn sandbox_template(mut self, id: impl Into<String>) -> Self {
        self.body.sandbox_template_id = Some(id.into());
        self
    }

    /// A sandbox that is there already, to run in that one.
    pub fn existing_sandbox(mut self, id: impl Into<String>) -> Self {
        self.body.existing_sandbox_id = Some(id.into());
        self
    }

    /// The working directory in the sandbox.
    pub fn cwd(mut self, path: impl Into<String>) -> Self {
        self.body.cwd = Some(path.into());
        self
    }

    /// The model to run on, in place of the agent's own.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.body.model = Some(name.into());
        self
    }

    /// The kind of agent program to run, in place of the backend's default.
    pub fn agent(mut self, name: impl Into<String>) -> Self {
        self.body.agent = Some(name.into());
        self
    }

    /// A folder to make visible in the sandbox; call it once for each.
    pub fn bind_mount(mut self, mount: BindMount) -> Self {
        self.body.bind_mounts.get_or_insert_default().push(mount.0);
        self
    }

    async fn send(self) -> Result<Thread, Error> {
        let request = self.session.request(&operations::CREATE_THREAD);
        let outcome = request.api.create_thread(&self.body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateThread, Thread);

/// A folder of the backend's machine that is made visible in a sandbox.
///
/// ```
/// use mycel_sdk::BindMount;
///
/// let data = BindMount::new("/srv/data", "/data").read_only();
/// let scratch = BindMount::new("/srv/template", "/work").copied();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a mount does nothing until a thread is made with it"]
pub struct BindMount(types::MountSpec);

impl BindMount {
    /// Mounts the folder `source`, writable, at `target` in the sandbox.
    pub fn new(source: impl Into<String>, target: impl Into<String>) -> Self {
        Self(types::MountSpec { source: source.into(), target: target.into(), mode: None, read_only: None })
    }

    /// Copies the folder into the sandbox instead of mounting it.
    pub fn copied(mut self) -> Self {
        self.0.mode = Some(types::MountSpecMode::Copy);
        self
    }

    /// Keeps the sandbox from writing to it.
    pub fn read_only(mut self) -> Self {
        self.0.read_only = Some(true);
        self
    }
}
