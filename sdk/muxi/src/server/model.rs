//! What calls of the server return.

use std::time::Duration;

use agent_platform_core::{Decode, Malformed, Timestamp, open_enum, rows_in};
use muxi_server_client::types;
use serde_json::{Map, Value};

use super::id::FormationId;
use super::platform::Server;
use crate::model::{duration, written_time};

open_enum! {
    /// What a formation that is deployed does.
    FormationState {
        /// It is being started.
        Starting = "starting",
        /// It runs.
        Running = "running",
        /// It was stopped.
        Stopped = "stopped",
        /// It has ended by itself.
        Crashed = "crashed",
    }
}

/// Whether a server is well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerHealth {
    /// `ok` where it is.
    pub status: String,
    /// The server's version.
    pub version: Option<String>,
}

impl Decode<types::ServerHealth, Server> for ServerHealth {
    fn decode(generated: types::ServerHealth) -> Result<Self, String> {
        let types::ServerHealth { status, success: _, version, extra: _ } = generated;
        Ok(Self { status, version })
    }
}

/// What a server is, and how much it has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ServerStatus {
    /// The server's id.
    pub id: Option<String>,
    /// The server's version.
    pub version: Option<String>,
    /// How long it has been running.
    pub uptime: Option<Duration>,
    /// How many formations are deployed.
    pub formations: Option<i64>,
    /// How many of them run.
    pub running: Option<i64>,
    /// How many of them were stopped.
    pub stopped: Option<i64>,
    /// How many of them have ended by themselves.
    pub crashed: Option<i64>,
    /// How many ports there are for formations.
    pub ports: Option<i64>,
    /// How many of them are free.
    pub free_ports: Option<i64>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::ServerStatus, Server> for ServerStatus {
    fn decode(generated: types::ServerStatus) -> Result<Self, String> {
        let types::ServerStatus { formations, port_pool, runtime: _, server, extra: _ } = generated;
        let mut malformed = Malformed::default();
        let (id, version, uptime) = match server {
            Some(types::ServerIdentity { id, uptime, version, extra: _ }) => (id, version, uptime),
            None => (None, None, None),
        };
        let (formations, running, stopped, crashed) = match formations {
            Some(types::FormationCounts { crashed, running, stopped, total, extra: _ }) => {
                (total, running, stopped, crashed)
            }
            None => (None, None, None, None),
        };
        let (ports, free_ports) = match port_pool {
            Some(types::PortPool { allocated: _, available, total, extra: _ }) => (total, available),
            None => (None, None),
        };
        let uptime = duration(uptime, "uptime", &mut malformed);
        Ok(Self { id, version, uptime, formations, running, stopped, crashed, ports, free_ports, malformed })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

/// Which bundles a formation has, by their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BundleVersions {
    /// That which it runs from.
    pub current: Option<String>,
    /// That which it ran from before its last update.
    pub previous: Option<String>,
}

/// A formation that is deployed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeployedFormation {
    /// Its id.
    pub id: FormationId,
    /// Its name.
    pub name: Option<String>,
    /// What it does.
    pub status: FormationState,
    /// The port of its own that it listens on.
    pub port: Option<i64>,
    /// Its process.
    pub pid: Option<i64>,
    /// How long it has been running.
    pub uptime: Option<Duration>,
    /// How often it was restarted.
    pub restart_count: Option<i64>,
    /// Whether it was well when it was last asked; `None` where it was not.
    pub healthy: Option<bool>,
    /// Which bundles it has.
    pub version: BundleVersions,
    /// Since when it has been there. A list does not tell it, and neither what follows.
    pub created_at: Option<Timestamp>,
    /// When it was last deployed.
    pub deployed_at: Option<Timestamp>,
    /// When anything about it last changed.
    pub updated_at: Option<Timestamp>,
    /// When it was last asked whether it is well.
    pub last_health_check: Option<Timestamp>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Decode<types::DeployedFormation, Server> for DeployedFormation {
    fn decode(generated: types::DeployedFormation) -> Result<Self, String> {
        let types::DeployedFormation {
            created_at,
            deployed_at,
            healthy,
            id,
            last_health_check,
            name,
            pid,
            port,
            restart_count,
            status,
            updated_at,
            uptime,
            version,
            extra: _,
        } = generated;
        let mut malformed = Malformed::default();
        let version = version.map_or_else(BundleVersions::default, |version| {
            let types::BundleVersions { current, previous, extra: _ } = version;
            BundleVersions { current, previous }
        });
        Ok(Self {
            id: id.into(),
            name,
            status: status.into(),
            port,
            pid,
            uptime: duration(uptime, "uptime", &mut malformed),
            restart_count,
            healthy,
            version,
            created_at: written_time(created_at, "created_at", &mut malformed),
            deployed_at: written_time(deployed_at, "deployed_at", &mut malformed),
            updated_at: written_time(updated_at, "updated_at", &mut malformed),
            last_health_check: written_time(last_health_check, "last_health_check", &mut malformed),
            malformed,
        })
    }

    fn malformed(&mut self) -> Option<&mut Malformed> {
        Some(&mut self.malformed)
    }
}

impl Decode<types::DeployedFormationList, Server> for Vec<DeployedFormation> {
    fn decode(generated: types::DeployedFormationList) -> Result<Self, String> {
        let types::DeployedFormationList { formations, total: _, extra: _ } = generated;
        formations.unwrap_or_default().into_iter().map(DeployedFormation::decode).collect()
    }

    rows_in!("formations" of types::DeployedFormation, Server);
}

/// A formation that was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoppedFormation {
    /// The formation.
    pub id: FormationId,
    /// What it does; `None` where the server does not say.
    pub status: Option<FormationState>,
    /// What the server says about it.
    pub message: Option<String>,
}

