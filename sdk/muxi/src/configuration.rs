//! Configuration: what the formation was declared with.

use agent_platform_core::resource;
use muxi_formation_client::operations;

use crate::error::Error;
use crate::model::{ConfigBlock, ConfigSummary, LoggingDestinations, SchedulerConfig};
use crate::platform::request_for;

resource! {
    /// What the formation was declared with; from [`FormationClient::configuration`](crate::FormationClient::configuration). It
    /// takes the admin key. Secrets are masked, or stand by their names: `${{ secrets.NAME }}`.
    Configuration
}

/// Defines the reading of a part of the configuration.
macro_rules! parts {
    ($($(#[$doc:meta])* $method:ident -> $output:ty, $operation:ident, $call:ident;)*) => {
        impl Configuration<'_> {
            $($(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`InvalidInput`](crate::ErrorKind::InvalidInput) without an admin key, before anything is sent.
            pub async fn $method(self) -> Result<$output, Error> {
                let request = request_for(self.session, &operations::$operation, None)?;
                let outcome = request.api.$call().await;
                request.finish(outcome)
            })*
        }
    };
}

parts! {
    /// All of it in short: what the formation is, and how many agents, secrets and MCP servers it has.
    summary -> ConfigSummary, GET_CONFIG, get_config;
    /// All of it.
    formation -> ConfigBlock, GET_FORMATION, get_formation;
    /// The overlord, who hands each turn to an agent: its soul, caching, response, workflow and clarification.
    overlord -> ConfigBlock, GET_OVERLORD, get_overlord;
    /// What the overlord is told to be.
    overlord_soul -> String, GET_OVERLORD_SOUL, get_overlord_soul;
    /// The models, their settings and keys.
    llm -> ConfigBlock, GET_LLM_SETTINGS, get_llm_settings;
    /// The memory: buffer, working and persistent.
    memory -> ConfigBlock, GET_MEMORY_CONFIG, get_memory_config;
    /// When turns go to the background; empty where that is not declared.
    background -> ConfigBlock, GET_ASYNC_CONFIG, get_async_config;
    /// How the formation talks to others; empty where that is not declared.
    a2a -> ConfigBlock, GET_A2A_CONFIG, get_a2a_config;
    /// What is logged, and where to; empty where that is not declared.
    logging -> ConfigBlock, GET_LOGGING_CONFIG, get_logging_config;
    /// Where logs go.
    logging_destinations -> LoggingDestinations, LIST_LOGGING_DESTINATIONS, list_logging_destinations;
    /// The scheduler, which does [jobs](crate::Jobs).
    scheduler -> SchedulerConfig, GET_SCHEDULER_CONFIG, get_scheduler_config;
}
