//! Requests: turns, as they can be looked up.

use std::time::Duration;

use agent_platform_core::{Report, for_user, resource, scoped, send_on_await};
use muxi_formation_client::operations;
use tokio::time::{sleep, timeout};

use crate::error::{Error, ErrorKind};
use crate::id::{RequestId, UserId};
use crate::model::{Cancellation, RequestState, RequestStatus};
use crate::platform::Session;

resource! {
    /// The turns that chats and triggers have begun; from [`FormationClient::requests`](crate::FormationClient::requests). They
    /// take either key; with the client key, a user. MUXI forgets one five minutes after its end.
    Requests
}

scoped! {
    Requests;
    /// Those of the user that the call is made for; without a user all there are, which takes the admin key.
    list() -> Vec<RequestState>, LIST_REQUESTS, |request, _user| request.api.list_requests(None).await;
    /// One of them, with what has come of it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if there is none, or none any more; [`Forbidden`](ErrorKind::Forbidden) if it is
    /// another user's.
    get(id: RequestId) -> RequestState, GET_REQUEST, |request, _user| {
        request.api.get_request(request.segment(&id)?, None).await
    };
    /// Has it stop: at once, or at its next step. One that is cancelled already may be cancelled again.
    ///
    /// # Errors
    ///
    /// [`Rejected`](ErrorKind::Rejected) if it is over, with the code `OPERATION_FAILED`; and as [`get`](Self::get).
    cancel(id: RequestId) -> Cancellation, CANCEL_REQUEST, |request, _user| {
        request.api.cancel_request(request.segment(&id)?, None).await
    };
}

impl<'c> Requests<'c> {
    /// Follows it until it is [over](RequestStatus::is_over), such as a turn that has moved to the background.
    ///
    /// ```no_run
    /// use muxi_sdk::ChatReply;
    ///
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let formation = formation.for_user("user_123");
    /// let answer = formation.chat("Read all of it").request_id("reading-1").await?;
    /// if let ChatReply::Background(_) = answer.reply {
    ///     let turn = formation.requests().wait("reading-1").await?;
    ///     println!("{}: {}", turn.status, turn.text().unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What passes in between is waited out, such as a formation that is restarted.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](ErrorKind::TimedOut) if it is not over in time, and as [`get`](Self::get). That the turn itself failed is no
    /// error: its [status](RequestState::status) says so.
    pub fn wait(self, request: impl Into<RequestId>) -> WaitForRequest<'c> {
        let (interval, timeout) = (Duration::from_secs(1), Duration::from_secs(300));
        WaitForRequest { session: self.session, request: request.into(), user: None, interval, timeout }
    }
}

/// The request of [`Requests::wait`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct WaitForRequest<'c> {
    session: &'c Session,
    request: RequestId,
    user: Option<UserId>,
    interval: Duration,
    timeout: Duration,
}

for_user!(WaitForRequest);

impl WaitForRequest<'_> {
    /// How long it waits between two looks. One second unless set.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long it waits in all. 300 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn send(self) -> Result<RequestState, Error> {
        let session =
            self.user.as_ref().map_or_else(|| self.session.clone(), |user| self.session.for_user(user.as_str()));
        let mut last: Option<RequestStatus> = None;
        let looking = async {
            loop {
                let look = Requests::new(&session).get(&self.request);
                match look.await {
                    Ok(turn) if turn.status.is_over() => return Ok(turn),
                    Ok(turn) => last = Some(turn.status),
                    Err(error) if error.is_retryable() => {}
                    Err(error) => return Err(error),
                }
                sleep(self.interval).await;
            }
        };
        let Ok(outcome) = timeout(self.timeout, looking).await else {
            let state = last.map_or_else(|| "nothing was heard of it".to_owned(), |status| format!("it is {status}"));
            let line = format!("request {:?} was not over within {:?}: {state}", self.request.as_str(), self.timeout);
            return Err(Error::new(Report::new(ErrorKind::TimedOut, Some(&operations::GET_REQUEST), line)));
        };
        outcome
    }
}

send_on_await!(WaitForRequest, RequestState);
