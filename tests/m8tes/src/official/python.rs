//! Reads a call as it is written in Python.

use serde_json::{Map, Number, Value};

use super::Given;

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method, such as `runs.create`.
    pub name: String,
    /// Its arguments. A function is what it returns, bytes are a text.
    pub given: Given,
    /// Whether all pages of a list are asked for.
    pub pages: bool,
    /// What of its result is shown.
    pub shown: Shown,
}

/// What is shown of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The class of it.
    Whole,
    /// Nothing: it is only gone through.
    Nothing,
    /// The ids of a list, or the types of events.
    Items,
    /// A field of it.
    Field(&'static str),
}

impl Call {
    /// Reads one.
    pub fn read(text: &str) -> Self {
        if let Some(inner) = text.strip_prefix("list(").and_then(|text| text.strip_suffix(')')) {
            return Self { shown: Shown::Nothing, ..Self::read(inner) };
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            let (_, inner) = inner.split_once(" in ").unwrap();
            return Self { shown: Shown::Items, ..Self::read(inner) };
        }
        let (name, arguments) = text.split_once('(').unwrap();
        let name = name.trim_start_matches("client.").trim_start_matches("m8tes.").to_owned();
        let mut reader = Reader(arguments);
        let given = reader.arguments();
        let (pages, shown) = match reader.0 {
            "" => (false, Shown::Whole),
            ".auto_paging_iter()" => (true, Shown::Whole),
            ".status" => (false, Shown::Field("status")),
            ".output" => (false, Shown::Field("output")),
            other => panic!("{other:?} of {text}"),
        };
        Self { name, given, pages, shown }
    }
}

/// What is left to be read.
struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn takes(&mut self, text: &str) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// What comes up to the first character that is none of these.
    fn run(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let end = self.0.find(|character| !is_part(character)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        run.to_owned()
    }

    fn arguments(&mut self) -> Given {
        let mut given = Given::default();
        while !self.takes(")") {
            let before = self.0;
            let name = self.run(|character| character.is_alphanumeric() || character == '_');
            if !name.is_empty() && self.takes("=") {
                given.named.insert(name, self.value());
            } else {
                self.0 = before;
                given.in_order.push_back(self.value());
            }
            self.takes(",");
        }
        given
    }

    fn values(&mut self, end: &str) -> Value {
        let mut values = Vec::new();
        while !self.takes(end) {
            values.push(self.value());
            self.takes(",");
        }
        values.into()
    }

    fn value(&mut self) -> Value {
        for (name, value) in [("None", Value::Null), ("True", Value::Bool(true)), ("False", Value::Bool(false))] {
            if self.takes(name) {
                return value;
            }
        }
        for (begin, end) in [("[", "]"), ("(", ")")] {
            if self.takes(begin) {
                return self.values(end);
            }
        }
        for (begin, quote) in [("\"", '"'), ("'", '\''), ("b\"", '"'), ("b'", '\'')] {
            if self.takes(begin) {
                return self.text(quote).into();
            }
        }
        if self.takes("lambda") {
            self.run(|character| character != ':');
            self.takes(":");
            return self.value();
        }
        if self.takes("{") {
            let mut object = Map::new();
            while !self.takes("}") {
                let name = self.value();
                assert!(self.takes(":"), "{}", self.0);
                object.insert(name.as_str().unwrap().to_owned(), self.value());
                self.takes(",");
            }
            return object.into();
        }
        let number = self.run(|character| character.is_ascii_digit() || matches!(character, '-' | '.'));
        let number: Number = number.parse().unwrap_or_else(|_| panic!("no value is {:?}", self.0));
        number.into()
    }

    fn text(&mut self, quote: char) -> String {
        let mut text = String::new();
        let mut characters = self.0.chars();
        while let Some(character) = characters.next().filter(|character| *character != quote) {
            text.push(match character {
                '\\' => match characters.next().unwrap() {
                    'n' => '\n',
                    't' => '\t',
                    other @ ('\\' | '"' | '\'') => other,
                    other => panic!("\\{other} is not known"),
                },
                other => other,
            });
        }
        self.0 = characters.as_str();
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_read_with_all_that_it_is_given() {
        let call = Call::read(
            r#"[e.type.value for e in client.runs.create(42, 'it\'s', b"a\n", n=-1.5, l=[1, None], t=("a", {"k": True}), f=lambda r: "x")]"#,
        );
        assert_eq!((call.name.as_str(), call.pages, call.shown), ("runs.create", false, Shown::Items));
        assert_eq!(call.given.in_order, [json!(42), json!("it's"), json!("a\n")]);
        let named = json!({"n": -1.5, "l": [1, null], "t": ["a", {"k": true}], "f": "x"});
        assert_eq!(Value::Object(call.given.named), named);
    }

    #[test]
    fn what_is_shown_of_it_is_read_too() {
        let read = |text| {
            let call = Call::read(text);
            (call.name, call.pages, call.shown)
        };
        assert_eq!(read("m8tes.signup()"), ("signup".to_owned(), false, Shown::Whole));
        assert_eq!(read("list(client.a.list().auto_paging_iter())"), ("a.list".to_owned(), true, Shown::Nothing));
        assert_eq!(read("client.tasks.x.get(1).status"), ("tasks.x.get".to_owned(), false, Shown::Field("status")));
    }
}
