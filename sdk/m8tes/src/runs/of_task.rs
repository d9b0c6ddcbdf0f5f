//! Running a task.

use agent_platform_core::{Operation, says};
use m8tes_web_backend_client::{operations, types};

use super::turn::{Begins, Begun, turns, turns_problem};
use crate::id::{TaskId, UserId};
use crate::model::PermissionMode;
use crate::platform::Session;

/// What a task is run with.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    task: TaskId,
    body: types::TaskRun,
    user: Option<UserId>,
    idempotency_key: Option<String>,
    /// What is wrong with what was said.
    problem: Option<String>,
}

impl Order {
    pub(crate) fn of(task: TaskId) -> Self {
        let body = types::TaskRun {
            effort: None,
            feedback: None,
            history: None,
            human_in_the_loop: None,
            max_turns: None,
            memory: None,
            metadata: None,
            model: None,
            permission_mode: None,
            stream: false,
            task_setup_tools: None,
            user_id: None,
        };
        Self { task, body, user: None, idempotency_key: None, problem: None }
    }
}

impl Begins for Order {
    const OPERATION: &'static Operation = &operations::RUN_TASK;

    fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    async fn send(self, session: &Session, stream: bool) -> Begun {
        let Self { task, mut body, user, idempotency_key, problem } = self;
        let request = session.request(Self::OPERATION).with_idempotency_key(idempotency_key);
        if let Some(problem) = problem.or_else(|| turns_problem(body.max_turns)) {
            return Err(request.refuse(problem));
        }
        body.user_id = request.user(user.as_ref().map(UserId::as_str))?;
        body.stream = stream;
        let outcome = request.api.run_task(task.get(), &body).await;
        request.finish_json_or_events(outcome)
    }
}

/// What can be said of a run of a task.
macro_rules! runs_a_task {
    ($name:ident) => {
        impl $name<'_> {
            says! { [order.] scope user user [] /// The user of yours that it is for: with that user's memory, permissions and history.
            }
            says! { [order.] object metadata metadata [] /// What you keep with it: anything that serializes to a JSON object.
            }
            says! { [order.] flag memory memory [] /// Whether it knows what the teammate remembers. As the task is set unless said.
            }
            says! { [order.] flag history history [] /// Whether it knows the runs before it. As the task is set unless said.
            }
            says! { [order.] flag human_in_the_loop human_in_the_loop [] /// Whether it may ask people. The permission modes `Approval` and `Plan` need it.
            }
            says! { [order.] choice permission_mode permission_mode [PermissionMode] /// What it may do without asking.
            }
            says! { [order.] flag task_setup_tools task_setup_tools [] /// Whether it may set up tasks of its own. As the task is set unless said.
            }
            says! { [order.] flag feedback feedback [] /// Whether it may ask for feedback. As the task is set unless said.
            }
            says! { [order.] text model model [] /// The model that it works with. The task's unless set.
            }
            says! { [order.] text effort effort [] /// How hard that model thinks, by m8tes' own name.
            }
            says! { [order.] number max_turns max_turns [] /// How many turns the model may have: 1 to 2000.
            }

            /// By what m8tes knows that it is the same run, however often it is asked for: a key of your own, where the
            /// program may ask again after a restart. A fresh one unless set.
            pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
                self.order.idempotency_key = Some(key.into());
                self
            }
        }
    };
}

turns! {
    runs_a_task;
    /// The request of [`Tasks::run`](crate::tasks::Tasks::run).
    RunTask;
    /// The request of [`Tasks::run_stream`](crate::tasks::Tasks::run_stream).
    StreamTask;
    /// The request of [`Tasks::run_and_wait`](crate::tasks::Tasks::run_and_wait).
    RunTaskAndWait;
}
