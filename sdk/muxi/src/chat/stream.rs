//! The stream of a chat.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use agent_platform_core::{ErrorBody, EventStream, JsonOrEvents, Operation, Report, send_on_await};
use futures::{Stream, StreamExt};

use super::Turn;
use super::event::{ChatEvent, ChatStatus, ChatStreamEvent, Frame, Piece, Token};
use crate::error::{Error, ErrorKind};
use crate::id::{RequestId, SessionId};
use crate::model::{Artifact, Widget};
use crate::platform::{Formation, Session};

/// The request of [`ChatRequest::stream`](crate::ChatRequest::stream) and
/// [`AudioChatRequest::stream`](crate::AudioChatRequest::stream).
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct StreamChat<'c> {
    turn: Turn<'c>,
    silence: Option<Duration>,
}

impl<'c> StreamChat<'c> {
    pub(super) fn new(turn: Turn<'c>) -> Self {
        Self { turn, silence: None }
    }

    /// How long nothing at all may come before the stream counts as broken off. MUXI sends a sign of life each second, however
    /// long the turn takes. 60 seconds unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    async fn send(self) -> Result<ChatStream, Error> {
        let (session, operation) = (self.turn.session(), self.turn.operation());
        match self.turn.begin(true).await? {
            JsonOrEvents::Events(events) => {
                let events = match self.silence {
                    Some(limit) => events.silence(limit),
                    None => events,
                };
                Ok(ChatStream::new(session.clone(), operation, events))
            }
            JsonOrEvents::Json(_) => Err(session.malformed(operation, 200, "it is no stream, which was asked for")),
        }
    }
}

send_on_await!(StreamChat, ChatStream);

/// An answer as it comes, event by event: a [`Stream`], from [`ChatRequest::stream`](crate::ChatRequest::stream).
///
/// Its last event is [`Done`](ChatEvent::Done). A stream that ends without it ends with an error, and so does one whose turn
/// was broken off ([`TurnFailed`](ErrorKind::TurnFailed)). It can't be joined again: to start the chat anew is a new turn.
///
/// All pieces of [`Text`](ChatEvent::Text) since the last [`Reset`](ChatEvent::Reset) are the answer, whether MUXI told it in
/// pieces or whole. Dropping the stream closes the connection, and stops nothing in the formation.
#[must_use = "a stream does nothing unless it is read"]
pub struct ChatStream {
    session: Session,
    operation: &'static Operation,
    events: EventStream<Formation>,
    session_id: Option<SessionId>,
    request_id: Option<RequestId>,
    has_text: bool,
    is_over: bool,
    next: VecDeque<Result<ChatStreamEvent, Error>>,
}

/// What a whole stream told; from [`ChatStream::finish`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ChatOutcome {
    /// The answer.
    pub text: String,
    /// How the turn ended; `None` where it ended without an answer, because it failed or was cancelled.
    pub status: Option<ChatStatus>,
    /// What was made.
    pub artifacts: Vec<Artifact>,
    /// What a person is to be shown.
    pub widgets: Vec<Widget>,
    /// The conversation. Name it in the next chat to go on with it.
    pub session_id: Option<SessionId>,
    /// The turn.
    pub request_id: Option<RequestId>,
}

impl ChatStream {
    fn new(session: Session, operation: &'static Operation, events: EventStream<Formation>) -> Self {
        Self {
            session,
            operation,
            events,
            session_id: None,
            request_id: None,
            has_text: false,
            is_over: false,
            next: VecDeque::new(),
        }
    }

