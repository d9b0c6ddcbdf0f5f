//! What the bridge remembers: the session of each chat, what waits to be answered, and what is in work.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mycel_sdk::{ChatId, MessageId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the bridge remembers of all chats, in a file or in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Store {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    file: Option<PathBuf>,
    /// Locked for as long as the file is in use.
    _lock: Option<File>,
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
    /// What the last answer left to choose from.
    pub(crate) choices: Option<Choices>,
}

/// A message that is to be answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) id: MessageId,
    pub(crate) seq: u64,
    pub(crate) sender: UserId,
    pub(crate) text: String,
    /// Whether it was said in a group, where the agent hears what calls it.
    #[serde(default)]
    pub(crate) in_group: bool,
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
    /// Whether it was certainly begun.
    #[serde(default)]
    pub(crate) has_begun: bool,
    /// What the message may choose from.
    #[serde(default)]
    pub(crate) choices: Option<Choices>,
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
    /// How they are asked.
    #[serde(default)]
    pub(crate) text: String,
    /// The message that asks; `None` until it has certainly arrived.
    pub(crate) seq: Option<u64>,
    /// What was replied, whether or not it makes sense.
    pub(crate) reply: Option<String>,
}

/// What an answer left to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Choices {
    /// By which the agent knows them.
    pub(crate) id: String,
    /// Who was answered, and chooses.
    pub(crate) of: UserId,
    /// Whether several may be chosen.
    pub(crate) multi: bool,
    pub(crate) options: Vec<Choice>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// What the agent is told.
    pub(crate) value: Value,
    /// What people are shown.
    pub(crate) label: String,
}

impl Store {
    /// One that is gone with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// One in a file, which is made where there is none. Nobody but its owner may read it: it holds what was said and is not
    /// answered yet. It is one bridge's alone, for which a file beside it is locked, with `.lock` at its end.
    ///
    /// # Errors
    ///
    /// If there is something else, if it can't be read, or if it is another bridge's.
    pub fn open(file: impl AsRef<Path>) -> Result<Self, StoreError> {
        let file = file.as_ref().to_owned();
        let lock = lock(&file).map_err(|error| failed("locked", &file, error))?;
        let chats = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| failed("read", &file, misread(&error)))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(failed("read", &file, error)),
        };
        Ok(Self { inner: Arc::new(Mutex::new(Inner { file: Some(file), _lock: Some(lock), chats })) })
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

/// Where it is not what it should be. What people wrote may stand there, so it is not repeated.
fn misread(error: &serde_json::Error) -> io::Error {
    let place = format!("it is no state of a bridge, in line {}, column {}", error.line(), error.column());
    io::Error::new(io::ErrorKind::InvalidData, place)
}

fn failed(what: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError { what, path: path.display().to_string(), source }
}

/// The lock that goes with a file. It is given up when it is dropped, or its process ends.
fn lock(path: &Path) -> io::Result<File> {
    let lock = owners(&beside(path, ".lock"))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => io::Error::new(io::ErrorKind::WouldBlock, "another bridge uses it"),
        TryLockError::Error(error) => error,
    })?;
    Ok(lock)
}

/// Replaces the file as a whole: whoever reads it finds the state before or the one after, also when the machine stops.
fn write(path: &Path, chats: &BTreeMap<ChatId, ChatState>) -> io::Result<()> {
    let new = beside(path, ".new");
    let mut file = owners(&new)?;
    file.write_all(&serde_json::to_vec(chats)?)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // That it has another name now is kept by its folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// An empty file that its owner alone may read.
fn owners(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_bridges_alone_and_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.json");
        let first = Store::open(&file).unwrap();
        first.change(&ChatId::from("c"), |state| state.session = Some("7".to_owned())).unwrap();
        let refused = Store::open(&file).unwrap_err().to_string();
        assert!(refused.contains("state.json") && refused.contains("another bridge uses it"), "{refused}");
        drop(first);
        assert_eq!(Store::open(&file).unwrap().get(&ChatId::from("c")).session.as_deref(), Some("7"));
        #[cfg(unix)]
        for file in fs::read_dir(&folder).unwrap() {
            let mode = std::os::unix::fs::PermissionsExt::mode(&file.unwrap().metadata().unwrap().permissions());
            assert_eq!(mode & 0o077, 0);
        }
    }

    #[test]
    fn what_is_no_state_is_refused_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.json");
        fs::write(&file, r#"{"c": {"seen": "what Ada wrote"}}"#).unwrap();
        let refused = Store::open(&file).unwrap_err();
        assert!(refused.to_string().contains("line 1, column 31"), "{refused}");
        assert!(!format!("{refused} {refused:?}").contains("Ada"), "{refused:?}");
    }

    #[test]
    fn what_an_earlier_version_has_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state.json");
        let asked = r#"{"id": "m", "seq": 3, "sender": "ada", "text": "Hello"}"#;
        let turn = format!(r#"{{"asked": {asked}, "said": 3, "prompt": {{"id": "p", "seq": 4}}}}"#);
        fs::write(&file, format!(r#"{{"c": {{"session": "7", "seen": 3, "turn": {turn}}}}}"#)).unwrap();
        let store = Store::open(&file).unwrap();
        let turn = store.get(&ChatId::from("c")).turn.unwrap();
        assert!(!turn.has_begun && turn.prompt.unwrap().text.is_empty());
        assert_eq!(store.unfinished(), [ChatId::from("c")]);
    }
}