impl Decode<types::FormationState, Server> for StoppedFormation {
    fn decode(generated: types::FormationState) -> Result<Self, String> {
        let types::FormationState { id, message, port: _, restart_count: _, status, extra: _ } = generated;
        Ok(Self { id: id.into(), status: status.map(FormationState::from), message })
    }
}

/// Of one that was deleted there is nothing left to tell.
impl Decode<types::FormationState, Server> for () {
    fn decode(_: types::FormationState) -> Result<Self, String> {
        Ok(())
    }
}

/// An update that was broken off.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CancelledUpdate {
    /// The formation.
    pub formation_id: Option<FormationId>,
    /// What became of the update.
    pub status: Option<String>,
    /// The port of the formation, which is as it was before.
    pub current_port: Option<i64>,
    /// The port that the new one would have had until it took the place of the present one.
    pub staging_port: Option<i64>,
    /// What the server says about it.
    pub message: Option<String>,
    /// What else the server tells.
    pub extra: Map<String, Value>,
}

impl Decode<types::CancelledUpdate, Server> for CancelledUpdate {
    fn decode(generated: types::CancelledUpdate) -> Result<Self, String> {
        let types::CancelledUpdate { current_port, formation_id, message, staging_port, status, extra } = generated;
        let formation_id = formation_id.map(FormationId::from);
        Ok(Self { formation_id, status, current_port, staging_port, message, extra })
    }
}

/// The last lines that a formation has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormationLogs {
    /// Those of its standard output, the oldest first.
    pub stdout: Vec<String>,
    /// Those of its standard error, the oldest first.
    pub stderr: Vec<String>,
    /// How many lines there are of its standard output in all.
    pub total_stdout: Option<i64>,
    /// How many lines there are of its standard error in all.
    pub total_stderr: Option<i64>,
}

impl Decode<Option<types::FormationLogs>, Server> for FormationLogs {
    fn decode(generated: Option<types::FormationLogs>) -> Result<Self, String> {
        let types::FormationLogs { formation_id: _, logs, total_lines, extra: _ } = generated.ok_or("it is empty")?;
        let (stdout, stderr) = match logs {
            Some(types::LogLines { stderr, stdout, extra: _ }) => (stdout, stderr),
            None => (None, None),
        };
        let (total_stdout, total_stderr) = match total_lines {
            Some(types::LogLineCounts { stderr, stdout, extra: _ }) => (stdout, stderr),
            None => (None, None),
        };
        let (stdout, stderr) = (stdout.unwrap_or_default(), stderr.unwrap_or_default());
        Ok(Self { stdout, stderr, total_stdout, total_stderr })
    }
}
