//! What calls of the server return.

use std::time::Duration;

use agent_platform_core::answered::{FromAnswer, Rest, ToAnswer};
use agent_platform_core::{
    Decode, Timestamp, enums_in_answers, ids_in_answers, model, nested, open_enum, placed_model, rows_in,
};
use muxi_server_client::types;

use super::id::FormationId;
use super::platform::Server;

ids_in_answers!(Server; FormationId: String);

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

enums_in_answers!(Server; FormationState);

model! {
    Server;
    /// Whether a server is well.
    ServerHealth from types::ServerHealth {
        /// `ok` where it is.
        status: String,
        /// The server's version.
        version: Option<String>,
    } rest { success }
}

placed_model! {
    Server;
    /// What a server is, and how much it has.
    ServerStatus from types::ServerStatus {
        /// The server's id.
        id at "server/id": Option<String>,
        /// The server's version.
        version at "server/version": Option<String>,
        /// How long it has been running.
        uptime at "server/uptime": Option<Duration> as Seconds,
        /// How many formations are deployed.
        formations at "formations/total": Option<i64>,
        /// How many of them run.
        running at "formations/running": Option<i64>,
        /// How many of them were stopped.
        stopped at "formations/stopped": Option<i64>,
        /// How many of them have ended by themselves.
        crashed at "formations/crashed": Option<i64>,
        /// How many ports there are for formations.
        ports at "port_pool/total": Option<i64>,
        /// How many of them are free.
        free_ports at "port_pool/available": Option<i64>,
    }
}

model! {
    Server;
    /// Which bundles a formation has, by their hashes.
    #[derive(Default)]
    BundleVersions from types::BundleVersions {
        /// That which it runs from.
        current: Option<String>,
        /// That which it ran from before its last update.
        previous: Option<String>,
    } rest {}
}

nested!(Server; BundleVersions from types::BundleVersions);

impl FromAnswer<Option<types::BundleVersions>, Server> for BundleVersions {
    #[inline]
    fn take(generated: Option<types::BundleVersions>, field: &str, rest: &mut Rest) -> Self {
        <Option<Self> as FromAnswer<_, Server>>::take(generated, field, rest).unwrap_or_default()
    }
}

impl ToAnswer<Server> for BundleVersions {
    fn is_left_out(&self) -> bool {
        *self == Self::default()
    }
}

model! {
    Server;
    /// A formation that is deployed.
    DeployedFormation from types::DeployedFormation {
        /// Its id.
        id: FormationId,
        /// Its name.
        name: Option<String>,
        /// What it does.
        status: FormationState,
        /// The port of its own that it listens on.
        port: Option<i64>,
        /// Its process.
        pid: Option<i64>,
        /// How long it has been running.
        uptime: Option<Duration> as Seconds,
        /// How often it was restarted.
        restart_count: Option<i64>,
        /// Whether it was well when it was last asked; `None` where it was not.
        healthy: Option<bool>,
        /// Which bundles it has.
        version: BundleVersions,
        /// Since when it has been there. A list does not tell it, and neither what follows.
        created_at: Option<Timestamp>,
        /// When it was last deployed.
        deployed_at: Option<Timestamp>,
        /// When anything about it last changed.
        updated_at: Option<Timestamp>,
        /// When it was last asked whether it is well.
        last_health_check: Option<Timestamp>,
    } rest {}
}

impl Decode<types::DeployedFormationList, Server> for Vec<DeployedFormation> {
    #[inline]
    fn decode(generated: types::DeployedFormationList) -> Result<Self, String> {
        let types::DeployedFormationList { formations, total: _, extra: _ } = generated;
        formations.unwrap_or_default().into_iter().map(DeployedFormation::decode).collect()
    }

    rows_in!("formations" of types::DeployedFormation, Server);
}

model! {
    Server;
    /// A formation that was stopped.
    StoppedFormation from types::FormationState {
        /// The formation.
        id: FormationId,
        /// What it does; `None` where the server does not say.
        status: Option<FormationState>,
        /// What the server says about it.
        message: Option<String>,
    } rest { port, restart_count }
}

/// Of one that was deleted there is nothing left to tell.
impl Decode<types::FormationState, Server> for () {
    #[inline]
    fn decode(_: types::FormationState) -> Result<Self, String> {
        Ok(())
    }
}

model! {
    Server;
    /// An update that was broken off.
    CancelledUpdate from types::CancelledUpdate {
        /// The formation.
        formation_id: FormationId,
        /// What became of the update.
        status: Option<String>,
        /// The port of the formation, which is as it was before.
        current_port: Option<i64>,
        /// The port that the new one would have had until it took the place of the present one.
        staging_port: Option<i64>,
        /// What the server says about it.
        message: Option<String>,
    } rest {}
}

placed_model! {
    Server;
    /// The last lines that a formation has written.
    #[derive(Default, Eq)]
    FormationLogs from types::FormationLogs {
        /// Those of its standard output, the oldest first.
        stdout at "logs/stdout": Vec<String>,
        /// Those of its standard error, the oldest first.
        stderr at "logs/stderr": Vec<String>,
        /// How many lines there are of its standard output in all.
        total_stdout at "total_lines/stdout": Option<i64>,
        /// How many lines there are of its standard error in all.
        total_stderr at "total_lines/stderr": Option<i64>,
    }
}

impl Decode<Option<types::FormationLogs>, Server> for FormationLogs {
    #[inline]
    fn decode(generated: Option<types::FormationLogs>) -> Result<Self, String> {
        Self::decode(generated.ok_or("it is empty")?)
    }
}
