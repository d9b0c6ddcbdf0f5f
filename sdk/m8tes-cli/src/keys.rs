//! The stored logins: in the system's keyring, else in a file that nobody else can read.

mod file;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use keyring::v1::Entry;
use m8tes_sdk::Secret;

use crate::failure::Failure;
use file::LoginFile;

/// The name of the program in keyrings, which m8tes' other commands use, too.
const SERVICE: &str = "m8tes";

/// The login that is used where none is named.
const DEFAULT_PROFILE: &str = "default";

/// Where a key was found, or put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Keyring,
    File(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keyring => f.write_str("the system's keyring"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The logins of this machine's user, of which one is used.
pub(crate) struct KeyStore {
    profile: String,
    file: LoginFile,
    has_keyring: bool,
}

impl KeyStore {
    /// The login of this name, else of that in `M8TES_PROFILE`.
    ///
    /// `M8TES_CONFIG_DIR` is another folder than the platform's, and `M8TES_KEYRING=off` does without a keyring.
    pub(crate) fn open(profile: Option<&str>) -> Result<Self, Failure> {
        let profile = match profile {
            Some(profile) => profile.to_owned(),
            None => variable("M8TES_PROFILE").unwrap_or_else(|| DEFAULT_PROFILE.to_owned()),
        };
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        if profile.is_empty() || !profile.chars().all(is_plain) {
            return Err(Failure::usage(format!(
                "a profile is named with letters, digits, -, _ and .; not {profile:?}"
            )));
        }
        let has_keyring = variable("M8TES_KEYRING").is_none_or(|value| value != "off");
        Ok(Self { profile, file: LoginFile::at(&folder()?), has_keyring })
    }

    pub(crate) fn profile(&self) -> &str {
        &self.profile
    }

    /// The key, and where it was. One in the file is newer than one in a keyring: it is put there when the keyring fails.
    pub(crate) fn key(&self) -> Result<Option<(Secret, Place)>, Failure> {
        if let Some(key) = self.file.read()?.key(&self.profile) {
            return Ok(Some((key, Place::File(self.file.path().to_owned()))));
        }
        let found = self.entry().and_then(|entry| entry.get_password().ok()).filter(|key| !key.is_empty());
        Ok(found.map(|key| (Secret::from(key), Place::Keyring)))
    }

    /// Where m8tes is for this login, where that was said.
    pub(crate) fn base_url(&self) -> Result<Option<String>, Failure> {
        Ok(self.file.read()?.base_url(&self.profile))
    }

    /// Stores a login.
    pub(crate) fn save(&self, key: &Secret, base_url: Option<&str>) -> Result<Place, Failure> {
        let is_in_keyring = self.entry().is_some_and(|entry| entry.set_password(key.expose_secret()).is_ok());
        let mut logins = self.file.read()?;
        logins.put(&self.profile, (!is_in_keyring).then_some(key), base_url);
        self.file.write(&logins)?;
        Ok(if is_in_keyring { Place::Keyring } else { Place::File(self.file.path().to_owned()) })
    }

    /// Forgets a login: whether there was one.
    pub(crate) fn forget(&self) -> Result<bool, Failure> {
        let was_in_keyring = self.entry().is_some_and(|entry| entry.delete_credential().is_ok());
        let mut logins = self.file.read()?;
        let was_in_file = logins.remove(&self.profile);
        if was_in_file {
            self.file.write(&logins)?;
        }
        Ok(was_in_keyring || was_in_file)
    }

    /// The place in the keyring; `None` where there is none, as on servers.
    fn entry(&self) -> Option<Entry> {
        let user = match self.profile.as_str() {
            DEFAULT_PROFILE => "default_api_key".to_owned(),
            profile => format!("{profile}_api_key"),
        };
        if self.has_keyring { Entry::new(SERVICE, &user).ok() } else { None }
    }
}

/// An environment variable; one that is empty counts as not set.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where this program keeps what is the user's.
pub(crate) fn folder() -> Result<PathBuf, Failure> {
    use etcetera::BaseStrategy;

    if let Some(folder) = env::var_os("M8TES_CONFIG_DIR").filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    match etcetera::choose_base_strategy() {
        Ok(strategy) => Ok(strategy.config_dir().join(SERVICE)),
        Err(error) => Err(Failure::failed(format!("{error}; set M8TES_CONFIG_DIR"))),
    }
}

/// Makes a folder that nobody else can look into.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
