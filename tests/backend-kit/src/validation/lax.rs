//! What pydantic's lax mode takes for a boolean or a number, and its objection to everything else.

use serde_json::{Number, Value};

use super::Problem;
use crate::python;

pub(super) fn boolean(value: &Value) -> Result<bool, Problem> {
    match value {
        Value::Bool(read) => Ok(*read),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            _ if number.is_f64() => Err(Problem::NotBoolean),
            _ => Err(Problem::UnreadableBoolean),
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
            "1" | "on" | "t" | "true" | "y" | "yes" => Ok(true),
            _ => Err(Problem::UnreadableBoolean),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Problem::NotBoolean),
    }
}

/// One in a text that is too large for any column comes back as a float, which no handler takes for an integer.
pub(super) fn integer(value: &Value) -> Result<Number, Problem> {
    match value {
        Value::Bool(read) => Ok(Number::from(u8::from(*read))),
        Value::Number(number) if !number.is_f64() => Ok(number.clone()),
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() != 0.0 => Err(Problem::NotWhole),
            Some(float) => whole(float).ok_or(Problem::TooLong),
            None => Ok(number.clone()),
        },
        Value::String(text) => integer_in(text).ok_or(Problem::UnreadableInteger),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Problem::NotInteger),
    }
}

pub(super) fn number(value: &Value) -> Result<f64, Problem> {
    match value {
        Value::Bool(read) => Ok(f64::from(u8::from(*read))),
        Value::Number(number) => number.as_f64().ok_or(Problem::NotNumber),
        Value::String(text) => text.trim().parse().map_err(|_| Problem::UnreadableNumber),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Problem::NotNumber),
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
