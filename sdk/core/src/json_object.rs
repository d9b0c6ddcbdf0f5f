//! JSON objects as arguments.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

/// How many lists and objects an argument may nest, itself the first. What reads it again gives up on JSON that is
/// nested too deep (serde_json takes 127 levels), and an answer wraps a few levels more around it: one value
/// would spoil the answer for everybody who asks for it.
const DEEPEST: usize = 120;

/// An argument that has to be a JSON object, or what is wrong with it.
pub type JsonObject = Result<Map<String, Value>, String>;

/// Takes anything that serializes to a JSON object that is not nested too deep: a struct, a map,
/// `serde_json::json!({…})`.
pub fn json_object(value: impl Serialize) -> JsonObject {
    let unwritable = |error: serde_json::Error| match error.is_io() {
        true => format!("is nested more than {DEEPEST} levels deep, which others could not read again"),
        false => format!("can't be written as JSON ({error})"),
    };
    // Before it is made a value: that recurses to its end, however deep it is.
    value.serialize(&mut serde_json::Serializer::with_formatter(io::sink(), Depth::default())).map_err(unwritable)?;
    match serde_json::to_value(value).map_err(unwritable)? {
        Value::Object(object) => Ok(object),
        _ => Err("is not a JSON object".to_owned()),
    }
}

/// Writes as usual, up to a depth.
#[derive(Default)]
struct Depth(usize);

impl Depth {
    fn enter(&mut self) -> io::Result<()> {
        self.0 += 1;
        if self.0 > DEEPEST { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(()) }
    }
}

impl Formatter for Depth {
    fn begin_array<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.enter()
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0 -= 1;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.enter()
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0 -= 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_objects_are_taken() {
        #[derive(Serialize)]
        struct Config {
            reviewer: &'static str,
        }
        assert_eq!(json_object(Config { reviewer: "codex" }).unwrap()["reviewer"], "codex");
        assert!(json_object(3).unwrap_err().contains("object"));
        let unwritable = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(json_object(unwritable).unwrap_err().contains("JSON"));
    }

    /// An object that nests so many lists and objects, itself the first.
    fn nested(levels: usize) -> Value {
        let mut value = json!({});
        for level in 1..levels {
            value = if level % 2 == 0 && level + 1 < levels { json!([value]) } else { json!({"a": value}) };
        }
        value
    }

    #[test]
    fn what_others_could_not_read_again_is_not_taken() {
        let beside = json!({"a": [{}, [], {"b": []}], "deepest": nested(DEEPEST - 1), "c": [[], []]});
        assert_eq!(json_object(&beside).map(Value::from), Ok(beside));
        for levels in [DEEPEST + 1, 1_000] {
            let problem = json_object(nested(levels)).unwrap_err();
            assert!(problem.contains("more than 120 levels"), "{levels}: {problem}");
        }
    }

    #[test]
    fn what_never_ends_is_not_taken_either() {
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([("a", Endless)])
            }
        }
        assert!(json_object(Endless).unwrap_err().contains("nested"));
    }
}