    /// The conversation, as soon as it is known: with the first token.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.session_id.as_ref()
    }

    /// The turn, as soon as it is known: with the first token.
    pub fn request_id(&self) -> Option<&RequestId> {
        self.request_id.as_ref()
    }

    /// Reads on to the end: the answer of all events that were not read before.
    ///
    /// ```no_run
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let outcome = formation.chat("Draw a chart").user("user_123").stream().await?.finish().await?;
    /// for artifact in outcome.artifacts {
    ///     println!("{}", artifact.filename.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What ends the stream with an error. A turn that failed in an orderly way is none: look at the outcome's status.
    pub async fn finish(mut self) -> Result<ChatOutcome, Error> {
        let mut outcome = ChatOutcome::default();
        while let Some(event) = self.next().await.transpose()? {
            match event.kind {
                ChatEvent::Text(text) => outcome.text.push_str(&text),
                ChatEvent::Reset => outcome.text.clear(),
                ChatEvent::Ui(widgets) => outcome.widgets.extend(widgets),
                ChatEvent::Completed(completed) => {
                    outcome.status = Some(completed.status);
                    outcome.artifacts = completed.artifacts;
                }
                _ => {}
            }
        }
        (outcome.session_id, outcome.request_id) = (self.session_id, self.request_id);
        Ok(outcome)
    }

    fn tell(&mut self, kind: ChatEvent) {
        let (session_id, request_id) = (self.session_id.clone(), self.request_id.clone());
        self.next.push_back(Ok(ChatStreamEvent { kind, session_id, request_id }));
    }

    fn text(&mut self, text: String) {
        if !text.is_empty() {
            self.has_text = true;
            self.tell(ChatEvent::Text(text));
        }
    }

    fn take_piece(&mut self, piece: Piece<'_>) {
        if let Some(id) =
            piece.session_id.filter(|id| self.session_id.as_ref().is_none_or(|known| known.as_str() != *id))
        {
            self.session_id = Some(id.into());
        }
        if let Some(id) =
            piece.request_id.filter(|id| self.request_id.as_ref().is_none_or(|known| known.as_str() != *id))
        {
            self.request_id = Some(id.into());
        }
        self.text(piece.content);
    }

    fn take(&mut self, frame: Frame) {
        match frame {
            Frame::Token { kind, session_id, request_id } => {
                self.session_id = session_id.or(self.session_id.take());
                self.request_id = request_id.or(self.request_id.take());
                self.take_token(kind);
            }
            Frame::Ui(widgets) => self.tell(ChatEvent::Ui(widgets)),
            Frame::Unknown(frame) => self.tell(ChatEvent::Other(frame)),
            Frame::Ignored => {}
            Frame::Done => {
                self.tell(ChatEvent::Done);
                self.is_over = true;
            }
            Frame::Raised { name, message } => {
                let [name, message] = [name, message].map(|told| self.session.without_secrets(told));
                let line = match message.is_empty() {
                    true => "the turn was broken off".to_owned(),
                    false => {
                        format!("the turn was broken off: {}", ErrorBody::of_text(&message).text().unwrap_or_default())
                    }
                };
                let body = ErrorBody::of_text(&message).with_code(&name);
                self.fail(ErrorKind::TurnFailed, line, body);
            }
        }
    }

    fn take_token(&mut self, token: Token) {
        match token {
            Token::Delta(delta) => self.text(delta),
            Token::Event(event) => self.tell(event),
            Token::Completed { completed, is_discontinuous } => {
                if is_discontinuous && self.has_text {
                    self.tell(ChatEvent::Reset);
                }
                if is_discontinuous || !self.has_text {
                    self.text(completed.text.clone());
                }
                self.tell(ChatEvent::Completed(completed));
            }
        }
    }

    fn fail(&mut self, kind: ErrorKind, line: String, body: ErrorBody) {
        let request_id = self.request_id.clone().map(|id| self.session.without_secrets(id.into()));
        let report = Report::new(kind, Some(self.operation), line);
        self.next.push_back(Err(Error::new(Report {
            attempts: 1,
            may_have_been_sent: true,
            status: Some(200),
            request_id,
            body,
            ..report
        })));
        self.is_over = true;
    }
}

impl Stream for ChatStream {
    type Item = Result<ChatStreamEvent, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        loop {
            if let Some(item) = stream.next.pop_front() {
                return Poll::Ready(Some(item));
            }
            if stream.is_over {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut stream.events).poll_next(context)) {
                Some(Ok(event)) => match Piece::read(&event.event, &event.data) {
                    Some(piece) => stream.take_piece(piece),
                    None => stream.take(Frame::read(&event.event, &event.data)),
                },
                Some(Err(error)) => {
                    stream.is_over = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let line = format!(
                        "the stream from {} ended before the answer did; the turn may go on",
                        stream.session.base_url()
                    );
                    stream.fail(ErrorKind::Interrupted, line, ErrorBody::default());
                }
            }
        }
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatStream")
            .field("session_id", &self.session_id)
            .field("request_id", &self.request_id)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
