//! One conversation, turn by turn.

use uuid::Uuid;

use crate::chat::{AudioChatRequest, ChatFile, ChatRequest};
use crate::client::FormationClient;
use crate::events::StreamEvents;
use crate::id::SessionId;
use crate::sessions::ListSessionMessages;

/// A conversation: each chat goes on where the one before ended. From [`FormationClient::conversation`] and
/// [`FormationClient::session`].
///
/// ```no_run
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
/// let talk = formation.for_user("user_123").conversation();
/// talk.chat("My name is Ada").await?;
/// let answer = talk.chat("What is my name?").await?;
/// let id = talk.session_id(); // keep it, and go on another day: formation.session(id)
/// # let _ = (answer, id);
/// # Ok(())
/// # }
/// ```
///
/// Its id is known before the first turn, so it is the same conversation whatever becomes of that: also where an answer is lost,
/// or its turn moves to the background. Cloning is cheap, and a clone is of the same conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    formation: FormationClient,
    id: SessionId,
}

impl Conversation {
    pub(crate) fn new(formation: FormationClient, id: SessionId) -> Self {
        Self { formation, id }
    }

    /// One that nobody has had.
    pub(crate) fn begin(formation: FormationClient) -> Self {
        Self::new(formation, Uuid::new_v4().to_string().into())
    }

    /// Its id.
    pub fn session_id(&self) -> &SessionId {
        &self.id
    }

    /// Says this in it, as [`FormationClient::chat`].
    pub fn chat(&self, message: impl Into<String>) -> ChatRequest<'_> {
        self.formation.chat(message).session(self.id.clone())
    }

    /// Speaks this in it, as [`FormationClient::audio_chat`].
    pub fn audio_chat(&self, audio: ChatFile) -> AudioChatRequest<'_> {
        self.formation.audio_chat(audio).session(self.id.clone())
    }

    /// What was said in it so far, as [`Sessions::messages`](crate::Sessions::messages).
    pub fn messages(&self) -> ListSessionMessages<'_> {
        self.formation.sessions().messages(&self.id)
    }

    /// What happens in it, as it happens; see [`FormationClient::events`].
    pub fn events(&self) -> StreamEvents<'_> {
        self.formation.events().session(self.id.clone())
    }
}
