//! How the bridge is set up: by a file, by the environment, or by both.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use m8tes_sdk::{PermissionMode, TeammateId};
use muxi_sdk::FormationClient;
use mycel_sdk::Client;
use serde::Deserialize;

use crate::bridge::Bridge;
use crate::lent::Lent;
use crate::pause::Pace;
use crate::store::{Store, StoreError};

/// A setting: its name in the file, its variable in the environment if it has one, and what it is.
pub type Setting = (&'static str, Option<&'static str>, &'static str);

/// All settings.
const SETTINGS: &[Setting] = &[
    (
        "state",
        Some("AGENT_BRIDGE_STATE"),
        "the file in which the bridge remembers; without one it forgets when it ends",
    ),
    ("answer_agents", None, "`true` has messages of other agents answered, too"),
    (
        "settles_after",
        None,
        "for how many seconds an answer that may have arrived is looked for before it is sent again: 10",
    ),
    ("mycel.url", Some("MYCEL_BASE_URL"), "where Mycel is, such as `http://127.0.0.1:8042`"),
    ("mycel.token", Some("MYCEL_AUTH_TOKEN"), "the token of the agent that answers"),
    ("mycel.token_file", Some("MYCEL_AUTH_TOKEN_FILE"), "a file with that token, instead"),
    ("m8tes.api_key", Some("M8TES_API_KEY"), "the key of the m8tes account, whose teammate is lent"),
    ("m8tes.api_key_file", Some("M8TES_API_KEY_FILE"), "a file with that key, instead"),
    ("m8tes.teammate", Some("M8TES_TEAMMATE"), "the id of the teammate, a number"),
    ("m8tes.url", Some("M8TES_BASE_URL"), "where m8tes is, if not where everybody's is"),
    ("m8tes.permission_mode", Some("M8TES_PERMISSION_MODE"), "`approval` unless set; `plan` or `autonomous`"),
    ("muxi.url", Some("MUXI_FORMATION_URL"), "where the formation is that is lent, such as `http://127.0.0.1:8001`"),
    ("muxi.server_url", Some("MUXI_SERVER_URL"), "or else where the management server is that has it"),
    ("muxi.formation", Some("MUXI_FORMATION_ID"), "and which of the server's formations it is, by its id"),
    ("muxi.draft", None, "`true` lends the draft of the server's formation"),
    ("muxi.client_key", Some("MUXI_CLIENT_KEY"), "the client key of the formation"),
    ("muxi.client_key_file", Some("MUXI_CLIENT_KEY_FILE"), "a file with that key, instead"),
];

/// How the bridge is set up. What the environment sets counts more than what stands in the file. [`settings`](Self::settings) are
/// all that there are.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    mycel: MycelConfig,
    m8tes: M8tesConfig,
    muxi: MuxiConfig,
    state: Option<PathBuf>,
    answer_agents: bool,
    settles_after: Option<u64>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MycelConfig {
    url: Option<String>,
    token: Option<String>,
    token_file: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct M8tesConfig {
    api_key: Option<String>,
    api_key_file: Option<String>,
    teammate: Option<i64>,
    url: Option<String>,
    permission_mode: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MuxiConfig {
    url: Option<String>,
    server_url: Option<String>,
    formation: Option<String>,
    draft: bool,
    client_key: Option<String>,
    client_key_file: Option<String>,
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

    /// All settings.
    pub fn settings() -> &'static [Setting] {
        SETTINGS
    }

    /// Sets what the environment sets, as `lookup` finds it. What is empty counts as not set.
    ///
    /// # Errors
    ///
    /// If a number is none.
    pub fn with_variables(mut self, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let lookup = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let set = |setting: &mut Option<String>, name| *setting = lookup(name).or(setting.take());
        // A secret of the environment counts more than a file with one that the file names, and the other way round.
        let set_secret = |secret: &mut Option<String>, file: &mut Option<String>, name, name_of_file| {
            let (secret_set, file_set) = (lookup(name), lookup(name_of_file));
            if secret_set.is_some() || file_set.is_some() {
                (*secret, *file) = (secret_set, file_set);
            }
        };
        let Self { mycel, m8tes, muxi, .. } = &mut self;
        set(&mut mycel.url, "MYCEL_BASE_URL");
        set_secret(&mut mycel.token, &mut mycel.token_file, "MYCEL_AUTH_TOKEN", "MYCEL_AUTH_TOKEN_FILE");
        set_secret(&mut m8tes.api_key, &mut m8tes.api_key_file, "M8TES_API_KEY", "M8TES_API_KEY_FILE");
        set(&mut m8tes.url, "M8TES_BASE_URL");
        set(&mut m8tes.permission_mode, "M8TES_PERMISSION_MODE");
        set(&mut muxi.url, "MUXI_FORMATION_URL");
        set(&mut muxi.server_url, "MUXI_SERVER_URL");
        set(&mut muxi.formation, "MUXI_FORMATION_ID");
        set_secret(&mut muxi.client_key, &mut muxi.client_key_file, "MUXI_CLIENT_KEY", "MUXI_CLIENT_KEY_FILE");
        if let Some(teammate) = lookup("M8TES_TEAMMATE") {
            let number = teammate.parse().map_err(|_| setting("M8TES_TEAMMATE is no number"))?;
            m8tes.teammate = Some(number);
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
        let url = self.mycel.url.ok_or_else(|| missing("mycel.url"))?;
        let token = secret(self.mycel.token, self.mycel.token_file, "mycel.token")?;
        let mycel = Client::builder(url).auth_token(token).build().map_err(|error| wrong("mycel.url", &error))?;
        let lent = match (self.m8tes.is_set(), self.muxi.is_set()) {
            (true, false) => self.m8tes.lent()?,
            (false, true) => self.muxi.lent()?,
            (true, true) => {
                let (key, url) = (full("m8tes.api_key"), full("muxi.url"));
                return Err(setting(format!(
                    "both {key} and {url} are set, or what stands for them; a bridge lends one"
                )));
            }
            (false, false) => {
                let (key, url, server) = (full("m8tes.api_key"), full("muxi.url"), full("muxi.server_url"));
                return Err(setting(format!("none of {key}, {url} and {server} is set: who is lent?")));
            }
        };
        let store = match self.state {
            Some(file) => Store::open(file)?,
            None => Store::in_memory(),
        };
        let mut pace = Pace::default();
        if let Some(seconds) = self.settles_after {
            pace = pace.settles_after(Duration::from_secs(seconds));
        }
        Ok(Bridge::new(mycel, lent, store).answer_agents(self.answer_agents).pace(pace))
    }
}

impl M8tesConfig {
    fn is_set(&self) -> bool {
        self.api_key.is_some() || self.api_key_file.is_some()
    }

    fn lent(self) -> Result<Lent, ConfigError> {
        let key = secret(self.api_key, self.api_key_file, "m8tes.api_key")?;
        let teammate = self.teammate.ok_or_else(|| missing("m8tes.teammate"))?;
        let mut builder = m8tes_sdk::Client::builder(key);
        if let Some(url) = self.url {
            builder = builder.base_url(url);
        }
        let client = builder.build().map_err(|error| wrong("m8tes.url", &error))?;
        let mode = self.permission_mode.map_or(PermissionMode::Approval, PermissionMode::from);
        if let PermissionMode::Other(_) = mode {
            return Err(setting(format!("{} is none of approval, plan and autonomous", full("m8tes.permission_mode"))));
        }
        Ok(Lent::m8tes_with_mode(client, TeammateId::from(teammate), mode))
    }
}

impl MuxiConfig {
    fn is_set(&self) -> bool {
        self.url.is_some() || self.server_url.is_some()
    }

    fn lent(self) -> Result<Lent, ConfigError> {
        let (name, builder) = match (self.url, self.server_url) {
            (Some(url), _) => ("muxi.url", FormationClient::direct(url)),
            (None, url) => {
                let url = url.ok_or_else(|| missing("muxi.url"))?;
                let formation = self.formation.ok_or_else(|| missing("muxi.formation"))?;
                let builder = FormationClient::builder(url).formation(formation);
                ("muxi.server_url", if self.draft { builder.draft() } else { builder.live() })
            }
        };
        let key = secret(self.client_key, self.client_key_file, "muxi.client_key")?;
        let formation = builder.client_key(key).build().map_err(|error| wrong(name, &error))?;
        Ok(Lent::muxi(formation))
    }
}

/// A secret, or what stands in its file.
fn secret(secret: Option<String>, file: Option<String>, name: &str) -> Result<String, ConfigError> {
    match (secret, file) {
        (Some(_), Some(_)) => Err(setting(format!("{name} and {name}_file are both set; set one"))),
        (None, Some(path)) => {
            let unreadable = |error| {
                let file = full(&format!("{name}_file"));
                setting(format!("{path}, which {file} names, can't be read ({error})"))
            };
            Ok(fs::read_to_string(&path).map_err(unreadable)?.trim().to_owned())
        }
        (Some(secret), None) => Ok(secret),
        (None, None) => Err(missing(name)),
    }
}

/// A setting's name, and its variable.
fn full(name: &str) -> String {
    let variable = SETTINGS.iter().find(|(known, ..)| *known == name).and_then(|(_, variable, _)| *variable);
    variable.map_or_else(|| name.to_owned(), |variable| format!("{name} ({variable})"))
}

fn missing(name: &str) -> ConfigError {
    setting(format!("{} is not set", full(name)))
}

/// What a client says of a setting, most likely of this one.
fn wrong(name: &str, problem: &dyn std::fmt::Display) -> ConfigError {
    setting(format!("{}: {problem}", full(name)))
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
        let server =
            format!("{MYCEL}[muxi]\nserver_url = 'http://127.0.0.1:2'\nformation = 'echo-bot'\ndraft = true\n");
        from(&server, &[("MUXI_CLIENT_KEY", "ck")]).unwrap();
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
            (MYCEL, &[], "who is lent?"),
            (MYCEL, &[("MUXI_SERVER_URL", "http://127.0.0.1:2")], "muxi.formation (MUXI_FORMATION_ID) is not set"),
            (MYCEL, &[("MUXI_FORMATION_URL", "http://127.0.0.1:2")], "muxi.client_key (MUXI_CLIENT_KEY) is not set"),
            (MYCEL, &[("M8TES_API_KEY_FILE", "/nowhere/key")], "/nowhere/key, which m8tes.api_key_file"),
            (MYCEL, &[("MYCEL_BASE_URL", "ftp://host")], "mycel.url (MYCEL_BASE_URL): "),
            (&m8tes(""), &[], "m8tes.teammate"),
            (&m8tes("teammate = 7\npermission_mode = 'all'"), &[], "permission_mode"),
            (&m8tes("teammate = 7"), &both, "lends one"),
            (&m8tes("teammate = 7"), &[("M8TES_TEAMMATE", "x")], "M8TES_TEAMMATE is no number"),
            (&m8tes("token = 'm8_secret'"), &[], "line 6"),
            (&m8tes("api_key = 'm8_secret' x"), &[], "line 6"),
            (&m8tes("api_key_file = 'f'"), &[], "m8tes.api_key and m8tes.api_key_file are both set"),
        ] {
            let error = from(text, variables).unwrap_err();
            let printed = format!("{error} {error:?}");
            assert!(error.to_string().contains(problem), "{problem}: {error}");
            assert!(!printed.contains("secret") && !printed.contains("tok-123"), "{printed}");
        }
    }

    #[test]
    fn secrets_may_stand_in_files_and_what_the_environment_sets_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key").to_str().unwrap().to_owned();
        fs::write(&file, "m8_key\n").unwrap();
        let teammate = format!("{MYCEL}[m8tes]\nteammate = 7\n");
        from(&teammate, &[("M8TES_API_KEY_FILE", file.as_str())]).unwrap();
        from(&format!("{teammate}api_key = 'm8_other'\n"), &[("M8TES_API_KEY_FILE", file.as_str())]).unwrap();
        from(&format!("{teammate}api_key_file = '{file}'\n"), &[]).unwrap();
        from(&format!("{teammate}api_key_file = '/nowhere/key'\n"), &[("M8TES_API_KEY", "m8_key")]).unwrap();
    }

    /// The settings that there are, as the parser knows them.
    fn in_the_file(table: &str) -> Vec<String> {
        let text = if table.is_empty() { "unknown = 1".to_owned() } else { format!("[{table}]\nunknown = 1") };
        let Err(error) = toml::from_str::<Config>(&text) else { panic!("an unknown setting is taken") };
        let names = error.message().split("expected one of ").nth(1).unwrap();
        names.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
    }

    #[test]
    fn the_table_of_settings_is_all_that_the_file_and_the_environment_may_set() {
        let mut known = Vec::new();
        for name in in_the_file("") {
            match name.as_str() {
                "mycel" | "m8tes" | "muxi" => {
                    known.extend(in_the_file(&name).iter().map(|own| format!("{name}.{own}")))
                }
                _ => known.push(name),
            }
        }
        known.sort();
        let mut listed: Vec<_> = SETTINGS.iter().map(|(name, ..)| (*name).to_owned()).collect();
        listed.sort();
        assert_eq!(known, listed);

        let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let lookup = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            None
        };
        Config::default().with_variables(lookup).unwrap();
        let listed = SETTINGS.iter().filter_map(|(_, variable, _)| *variable).map(str::to_owned).collect();
        assert_eq!(asked.into_inner(), listed);
    }

    #[test]
    fn the_readme_has_the_table_of_settings() {
        let readme = include_str!("../README.md");
        let row = |(name, variable, what): &Setting| {
            let variable = variable.map_or("–".to_owned(), |variable| format!("`{variable}`"));
            format!("| `{name}` | {variable} | {what} |")
        };
        let rows: Vec<_> = SETTINGS.iter().map(row).collect();
        let told: Vec<_> = readme.lines().skip_while(|line| *line != "|---|---|---|").skip(1).collect();
        let told: Vec<_> = told.into_iter().take_while(|line| line.starts_with('|')).collect();
        assert_eq!(told, rows, "the table is:\n{}", rows.join("\n"));
    }

    #[test]
    fn the_file_of_the_readme_is_one() {
        let readme = include_str!("../README.md");
        let file = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
        // Both of those that it shows.
        toml::from_str::<Config>(&file.replace("\n# ", "\n")).map(drop).unwrap();
    }
}
