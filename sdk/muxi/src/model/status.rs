//! Whether a formation is well, and what it does.

use std::time::Duration;

use agent_platform_core::{Timestamp, enums_in_answers, model, open_enum, placed_model};
use muxi_formation_client::types;

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

placed_model! {
    Formation;
    /// What a formation is, and how much it does.
    FormationStatus from types::FormationStatus {
        /// Its id.
        id at "formation/id": String,
        /// Its name.
        name at "formation/name": Option<String>,
        /// What it is for.
        description at "formation/description": Option<String>,
        /// Its version.
        version at "formation/version": Option<String>,
        /// How many agents it has.
        agents at "agents/count": Option<i64>,
        /// How many of them are active.
        active_agents at "agents/active": Option<i64>,
        /// How many MCP servers it knows.
        mcp_servers at "mcp_servers/count": Option<i64>,
        /// How many of them are active.
        active_mcp_servers at "mcp_servers/active": Option<i64>,
        /// How long it has been running.
        uptime at "stats/running/seconds": Option<Duration> as Seconds,
        /// Since when it has been running.
        running_since at "stats/running/since": Option<Timestamp> as Seconds,
        /// How many megabytes its working memory may have.
        working_memory_mb at "stats/memory/working_memory_mb": Option<f64>,
        /// How many megabytes it takes; `None` where it can't tell.
        memory_usage_mb at "stats/memory/memory_usage_mb": Option<f64>,
        /// How many turns it has had.
        total_requests at "stats/requests/total": Option<i64>,
        /// How many turns are under way.
        active_requests at "stats/requests/active": Option<i64>,
        /// How many messages its buffer is made for.
        buffer_size at "stats/buffer_size": Option<i64>,
        /// How much of a processor it takes, in percent; `None` where it can't tell.
        cpu_percent at "stats/cpu_percent": Option<f64>,
    }
}

#[cfg(test)]
mod tests {
    use agent_platform_core::Decode;
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
