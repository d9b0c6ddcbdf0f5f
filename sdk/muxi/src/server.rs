//! The management server, which deploys formations, starts and stops them: [`ServerClient`], and what its calls take and
//! return.
//!
//! ```no_run
//! use futures::StreamExt;
//! use muxi_sdk::ServerClient;
//!
//! # async fn example() -> Result<(), muxi_sdk::Error> {
//! let server = ServerClient::builder("http://localhost:7890").key_id("MUXI_…").secret_key("sk_…").build()?;
//! let mut deployment = server.deploy("my-bot.tar.gz").stream().await?;
//! while let Some(progress) = deployment.next().await.transpose()? {
//!     println!("{}: {}", progress.stage, progress.message);
//! }
//! let deployed = deployment.finish().await?;
//! println!("{} listens on {:?}", deployed.formation_id, deployed.port);
//! # Ok(())
//! # }
//! ```

mod archive;
mod bundle;
mod change;
mod client;
mod declaration;
mod deploy;
mod deployed;
mod download;
mod draft;
mod id;
mod key_pair;
mod logs;
mod model;
mod platform;
mod progress;
mod refusal;

pub use bundle::Bundle;
pub use change::{Restart, Rollback, Start};
pub use client::{ServerClient, ServerClientBuilder};
pub use deploy::{Deploy, DeployOrUpdate, Update};
pub use deployed::Deployed;
pub use download::DownloadFormation;
pub use draft::{DeployDraft, Draft, DraftEntry, RunningDraft};
pub use id::FormationId;
pub(crate) use id::is_formation_id;
pub use logs::{GetLogs, GetServerLogs, LogSource, LogStream};
pub use model::{
    BundleVersions, CancelledUpdate, DeployedFormation, FormationLogs, FormationState, ServerHealth, ServerStatus,
    StoppedFormation,
};
pub use progress::{Progress, ProgressStream, Stage};
