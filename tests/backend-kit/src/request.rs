//! Reading a request: its body as JSON, its query, and what a handler is given of both.

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Uri, header},
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    form::{self, Upload},
    refusal::Refusal,
    routing::PathValues,
    validation::{Checked, invalid_json},
};

/// The largest body that is read.
pub const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A checked request, as a handler gets it.
#[derive(Debug)]
pub struct CheckedRequest {
    path: PathValues,
    checked: Checked,
    files: Vec<Upload>,
}

impl CheckedRequest {
    pub(crate) fn new(path: PathValues, checked: Checked, files: Vec<Upload>) -> Self {
        Self { path, checked, files }
    }

    /// The files that came with it.
    pub fn files(&self) -> &[Upload] {
        &self.files
    }

    /// The path's parameter `name`.
    ///
    /// # Errors
    ///
    /// If the route has no such parameter, which is for the handler to know.
    pub fn path(&self, name: &str) -> Result<&str, Refusal> {
        self.path.get(name).ok_or_else(|| Refusal::unhandled(format!("the route has no {name}")))
    }

    /// The path's parameter `name`, which is no text, as the handler's own type.
    ///
    /// # Errors
    ///
    /// If that is another than the document has.
    pub fn path_as<T: DeserializeOwned>(&self, name: &str) -> Result<T, Refusal> {
        Ok(T::deserialize(self.checked.path.get(name).unwrap_or(&Value::Null))?)
    }

    /// The query, as the handler's own type.
    ///
    /// # Errors
    ///
    /// If that is another than the document has.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        Ok(T::deserialize(&self.checked.query)?)
    }

    /// The body, as the handler's own type.
    ///
    /// # Errors
    ///
    /// If that is another than the document has.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        Ok(T::deserialize(&self.checked.body)?)
    }
}

/// Reads a body. One that isn't declared as JSON comes back as a text, which no model takes.
///
/// # Errors
///
/// If it is too large, or isn't JSON although it says so.
pub(crate) async fn read_body(headers: &HeaderMap, body: Body) -> Result<Option<Value>, Refusal> {
    let bytes = read_bytes(body).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !declares_json(headers) {
        return Ok(Some(Value::String(String::from_utf8_lossy(&bytes).into_owned())));
    }
    read_json(&bytes).map(Some)
}

/// Reads a form with JSON in it.
///
/// # Errors
///
/// If it is too large, or no such form.
pub(crate) async fn read_form(headers: &HeaderMap, body: Body) -> Result<(Option<Value>, Vec<Upload>), Refusal> {
    let (payload, files) = form::read_form(headers, &read_bytes(body).await?)?;
    Ok((Some(read_json(&payload)?), files))
}

async fn read_bytes(body: Body) -> Result<Bytes, Refusal> {
    to_bytes(body, BODY_LIMIT).await.map_err(|_| Refusal::BodyTooLarge)
}

fn read_json(bytes: &[u8]) -> Result<Value, Refusal> {
    let unreadable = || Refusal::Unreadable;
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable())?;
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // Too deep for a parser that recurses: not the text's syntax is at fault.
        if message.starts_with("recursion limit exceeded") {
            return unreadable();
        }
        let reason = message.split(" at line ").next().unwrap_or_default().to_owned();
        Refusal::Invalid(vec![invalid_json(position(text, &error), reason)])
    })
}

fn declares_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = |subtype: &str| subtype == "json" || subtype.ends_with("+json");
    essence.strip_prefix("application/").is_some_and(json)
}

/// How many characters come before the place of `error`.
fn position(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.chars().count();
    }
    let before: usize = text.lines().take(error.line().saturating_sub(1)).map(|line| line.chars().count() + 1).sum();
    (before + error.column().saturating_sub(1)).min(text.chars().count())
}

/// A query string's pairs, decoded as forms are.
pub(crate) fn query_pairs(uri: &Uri) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_json_where_it_says_so() {
        for (content_type, is_json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("application/jsonl", false),
            ("text/json", false),
            ("text/plain; of=application/json", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())]);
            let read = read_body(&headers, Body::from("7")).await.unwrap().unwrap();
            assert_eq!(read, if is_json { Value::from(7) } else { Value::from("7") }, "{content_type}");
        }
        let undeclared = read_body(&HeaderMap::new(), Body::from("7")).await.unwrap();
        assert_eq!(undeclared, Some(Value::from("7")));
    }
}
