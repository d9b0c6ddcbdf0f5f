//! Files that are said along with a message.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

/// How much the files of one chat may hold together, in bytes. They are sent as a text that is a third longer.
pub(super) const LARGEST_FILES: usize = 64 << 20;

/// A file that goes along with a chat: its name, what kind of file it is, and what is in it.
///
/// ```no_run
/// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), Box<dyn std::error::Error>> {
/// use muxi_sdk::ChatFile;
///
/// let invoice = ChatFile::new("invoice.pdf", "application/pdf", std::fs::read("invoice.pdf")?);
/// let answer = formation.chat("What does it cost?").user("user_123").file(invoice).await?;
/// # let _ = answer;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ChatFile {
    name: String,
    content_type: String,
    content: Vec<u8>,
}

impl ChatFile {
    /// A file of this name, such as `invoice.pdf`, of this content type, such as `application/pdf`, with this in it: its very
    /// bytes, which the SDK writes as base64. All files of a chat may hold 64 MiB together.
    pub fn new(name: impl Into<String>, content_type: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content_type: content_type.into(), content: content.into() }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of file it is.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// What is in it.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    fn is_audio(&self) -> bool {
        self.content_type.strip_prefix("audio/").is_some_and(|kind| !kind.is_empty())
    }

    fn sent(&self) -> Map<String, Value> {
        let fields = [
            ("filename", Value::from(self.name.as_str())),
            ("content_type", Value::from(self.content_type.as_str())),
            ("size", Value::from(self.content.len())),
            ("content", Value::from(BASE64_STANDARD.encode(&self.content))),
        ];
        fields.map(|(field, value)| (field.to_owned(), value)).into_iter().collect()
    }
}

/// Shows how much is in it alone.
impl fmt::Debug for ChatFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatFile")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("bytes", &self.content.len())
            .finish()
    }
}

/// What is sent of these files, or why they can't be.
pub(super) fn sent(files: &[ChatFile]) -> Result<Vec<Map<String, Value>>, String> {
    check(files)?;
    Ok(files.iter().map(ChatFile::sent).collect())
}

/// What is wrong with them, if anything is.
fn check(files: &[ChatFile]) -> Result<(), String> {
    let bytes = files.iter().map(|file| file.content.len()).fold(0, usize::saturating_add);
    if bytes > LARGEST_FILES {
        return Err(format!("the files hold {bytes} bytes together; a chat takes {LARGEST_FILES} at the most"));
    }
    if let Some(file) = files.iter().find(|file| file.name.is_empty() || !file.content_type.contains('/')) {
        return Err(format!(
            "the file {:?} of content type {:?} needs a name, and a content type such as text/plain",
            file.name, file.content_type
        ));
    }
    Ok(())
}

/// What is sent where all of them have to be audio.
pub(super) fn sent_audio(files: &[ChatFile]) -> Result<Vec<Map<String, Value>>, String> {
    match files.iter().find(|file| !file.is_audio()) {
        Some(file) => Err(format!(
            "the file {:?} is of content type {:?}, which is no audio (audio/…); say it along with a chat instead",
            file.name, file.content_type
        )),
        None => sent(files),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_in_it_is_sent_as_base64() {
        let file = ChatFile::new("ä.bin", "application/octet-stream", b"\x00\xff>".as_slice());
        let expected =
            json!([{"filename": "ä.bin", "content_type": "application/octet-stream", "size": 3, "content": "AP8+"}]);
        assert_eq!((file.name(), file.content_type()), ("ä.bin", "application/octet-stream"));
        assert_eq!(file.content(), b"\x00\xff>");
        assert_eq!(json!(sent(std::slice::from_ref(&file)).unwrap()), expected);
        assert_eq!(
            format!("{file:?}"),
            r#"ChatFile { name: "ä.bin", content_type: "application/octet-stream", bytes: 3 }"#
        );
        assert_eq!(sent(&[]), Ok(Vec::new()));
    }

    #[test]
    fn what_can_not_be_sent_is_told() {
        let half = || ChatFile::new("a", "a/b", vec![0; LARGEST_FILES / 2]);
        let one_more = || ChatFile::new("b", "a/b", "x");
        assert_eq!(check(&[half(), half()]), Ok(()));
        assert!(sent(&[half(), half(), one_more()]).unwrap_err().contains("67108864 at the most"));
        for odd in [ChatFile::new("", "a/b", "x"), ChatFile::new("a", "", "x"), ChatFile::new("a", "text", "x")] {
            assert!(sent(&[odd]).is_err());
        }
        assert!(sent_audio(&[ChatFile::new("a.ogg", "audio/ogg", "x")]).is_ok());
        for odd in ["video/mp4", "audio/", "Audio/ogg", "audio", " audio/ogg"] {
            let error = sent_audio(&[ChatFile::new("a", odd, "x")]).unwrap_err();
            assert!(error.contains("is no audio"), "{error}");
        }
    }
}
