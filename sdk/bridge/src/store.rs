//! What the bridge remembers: the session of each chat, what waits to be answered, and what is in work.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mycel_sdk::{ChatId, MessageId, UserId};
use serde::{Deserialize, Serialize};

/// What the bridge remembers of all chats, in a file or in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Store {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    file: Option<PathBuf>,
    chats: BTreeMap<ChatId, ChatState>,
}

/// What the bridge remembers could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("what the bridge remembers could not be {what} ({path}: {source})")]
pub struct StoreError {
    what: &'static str,
    path: String,
    source: io::Error,
}

/// A chat.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ChatState {
    /// What the agent calls the conversation: a run of m8tes, a session of MUXI.
    pub(crate) session: Option<String>,
    /// The number of the last message that was taken in.
    pub(crate) seen: u64,
    /// What waits to be answered.
    pub(crate) queue: VecDeque<Asked>,
    /// What is in work.
    pub(crate) turn: Option<Turn>,
}

/// A message that is to be answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) id: MessageId,
    pub(crate) seq: u64,
    pub(crate) sender: UserId,
    pub(crate) text: String,
}

/// A message in work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub(crate) asked: Asked,
    /// The session that it was begun in, which every further attempt has to name, too.
    pub(crate) session: Option<String>,
    /// Whether that session is no more, so that the turn begins another.
    #[serde(default)]
    pub(crate) is_anew: bool,
    /// The number of the last message that belongs to it.
    pub(crate) said: u64,
    /// What people are asked.
    pub(crate) prompt: Option<Prompt>,
    /// The answer, from when it is known until it has certainly arrived.
    pub(crate) answer: Option<String>,
}

/// What people are asked in a turn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Prompt {
    /// By which the agent knows the request.
    pub(crate) id: String,
    /// The message that asks; `None` until it has certainly arrived.
    pub(crate) seq: Option<u64>,
    /// What was replied, where it says something.
    pub(crate) reply: Option<String>,
}

impl Store {
    /// One that is gone with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// One in a file, which is made where there is none.
    ///
    /// # Errors
    ///
    /// If there is something else, or if it can't be read.
    pub fn open(file: impl AsRef<Path>) -> Result<Self, StoreError> {
        let file = file.as_ref().to_owned();
        let chats = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed("read", &file, error.into()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(failed("read", &file, error)),
        };
        Ok(Self { inner: Arc::new(Mutex::new(Inner { file: Some(file), chats })) })
    }

    /// The chats in which something is left to do.
    pub(crate) fn unfinished(&self) -> Vec<ChatId> {
        let is_unfinished = |state: &ChatState| state.turn.is_some() || !state.queue.is_empty();
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.chats.iter().filter(|(_, state)| is_unfinished(state)).map(|(chat, _)| chat.clone()).collect()
    }

    pub(crate) fn get(&self, chat: &ChatId) -> ChatState {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.chats.get(chat).cloned().unwrap_or_default()
    }

    /// Changes what is remembered of a chat. When it returns, that is on the disk: it is little, and waited for.
    pub(crate) fn change<T>(&self, chat: &ChatId, change: impl FnOnce(&mut ChatState) -> T) -> Result<T, StoreError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(inner.chats.entry(chat.clone()).or_default());
        if let Some(file) = &inner.file {
            write(file, &inner.chats).map_err(|error| failed("written", file, error))?;
        }
        Ok(changed)
    }
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError { what, path: path.display().to_string(), source }
}

/// Replaces the file as a whole: whoever reads it finds the state before or the one after.
fn write(path: &Path, chats: &BTreeMap<ChatId, ChatState>) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec(chats)?)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
