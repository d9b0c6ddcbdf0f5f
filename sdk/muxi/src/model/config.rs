//! Configuration.

use std::fmt;

use agent_platform_core::Decode;
use muxi_formation_client::types;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::platform::Formation;

/// A part of the configuration, by MUXI's own names. Its `Debug` form shows the names alone: what is declared may hold secrets.
#[derive(Clone, PartialEq, Eq)]
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

/// How the formation does its jobs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SchedulerConfig {
    /// Whether it does any.
    pub is_enabled: Option<bool>,
    /// The time zone that cron expressions are in, such as `Europe/Berlin`.
    pub timezone: Option<String>,
    /// How often it looks for jobs that are due, in minutes.
    pub check_interval_minutes: Option<f64>,
    /// How many it does at once.
    pub max_concurrent_jobs: Option<i64>,
    /// After how many failures in a row it pauses a job.
    pub max_failures_before_pause: Option<i64>,
    /// When jobs are done that name no time, such as `09:00`.
    pub default_time: Option<String>,
    /// All that is declared beside that, by MUXI's own names.
    pub extra: Map<String, Value>,
}

macro_rules! blocks {
    ($($generated:ident),*) => {$(
        impl Decode<types::$generated, Formation> for ConfigBlock {
            fn decode(generated: types::$generated) -> Result<Self, String> {
                block(&generated)
            }
        }
    )*};
}

blocks!(ConfigBlock, FormationConfig, LlmSettings, MemoryConfig, OverlordConfig);

fn block(generated: &impl Serialize) -> Result<ConfigBlock, String> {
    match serde_json::to_value(generated) {
        Ok(Value::Object(fields)) => Ok(ConfigBlock { fields }),
        _ => Err("it is no object".to_owned()),
    }
}

impl Decode<types::OverlordSoul, Formation> for String {
    fn decode(generated: types::OverlordSoul) -> Result<Self, String> {
        let types::OverlordSoul { soul } = generated;
        Ok(soul.unwrap_or_default())
    }
}

impl Decode<types::SchedulerConfig, Formation> for SchedulerConfig {
    fn decode(generated: types::SchedulerConfig) -> Result<Self, String> {
        let types::SchedulerConfig {
            check_interval_minutes,
            default_time,
            enabled,
            max_concurrent_jobs,
            max_failures_before_pause,
            timezone,
            extra,
        } = generated;
        Ok(Self {
            is_enabled: enabled,
            timezone,
            check_interval_minutes,
            max_concurrent_jobs,
            max_failures_before_pause,
            default_time,
            extra,
        })
    }
}
