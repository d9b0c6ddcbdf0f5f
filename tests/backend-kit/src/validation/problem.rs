//! What can be wrong in one place of a request.

use std::fmt;

use serde_json::{Value, json};

/// What is wrong. A platform may say it in words of its own; [`Display`](fmt::Display) says it as pydantic does.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// It has to be there, and isn't.
    Missing,
    /// It is not JSON, for this reason.
    InvalidJson(String),
    /// Nobody knows a field of this name.
    UnknownField,
    /// Nobody knows a query parameter of this name.
    UnknownParameter,
    /// It is not a text.
    NotText,
    /// It is none of these texts.
    NotOneOf(Vec<String>),
    /// It does not match this pattern.
    NotMatching(String),
    /// It is not a boolean.
    NotBoolean,
    /// It is a text or a number that stands for no boolean.
    UnreadableBoolean,
    /// It is not an integer.
    NotInteger,
    /// It has a fraction.
    NotWhole,
    /// It has more digits than anybody reads.
    TooLong,
    /// It is a text that stands for no integer.
    UnreadableInteger,
    /// It is not a number.
    NotNumber,
    /// It is a text that stands for no number.
    UnreadableNumber,
    /// It is a number beyond all numbers.
    NotFinite,
    /// It is less than this.
    Below(Bound),
    /// It is more than this.
    Above(Bound),
    /// It is not a list.
    NotList,
    /// It is not an object, which is to have fields of its own.
    NotObject,
    /// It is not an object, which is to hold whatever it likes.
    NotMap,
}

/// A bound on a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The last number that is within.
    pub at: f64,
    /// Whether it is a bound on integers.
    pub of_integers: bool,
}

impl Bound {
    /// As it is compared: as an integer for integers.
    fn shown(self) -> Value {
        if self.of_integers { json!(self.at as i64) } else { json!(self.at) }
    }
}

impl Problem {
    /// pydantic's name for it; what pydantic does not know has one in the same manner.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::InvalidJson(_) => "json_invalid",
            Self::UnknownField => "extra_forbidden",
            Self::UnknownParameter => "unknown_query_parameter",
            Self::NotText => "string_type",
            Self::NotOneOf(_) => "literal_error",
            Self::NotMatching(_) => "string_pattern_mismatch",
            Self::NotBoolean => "bool_type",
            Self::UnreadableBoolean => "bool_parsing",
            Self::NotInteger => "int_type",
            Self::NotWhole => "int_from_float",
            Self::TooLong => "int_parsing_size",
            Self::UnreadableInteger => "int_parsing",
            Self::NotNumber => "float_type",
            Self::UnreadableNumber => "float_parsing",
            Self::NotFinite => "finite_number",
            Self::Below(_) => "greater_than_equal",
            Self::Above(_) => "less_than_equal",
            Self::NotList => "list_type",
            Self::NotObject => "model_attributes_type",
            Self::NotMap => "dict_type",
        }
    }

    /// What pydantic tells besides (`ctx`).
    #[must_use]
    pub fn context(&self) -> Option<Value> {
        match self {
            Self::InvalidJson(reason) => Some(json!({ "error": reason })),
            Self::NotOneOf(texts) => Some(json!({ "expected": one_of(texts) })),
            Self::NotMatching(pattern) => Some(json!({ "pattern": pattern })),
            Self::Below(bound) => Some(json!({ "ge": bound.shown() })),
            Self::Above(bound) => Some(json!({ "le": bound.shown() })),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "Field required",
            Self::InvalidJson(_) => "JSON decode error",
            Self::UnknownField => "Extra inputs are not permitted",
            Self::UnknownParameter => "Unknown query parameter",
            Self::NotText => "Input should be a valid string",
            Self::NotBoolean => "Input should be a valid boolean",
            Self::UnreadableBoolean => "Input should be a valid boolean, unable to interpret input",
            Self::NotInteger => "Input should be a valid integer",
            Self::NotWhole => "Input should be a valid integer, got a number with a fractional part",
            Self::TooLong => "Unable to parse input string as an integer, exceeded maximum size",
            Self::UnreadableInteger => "Input should be a valid integer, unable to parse string as an integer",
            Self::NotNumber => "Input should be a valid number",
            Self::UnreadableNumber => "Input should be a valid number, unable to parse string as a number",
            Self::NotFinite => "Input should be a finite number",
            Self::NotList => "Input should be a valid list",
            Self::NotObject => "Input should be a valid dictionary or object to extract fields from",
            Self::NotMap => "Input should be a valid dictionary",
            Self::NotOneOf(texts) => return write!(formatter, "Input should be {}", one_of(texts)),
            Self::NotMatching(pattern) => return write!(formatter, "String should match pattern '{pattern}'"),
            Self::Below(Bound { at, .. }) => {
                return write!(formatter, "Input should be greater than or equal to {at}");
            }
            Self::Above(Bound { at, .. }) => return write!(formatter, "Input should be less than or equal to {at}"),
        })
    }
}

/// `'a', 'b' or 'c'`.
fn one_of(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("'{text}'")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
