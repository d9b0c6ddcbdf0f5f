//! Forms of several parts (RFC 7578): a text of JSON, and files.

use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{
    refusal::Refusal,
    validation::{Issue, Problem, Step},
};

/// The part that holds the JSON.
const PAYLOAD: &str = "payload";

/// The parts that hold the files.
const FILES: &str = "files";

/// A file that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its media type, as it was declared.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Reads a form: the text of its JSON, and its files.
///
/// # Errors
///
/// If it is no form, or has not what it has to have: the JSON, a file or more, and a name and a type of each.
pub(crate) fn read_form(headers: &HeaderMap, body: &[u8]) -> Result<(Vec<u8>, Vec<Upload>), Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(Refusal::Invalid(vec![missing(PAYLOAD, &[])]));
    }
    let boundary = parameter(parameters, "boundary").ok_or(Refusal::Unreadable)?;
    let parts = parts(body, &boundary).ok_or(Refusal::Unreadable)?;

    let (mut payload, mut files, mut issues) = (None, Vec::new(), Vec::new());
    for part in parts {
        match part.name.as_str() {
            PAYLOAD => payload = Some(part.bytes.to_vec()),
            FILES => {
                let index = Step::Index(files.len());
                if part.file_name.is_none() {
                    issues.push(missing(FILES, &[index.clone(), Step::Name("filename".to_owned())]));
                }
                if part.content_type.is_none() {
                    issues.push(missing(FILES, &[index, Step::Name("content-type".to_owned())]));
                }
                let (name, content_type) = (part.file_name.unwrap_or_default(), part.content_type.unwrap_or_default());
                files.push(Upload { name, content_type, bytes: part.bytes.to_vec() });
            }
            other => issues.push(Issue { problem: Problem::UnknownField, place: place(other), input: Value::Null }),
        }
    }
    if files.is_empty() {
        issues.push(missing(FILES, &[]));
    }
    match payload {
        Some(payload) if issues.is_empty() => Ok((payload, files)),
        Some(_) => Err(Refusal::Invalid(issues)),
        None => {
            issues.push(missing(PAYLOAD, &[]));
            Err(Refusal::Invalid(issues))
        }
    }
}

fn place(part: &str) -> Vec<Step> {
    vec![Step::Name("body".to_owned()), Step::Name(part.to_owned())]
}

fn missing(part: &str, further: &[Step]) -> Issue {
    let place = [place(part).as_slice(), further].concat();
    Issue { problem: Problem::Missing, place, input: Value::Null }
}

/// A part of a form.
struct Part<'b> {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    bytes: &'b [u8],
}

/// The parts between the boundaries, or nothing if they are not as they should be.
fn parts<'b>(body: &'b [u8], boundary: &str) -> Option<Vec<Part<'b>>> {
    let dashes = format!("--{boundary}");
    let delimiter = format!("\r\n{dashes}");
    let (_, mut rest) = match body.strip_prefix(dashes.as_bytes()) {
        Some(rest) => (&[][..], rest),
        None => cut(body, delimiter.as_bytes())?,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (padding, after) = cut(rest, b"\r\n")?;
        if !padding.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return None;
        }
        let (part, after) = cut(after, delimiter.as_bytes())?;
        let (head, bytes) = cut(part, b"\r\n\r\n")?;
        parts.push(read_part(std::str::from_utf8(head).ok()?, bytes)?);
        rest = after;
    }
    Some(parts)
}

fn read_part<'b>(head: &str, bytes: &'b [u8]) -> Option<Part<'b>> {
    let header = |wanted: &str| {
        let mut headers = head.split("\r\n").filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let (_, disposition) = header("content-disposition")?.split_once(';')?;
    let content_type = header("content-type").map(str::to_owned);
    let file_name = parameter(disposition, "filename");
    Some(Part { name: parameter(disposition, "name")?, file_name, content_type, bytes })
}

/// What comes before the first `delimiter`, and after it.
fn cut<'b>(bytes: &'b [u8], delimiter: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let start = bytes.windows(delimiter.len()).position(|window| window == delimiter)?;
    let (before, rest) = bytes.split_at_checked(start)?;
    Some((before, rest.get(delimiter.len()..)?))
}

