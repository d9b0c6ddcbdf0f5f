//! Chats that are spoken.

use std::time::Duration;

use agent_platform_core::send_on_await;
use muxi_formation_client::{operations, types};

use super::{Begun, ChatFile, LONGEST_TURN, Turn, begin, file, turn};
use crate::error::Error;
use crate::id::UserId;
use crate::model::ChatAnswer;
use crate::platform::Session;

/// What is spoken to a formation; from [`FormationClient::audio_chat`](crate::FormationClient::audio_chat). Awaited, it is
/// answered whole, in writing.
///
/// ```no_run
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), Box<dyn std::error::Error>> {
/// use muxi_sdk::ChatFile;
///
/// let question = ChatFile::new("question.ogg", "audio/ogg", std::fs::read("question.ogg")?);
/// let answer = formation.audio_chat(question).user("user_123").await?;
/// println!("{}", answer.text().unwrap_or_default());
/// # Ok(())
/// # }
/// ```
///
/// All of its files have to be audio (`audio/…`), and at least one there; any other is refused before anything is sent. Beyond
/// that it is as a [`ChatRequest`](crate::ChatRequest), and begun once.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct AudioChatRequest<'c> {
    pub(super) session: &'c Session,
    user: Option<UserId>,
    longest: Duration,
    files: Vec<ChatFile>,
    body: types::AudioChatRequest,
}

turn!(AudioChatRequest);

impl<'c> AudioChatRequest<'c> {
    pub(crate) fn new(session: &'c Session, audio: ChatFile) -> Self {
        let body = types::AudioChatRequest {
            agent_id: None,
            files: Vec::new(),
            request_id: None,
            session_id: None,
            stream: None,
            user_id: None,
        };
        Self { session, user: None, longest: LONGEST_TURN, files: vec![audio], body }
    }

    pub(super) async fn begin(mut self, is_streamed: bool) -> Result<Begun, Error> {
        let request =
            begin(self.session, &operations::AUDIO_CHAT, (!is_streamed).then_some(self.longest), self.user.as_ref())?;
        self.body.files = file::sent_audio(&self.files).map_err(|problem| request.refuse(problem))?;
        self.body.stream = Some(is_streamed);
        let outcome = request.api.audio_chat(&self.body).await;
        request.finish_json_or_events(outcome)
    }
}

impl<'c> From<AudioChatRequest<'c>> for Turn<'c> {
    fn from(chat: AudioChatRequest<'c>) -> Self {
        Self::Audio(chat)
    }
}
