//! Bodies of several parts, as forms with files have them (RFC 7578).

use bytes::Bytes;
use http::HeaderValue;
use uuid::Uuid;

/// A body of several parts. It is made whole before it is sent, so that each attempt of a call sends the same.
///
/// ```
/// use agent_platform_core::Multipart;
///
/// let form = Multipart::new().text("title", "A report").file("file", "report.pdf", "application/pdf", "%PDF-1.7")?;
/// # Ok::<(), agent_platform_core::NotAMediaType>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Multipart {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    head: String,
    content: Bytes,
}

/// A text is no media type, such as `application/pdf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no media type, such as application/pdf")]
pub struct NotAMediaType;

impl Multipart {
    /// A body without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        let head = format!("Content-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
        self.parts.push(Part { head, content: Bytes::from(value.into()) });
        self
    }

    /// Adds a file: its field's name, its own, its media type, and what it holds.
    ///
    /// # Errors
    ///
    /// Where `media_type` is none.
    pub fn file(
        mut self,
        name: &str,
        file_name: &str,
        media_type: &str,
        content: impl Into<Bytes>,
    ) -> Result<Self, NotAMediaType> {
        let is_part = |character: char| character == ' ' || character.is_ascii_graphic();
        if !media_type.contains('/') || media_type.trim() != media_type || !media_type.chars().all(is_part) {
            return Err(NotAMediaType);
        }
        let (name, file_name) = (quoted(name), quoted(file_name));
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: {media_type}\r\n\r\n"
        );
        self.parts.push(Part { head, content: content.into() });
        Ok(self)
    }

    /// The body's `Content-Type` and its bytes.
    pub fn into_body(self) -> (HeaderValue, Bytes) {
        let boundary = boundary();
        let mut pieces: Vec<&[u8]> = Vec::new();
        for Part { head, content } in &self.parts {
            pieces.extend([b"--", boundary.as_bytes(), b"\r\n", head.as_bytes(), content, b"\r\n"]);
        }
        pieces.extend([b"--", boundary.as_bytes(), b"--\r\n"]);
        let body = Bytes::from(pieces.concat());
        let content_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
        // A boundary is letters and digits.
        (content_type.unwrap_or_else(|_| HeaderValue::from_static("multipart/form-data")), body)
    }
}

/// A text that stands in none of the parts: whoever wrote them can't have known it, and it has 122 random bits.
fn boundary() -> String {
    format!("part{}", Uuid::new_v4().simple())
}

/// A name as browsers write it between quotes.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body with `B` for the boundary.
    fn body(form: Multipart) -> String {
        let (content_type, body) = form.into_body();
        let content_type = content_type.to_str().unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        assert!(boundary.len() >= 20 && boundary.chars().all(|character| character.is_ascii_alphanumeric()));
        String::from_utf8(body.to_vec()).unwrap().replace(boundary, "B")
    }

    #[test]
    fn parts_come_one_after_the_other() {
        let form =
            Multipart::new().text("title", "Ä\r\nb").file("file", "a.txt", "text/plain; charset=utf-8", "--x").unwrap();
        assert_eq!(
            body(form),
            "--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nÄ\r\nb\r\n\
             --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n--x\r\n--B--\r\n"
        );
        assert_eq!(body(Multipart::new()), "--B--\r\n");
    }

    #[test]
    fn a_name_stays_within_its_quotes() {
        let form = Multipart::new().text("a\"\r\nX: y", "").file("b", "\"; name=\"c\n", "a/b", "").unwrap();
        let body = body(form);
        assert!(body.contains("name=\"a%22%0D%0AX: y\"\r\n"), "{body}");
        assert!(body.contains("filename=\"%22; name=%22c%0A\"\r\n"), "{body}");
    }

    /// A name of any file is one parameter of one header: it stays within its quotes, and can be read again.
    #[test]
    fn hostile_names_are_names() {
        for name in [
            "..",
            "../../etc/passwd",
            "/etc/passwd",
            "C:\\boot.ini",
            "\\\\host\\share",
            "CON",
            "NUL.txt",
            "aux",
            "COM1",
            "",
            " ",
            ".",
            "a\0b",
            "-rf",
            "~root",
            "a;b=c",
            "a\"; filename=\"b",
            "a\r\n\r\n--B--\r\n",
            "a\rb",
            "a\nb",
            "日本.txt",
            "ä\u{202e}txt.exe",
            "e\u{301}",
            "\u{feff}",
            "%22",
        ] {
            let body = body(Multipart::new().file("file", name, "text/plain", "content").unwrap());
            let head = body.split("\r\n\r\n").next().unwrap();
            let lines: Vec<_> = head.split("\r\n").collect();
            assert_eq!(lines.len(), 3, "{name:?}: {body:?}");
            let kept = lines[1].strip_prefix("Content-Disposition: form-data; name=\"file\"; filename=\"").unwrap();
            let kept = kept.strip_suffix('"').unwrap();
            assert!(!kept.contains(['"', '\r', '\n']), "{name:?}: {kept:?}");
            let read = kept.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
            assert!(read == name || name == "%22", "{name:?}: {kept:?}");
            assert!(body.ends_with("\r\n\r\ncontent\r\n--B--\r\n"), "{body:?}");
        }
    }

    #[test]
    fn what_is_no_media_type_is_refused() {
        for media_type in ["", "pdf", "a/b\r\nX: y", "a/b\n", " a/b", "a/ä"] {
            assert_eq!(Multipart::new().file("a", "b", media_type, "").unwrap_err(), NotAMediaType, "{media_type:?}");
        }
    }

    #[test]
    fn each_attempt_sends_the_same() {
        let (_, bytes) = Multipart::new().text("a", "b").into_body();
        let mut request = reqwest::Request::new(http::Method::POST, "http://a/".parse().unwrap());
        *request.body_mut() = Some(bytes.clone().into());
        let again = request.try_clone().unwrap();
        assert_eq!(again.body().and_then(reqwest::Body::as_bytes), Some(&bytes[..]));
    }

    #[test]
    fn each_form_has_a_boundary_of_its_own() {
        let content_type = || Multipart::new().into_body().0;
        assert_ne!(content_type(), content_type());
    }
}
