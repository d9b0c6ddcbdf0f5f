//! Whether a formation is well, and what it does.

use std::time::Duration;

use agent_platform_core::{Decode, Malformed, Timestamp, enums_in_answers, model, open_enum};
use muxi_formation_client::types;

use super::time;
use crate::platform::Formation;

open_enum! {
    /// Whether a formation is well.
    HealthStatus {
        /// It is.
        Healthy = "healthy",
        /// It is not.
        Unhealthy = "unhealthy",
    }
}

enums_in_answers!(Formation; HealthStatus);

model! {
    Formation;
    /// Whether a formation is well, and since when.
    Health from types::Health {
        /// Whether it is.
        status: HealthStatus,
        /// The formation's own version.
        version: Option<String>,
        /// How long it has been running.
        uptime (uptime_seconds = "uptime_seconds"): Option<Duration> as Seconds,
    } rest {}
}

/// What a formation is, and how much it does.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FormationStatus {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// How many agents it has.
    pub agents: Option<i64>,
    /// How many of them are active.
    pub active_agents: Option<i64>,
    /// How many MCP servers it knows.
    pub mcp_servers: Option<i64>,
    /// How many of them are active.
    pub active_mcp_servers: Option<i64>,
    /// How long it has been running.
    pub uptime: Option<Duration>,
    /// Since when it has been running.
    pub running_since: Option<Timestamp>,
    /// How many megabytes its working memory may have.
    pub working_memory_mb: Option<f64>,
    /// How many megabytes it takes; `None` where it can't tell.
    pub memory_usage_mb: Option<f64>,
    /// How many turns it has had.
    pub total_requests: Option<i64>,
    /// How many turns are under way.
    pub active_requests: Option<i64>,
    /// How many messages its buffer is made for.
    pub buffer_size: Option<i64>,
    /// How much of a processor it takes, in percent; `None` where it can't tell.
    pub cpu_percent: Option<f64>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::FormationStatus, Formation> for FormationStatus {
    fn decode(generated: types::FormationStatus) -> Result<Self, String> {
        let types::FormationStatus { formation, agents, mcp_servers, stats } = generated;
        let types::FormationIdentity { id, name, description, version } = formation;
        let types::Counted { count: agents, active: active_agents } = agents.unwrap_or_default();
        let types::Counted { count: mcp_servers, active: active_mcp_servers } = mcp_servers.unwrap_or_default();
        let types::FormationStats { running, memory, requests, buffer_size, cpu_percent } = stats.unwrap_or_default();
        let types::RunningFor { seconds, since } = running.unwrap_or_default();
        let types::MemoryUse { working_memory_mb, memory_usage_mb } = memory.unwrap_or_default();
        let types::RequestCount { total, active } = requests.unwrap_or_default();
        let mut malformed = Malformed::default();
        Ok(Self {
            id,
            name,
            description,
            version,
            agents,
            active_agents,
            mcp_servers,
            active_mcp_servers,
            uptime: duration(seconds, "seconds", &mut malformed),
            running_since: time(since, "since", &mut malformed),
            working_memory_mb,
            memory_usage_mb,
            total_requests: total,
            active_requests: active,
            buffer_size,
            cpu_percent,
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

pub(crate) fn duration(seconds: Option<f64>, field: &str, malformed: &mut Malformed) -> Option<Duration> {
    let read = |seconds| Duration::try_from_secs_f64(seconds).map_err(|_| "is no length of time".to_owned());
    malformed.or_stand_in(field, seconds.map(read).transpose(), None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_may_be_null_and_whole_or_not() {
        let generated = serde_json::from_value(json!({
            "formation": {"id": "echo-bot", "name": "Echo Bot", "version": "2.3.4"},
            "agents": {"count": 3, "active": 2}, "mcp_servers": {"count": 2, "active": 1},
            "stats": {
                "running": {"seconds": 1, "since": 1795906817}, "requests": {"total": 3, "active": 0}, "buffer_size": 20,
                "memory": {"working_memory_mb": 64, "memory_usage_mb": null}, "cpu_percent": null,
            },
        }));
        let status = FormationStatus::decode(generated.unwrap()).unwrap();
        assert_eq!((status.id.as_str(), status.agents, status.active_agents), ("echo-bot", Some(3), Some(2)));
        assert_eq!((status.uptime, status.memory_usage_mb), (Some(Duration::from_secs(1)), None));
        assert_eq!(status.running_since.unwrap().to_string(), "2026-11-28T23:00:17Z");
        assert!(status.malformed.is_empty());

        let bare = serde_json::from_value(json!({"formation": {"id": "x"}}));
        assert_eq!(FormationStatus::decode(bare.unwrap()).unwrap().agents, None);
    }
}
