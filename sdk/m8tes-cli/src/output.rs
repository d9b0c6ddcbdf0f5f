//! How things are shown: for people, in a line each, or for programs.

pub(crate) mod json;
mod list;
pub(crate) mod work;

pub(crate) use list::{Fields, Table};
