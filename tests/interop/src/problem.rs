//! Why a run fails.

pub use python_clients::Problem;
