//! What pydantic's lax mode takes for a boolean or a number, and its objection to everything else: type and message.

use serde_json::{Number, Value};

use crate::python;

pub(super) type Objection = (&'static str, &'static str);

pub(super) fn boolean(value: &Value) -> Result<bool, Objection> {
    const TYPE: Objection = ("bool_type", "Input should be a valid boolean");
    const PARSING: Objection = ("bool_parsing", "Input should be a valid boolean, unable to interpret input");

    match value {
        Value::Bool(read) => Ok(*read),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            _ if number.is_f64() => Err(TYPE),
            _ => Err(PARSING),
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
            "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
            _ => Err(PARSING),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Err(TYPE),
    }
}

/// One in a text that is too large for any column comes back as a float, which no handler takes for an integer.
pub(super) fn integer(value: &Value) -> Result<Number, Objection> {
    const TYPE: Objection = ("int_type", "Input should be a valid integer");
    const FRACTION: Objection =
        ("int_from_float", "Input should be a valid integer, got a number with a fractional part");
    const SIZE: Objection = ("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size");
    const PARSING: Objection = ("int_parsing", "Input should be a valid integer, unable to parse string as an integer");

    match value {
        Value::Bool(read) => Ok(Number::from(u8::from(*read))),
        Value::Number(number) if !number.is_f64() => Ok(number.clone()),
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() != 0.0 => Err(FRACTION),
            Some(float) => whole(float).ok_or(SIZE),
            None => Ok(number.clone()),
        },
        Value::String(text) => integer_in(text).ok_or(PARSING),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(TYPE),
    }
}

pub(super) fn number(value: &Value) -> Result<f64, Objection> {
    const TYPE: Objection = ("float_type", "Input should be a valid number");
    const PARSING: Objection = ("float_parsing", "Input should be a valid number, unable to parse string as a number");

    match value {
        Value::Bool(read) => Ok(f64::from(u8::from(*read))),
        Value::Number(number) => number.as_f64().ok_or(TYPE),
        Value::String(text) => text.trim().parse().map_err(|_| PARSING),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(TYPE),
    }
}

/// A float without a fraction as the integer it is, if it is within what 64 bits hold.
fn whole(float: f64) -> Option<Number> {
    (float.abs() < i64::MAX as f64).then(|| Number::from(float as i64))
}

/// An integer in a text: blanks around it, a sign, `_` between digits, `.0` behind.
fn integer_in(text: &str) -> Option<Number> {
    let text = text.trim();
    let text = match text.split_once('.') {
        Some((text, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => text,
        Some(_) => return None,
        None => text,
    };
    let integer = python::integer(text)?;
    match integer.parse::<i64>() {
        Ok(integer) => Some(Number::from(integer)),
        Err(_) => integer.parse().ok().and_then(Number::from_f64),
    }
}
