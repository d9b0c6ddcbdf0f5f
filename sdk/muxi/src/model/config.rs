//! Configuration.

use std::fmt;

use agent_platform_core::answered::object;
use agent_platform_core::{Decode, model};
use muxi_formation_client::types;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::platform::Formation;

/// A part of the configuration, by MUXI's own names. Its `Debug` form shows the names alone: what is declared may hold secrets.
///
/// In JSON it is the object that it has as [`fields`](Self::fields).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ConfigBlock {
    /// What is in it.
    pub fields: Map<String, Value>,
}

impl fmt::Debug for ConfigBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.fields.keys()).finish()
    }
}

model! {
    Formation;
    /// How the formation does its jobs.
    SchedulerConfig from types::SchedulerConfig {
        /// Whether it does any.
        is_enabled (enabled = "enabled"): Option<bool>,
        /// The time zone that cron expressions are in, such as `Europe/Berlin`.
        timezone: Option<String>,
        /// How often it looks for jobs that are due, in minutes.
        check_interval_minutes: Option<f64>,
        /// How many it does at once.
        max_concurrent_jobs: Option<i64>,
        /// After how many failures in a row it pauses a job.
        max_failures_before_pause: Option<i64>,
        /// When jobs are done that name no time, such as `09:00`.
        default_time: Option<String>,
    } rest {}, of floats
}

macro_rules! blocks {
    ($($generated:ident),*) => {$(
        impl Decode<types::$generated, Formation> for ConfigBlock {
            #[inline]
            fn decode(generated: types::$generated) -> Result<Self, String> {
                Ok(ConfigBlock { fields: object(generated)? })
            }
        }
    )*};
}

blocks!(ConfigBlock, FormationConfig, LlmSettings, MemoryConfig, OverlordConfig);

impl Decode<types::OverlordSoul, Formation> for String {
    #[inline]
    fn decode(generated: types::OverlordSoul) -> Result<Self, String> {
        let types::OverlordSoul { soul } = generated;
        Ok(soul.unwrap_or_default())
    }
}