/// A parameter of a header: `name=value`, `name="value"`, or as RFC 8187 has it `name*=utf-8''value`, which is preferred.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let (mut plain, mut rest) = (None, parameters.trim_start());
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', '\t', ';']);
        let (value, remaining) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (value, remaining) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), remaining)
            }
        };
        if name.strip_suffix('*').is_some_and(|name| name.eq_ignore_ascii_case(wanted)) {
            let (charset, value) = value.split_once('\'').and_then(|(charset, rest)| {
                let (_language, value) = rest.split_once('\'')?;
                Some((charset, value))
            })?;
            let decoded = percent_decode_str(value).decode_utf8().ok()?;
            return charset.eq_ignore_ascii_case("utf-8").then(|| decoded.into_owned());
        }
        if name.eq_ignore_ascii_case(wanted) {
            plain = Some(value);
        }
        rest = remaining;
    }
    plain
}

/// A quoted text without its quotes, as browsers and mailers escape it, and what comes after it.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let (mut text, mut characters) = (String::new(), quoted.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let text = text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n");
                return Some((text, quoted.get(at + 1..)?));
            }
            '\\' => text.push(characters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<(Vec<u8>, Vec<Upload>), Refusal> {
        let content_type = "multipart/form-data; boundary=\"b 1\"".parse().unwrap();
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);
        read_form(&headers, body.as_bytes())
    }

    fn form(parts: &[&str]) -> String {
        let parts: String = parts.iter().map(|part| format!("--b 1\r\n{part}\r\n")).collect();
        format!("{parts}--b 1--\r\n")
    }

    const PAYLOAD_PART: &str = "Content-Disposition: form-data; name=\"payload\"\r\n\r\n{}";

    #[test]
    fn a_form_is_its_json_and_its_files() {
        let file = |name: &str| {
            format!(
                "content-disposition: form-data; name=files; {name}\r\nContent-Type: text/csv\r\n\r\na\r\n--b 2\r\n"
            )
        };
        for (parameter, name) in [
            ("filename=\"a;=b.csv\"", "a;=b.csv"),
            ("filename=\"a \\\"b\\\" %22.csv\"", "a \"b\" \".csv"),
            ("filename=\"a.csv\"; filename*=utf-8''%C3%A4.csv", "ä.csv"),
            ("filename=a.csv", "a.csv"),
        ] {
            let (payload, files) = read(&form(&[PAYLOAD_PART, &file(parameter)])).unwrap();
            assert_eq!(payload, b"{}");
            let bytes = b"a\r\n--b 2\r\n".to_vec();
            assert_eq!(files, [Upload { name: name.to_owned(), content_type: "text/csv".to_owned(), bytes }]);
        }
    }

    #[test]
    fn what_a_form_lacks_is_told_by_its_place() {
        let file = "Content-Disposition: form-data; name=\"files\"; filename=\"a\"\r\nContent-Type: text/csv\r\n\r\n";
        let nameless = "Content-Disposition: form-data; name=\"files\"\r\n\r\n";
        let other = "Content-Disposition: form-data; name=\"more\"\r\n\r\n";
        for (parts, problems) in [
            (&[PAYLOAD_PART][..], "body.files: Field required"),
            (&[file], "body.payload: Field required"),
            (&[PAYLOAD_PART, file, other], "body.more: Extra inputs are not permitted"),
            (
                &[PAYLOAD_PART, file, nameless],
                "body.files.1.filename: Field required body.files.1.content-type: Field required",
            ),
        ] {
            let Err(Refusal::Invalid(issues)) = read(&form(parts)) else { panic!("{parts:?}") };
            let told: Vec<_> = issues.iter().map(ToString::to_string).collect();
            assert_eq!(told.join(" "), problems);
        }
    }

    #[test]
    fn what_is_no_form_is_unreadable() {
        let whole = form(&[PAYLOAD_PART]);
        for body in ["", "--b 1", "--b 1\r\n", "--b 1x\r\n\r\n\r\n--b 1--", whole.strip_suffix("--b 1--\r\n").unwrap()]
        {
            assert!(matches!(read(body), Err(Refusal::Unreadable)), "{body:?}");
        }
        let headers = HeaderMap::new();
        assert!(matches!(read_form(&headers, whole.as_bytes()), Err(Refusal::Invalid(_))));
    }
}
