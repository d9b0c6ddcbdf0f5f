//! How the bridge is set up: by a file, by the environment, or by both.

use std::path::{Path, PathBuf};
use std::{fs, io};

use m8tes_sdk::{PermissionMode, TeammateId};
use muxi_sdk::FormationClient;
use mycel_sdk::Client;
use serde::Deserialize;

use crate::bridge::Bridge;
use crate::lent::Lent;
use crate::store::{Store, StoreError};

/// How the bridge is set up. What the environment sets counts more than what stands in the file.
///
/// | in the file | in the environment | what it is |
/// |---|---|---|
/// | `mycel.url` | `MYCEL_BASE_URL` | where Mycel is |
/// | `mycel.token` | `MYCEL_AUTH_TOKEN` | the token of the agent that answers |
/// | `m8tes.api_key` | `M8TES_API_KEY` | the key of the m8tes account |
/// | `m8tes.teammate` | `M8TES_TEAMMATE` | the id of the teammate that is lent |
/// | `m8tes.url` | `M8TES_BASE_URL` | where m8tes is, if not where everybody's is |
/// | `m8tes.permission_mode` | `M8TES_PERMISSION_MODE` | `approval` unless set; `plan` or `autonomous` |
/// | `muxi.url` | `MUXI_FORMATION_URL` | where the formation is that is lent |
/// | `muxi.client_key` | `MUXI_CLIENT_KEY` | its client key |
/// | `state` | `AGENT_BRIDGE_STATE` | the file in which the bridge remembers; without one it forgets when it ends |
/// | `answer_agents` | – | whether messages of other agents are answered, too |
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    mycel: MycelConfig,
    m8tes: M8tesConfig,
    muxi: MuxiConfig,
    state: Option<PathBuf>,
    answer_agents: bool,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MycelConfig {
    url: Option<String>,
    token: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct M8tesConfig {
    api_key: Option<String>,
    teammate: Option<i64>,
    url: Option<String>,
    permission_mode: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MuxiConfig {
    url: Option<String>,
    client_key: Option<String>,
}

/// What is wrong with how the bridge is set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path} can't be read ({source})")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{path} is no configuration ({problem})")]
    Malformed {
        /// The file.
        path: String,
        /// Where, and what is wrong; nothing of the file is repeated.
        problem: String,
    },
    /// Something has to be set, or can't be set so.
    #[error("{0}")]
    Setting(String),
    /// What the bridge remembers can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Shows no secret, and so nothing.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}

impl Config {
    /// What stands in a file, in TOML.
    ///
    /// # Errors
    ///
    /// If it can't be read, or holds what is no setting.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let name = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: name(), source })?;
        toml::from_str(&text).map_err(|error| {
            // Its own text shows the line, in which a secret may stand.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            ConfigError::Malformed { path: name(), problem: format!("line {line}: {}", error.message()) }
        })
    }

    /// Sets what the environment sets, as `lookup` finds it. What is empty counts as not set.
    ///
    /// # Errors
    ///
    /// If a number is none.
    pub fn with_variables(mut self, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let lookup = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let set = |setting: &mut Option<String>, name| *setting = lookup(name).or(setting.take());
        set(&mut self.mycel.url, "MYCEL_BASE_URL");
        set(&mut self.mycel.token, "MYCEL_AUTH_TOKEN");
        set(&mut self.m8tes.api_key, "M8TES_API_KEY");
        set(&mut self.m8tes.url, "M8TES_BASE_URL");
        set(&mut self.m8tes.permission_mode, "M8TES_PERMISSION_MODE");
        set(&mut self.muxi.url, "MUXI_FORMATION_URL");
        set(&mut self.muxi.client_key, "MUXI_CLIENT_KEY");
        if let Some(teammate) = lookup("M8TES_TEAMMATE") {
            let number = teammate.parse().map_err(|_| setting("M8TES_TEAMMATE is no number"))?;
            self.m8tes.teammate = Some(number);
        }
        if let Some(state) = lookup("AGENT_BRIDGE_STATE") {
            self.state = Some(state.into());
        }
        Ok(self)
    }

    /// The bridge that is set up so.
    ///
    /// # Errors
    ///
    /// If something is missing or not valid, or if what the bridge remembers can't be read.
    pub fn bridge(self) -> Result<Bridge, ConfigError> {
        let url = required(self.mycel.url, "mycel.url (MYCEL_BASE_URL)")?;
        let token = required(self.mycel.token, "mycel.token (MYCEL_AUTH_TOKEN)")?;
        let mycel = Client::builder(url).auth_token(token).build().map_err(|error| setting(error.to_string()))?;
        let lent = match (self.m8tes.api_key, self.muxi.url) {
            (Some(key), None) => {
                let teammate = self.m8tes.teammate.ok_or_else(|| missing("m8tes.teammate (M8TES_TEAMMATE)"))?;
                let mut builder = m8tes_sdk::Client::builder(key);
                if let Some(url) = self.m8tes.url {
                    builder = builder.base_url(url);
                }
                let client = builder.build().map_err(|error| setting(error.to_string()))?;
                let mode = self.m8tes.permission_mode.map_or(PermissionMode::Approval, PermissionMode::from);
                if let PermissionMode::Other(_) = mode {
                    return Err(setting("m8tes.permission_mode is none of approval, plan and autonomous"));
                }
                Lent::m8tes_with_mode(client, TeammateId::from(teammate), mode)
            }
            (None, Some(url)) => {
                let key = required(self.muxi.client_key, "muxi.client_key (MUXI_CLIENT_KEY)")?;
                let formation = FormationClient::direct(url).client_key(key).build();
                Lent::muxi(formation.map_err(|error| setting(error.to_string()))?)
            }
            (Some(_), Some(_)) => return Err(setting("both m8tes and muxi are set; a bridge lends one")),
            (None, None) => {
                return Err(setting("neither m8tes.api_key (M8TES_API_KEY) nor muxi.url (MUXI_FORMATION_URL) is set"));
            }
        };
        let store = match self.state {
            Some(file) => Store::open(file)?,
            None => Store::in_memory(),
        };
        Ok(Bridge::new(mycel, lent, store).answer_agents(self.answer_agents))
    }
}

fn required(value: Option<String>, name: &str) -> Result<String, ConfigError> {
    value.ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ConfigError {
    setting(format!("{name} is not set"))
}

fn setting(problem: impl Into<String>) -> ConfigError {
    ConfigError::Setting(problem.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str, variables: &[(&str, &str)]) -> Result<Bridge, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::from_file(file.path())?.with_variables(find)?.bridge()
    }

    const MYCEL: &str = "[mycel]\nurl = 'http://127.0.0.1:1'\ntoken = 'tok-123'\n";

    #[test]
    fn a_file_or_the_environment_or_both_set_it_up() {
        let m8tes = format!("{MYCEL}[m8tes]\napi_key = 'm8_x'\nteammate = 7\n");
        from(&m8tes, &[]).unwrap();
        from(&format!("{MYCEL}[muxi]\nurl = 'http://127.0.0.1:2'\n"), &[("MUXI_CLIENT_KEY", "ck")]).unwrap();
        let all = [("MYCEL_BASE_URL", "http://127.0.0.1:1"), ("MYCEL_AUTH_TOKEN", "t"), ("M8TES_API_KEY", "m8_x")];
        from("", &[&all[..], &[("M8TES_TEAMMATE", "7")]].concat()).unwrap();
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_no_secret_is_shown() {
        let m8tes = |more: &str| format!("{MYCEL}[m8tes]\napi_key = 'm8_secret'\n{more}");
        let both = [("MUXI_FORMATION_URL", "http://127.0.0.1:2")];
        for (text, variables, problem) in [
            ("", &[][..], "mycel.url"),
            ("[mycel]\nurl = 'http://127.0.0.1:1'", &[], "mycel.token"),
            (MYCEL, &[], "neither m8tes"),
            (&m8tes(""), &[], "m8tes.teammate"),
            (&m8tes("teammate = 7\npermission_mode = 'all'"), &[], "permission_mode"),
            (&m8tes("teammate = 7"), &both, "lends one"),
            (&m8tes("teammate = 7"), &[("M8TES_TEAMMATE", "x")], "M8TES_TEAMMATE is no number"),
            (&m8tes("token = 'm8_secret'"), &[], "line 6"),
            (&m8tes("api_key = 'm8_secret' x"), &[], "line 6"),
        ] {
            let error = from(text, variables).unwrap_err();
            let printed = format!("{error} {error:?}");
            assert!(error.to_string().contains(problem), "{problem}: {error}");
            assert!(!printed.contains("secret") && !printed.contains("tok-123"), "{printed}");
        }
    }
}
