//! The virtual environments with the Python clients.

use python_clients::{Installer, Package};

use crate::problem::Problem;

pub use python_clients::Environment;

/// All the environments.
#[derive(Debug)]
pub struct Environments {
    /// With `mycel-sdk` 0.1.45.
    pub sdk_045: Environment,
    /// With `mycel-sdk` 0.1.83.
    pub sdk_083: Environment,
    /// With `mycel-cli` 0.1.83, whose program is `cel`.
    pub cli_083: Environment,
    /// With `m8tes` 1.1.0.
    pub m8tes_110: Environment,
    /// With `m8tes` 4.49.0.
    pub m8tes_449: Environment,
    /// With `muxi` 1.20260713.0.
    pub muxi: Environment,
    /// Held while they are in use.
    _installer: Installer,
}

impl Environments {
    /// Makes what isn't there yet, or was made from other pins or by another Python.
    pub async fn prepare() -> Result<Self, Problem> {
        let installer = Installer::find().await?;
        Ok(Self {
            sdk_045: installer.install(Package::Sdk045).await?,
            sdk_083: installer.install(Package::Sdk083).await?,
            cli_083: installer.install(Package::Cli083).await?,
            m8tes_110: installer.install(Package::M8tes110).await?,
            m8tes_449: installer.install(Package::M8tes449).await?,
            muxi: installer.install(Package::Muxi).await?,
            _installer: installer,
        })
    }
}
