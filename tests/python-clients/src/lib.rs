//! Mycel's official Python clients in environments of their own, for what is compared with them.

mod environment;
mod problem;

pub use environment::{Environment, Installer, Package};
pub use problem::Problem;
