//! The form of a recorded stream.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use test_harness::RecordedBody;

/// A stream, and what it is read as. A file has one on each line.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// What it is called: `name`.
    pub(crate) name: String,
    /// The answer: its headers in `response_headers`, and its bytes in `body_b64`, or else in `body`. They end as they should
    /// (`delivery` is `eof`), or the connection breaks behind them (`abort`); they were cut as `chunk_lengths` says.
    pub(crate) body: RecordedBody,
    /// What it is read as: `expected`.
    pub(crate) expected: Map<String, Value>,
}

/// All streams of a file.
pub(crate) fn read(file: &Path) -> Vec<Recorded> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().map(Recorded::of).collect()
}

impl Recorded {
    fn of(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = line["response_headers"].as_object().unwrap();
        let bytes = match &line["body_b64"] {
            Value::String(coded) => STANDARD.decode(coded).unwrap(),
            _ => text(&line["body"]).into_bytes(),
        };
        let ends = match line["delivery"].as_str() {
            Some("eof") => true,
            Some("abort") => false,
            other => panic!("no delivery is called {other:?}"),
        };
        let lengths = line["chunk_lengths"].as_array().into_iter().flatten();
        let headers = headers.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let lengths = lengths.map(|length| usize::try_from(length.as_u64().unwrap()).unwrap()).collect();
        Self {
            name: text(&line["name"]),
            body: RecordedBody { headers, bytes, lengths, ends },
            expected: line["expected"].as_object().unwrap().clone(),
        }
    }
}
