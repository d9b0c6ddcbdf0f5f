//! The file of logins.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use m8tes_sdk::Secret;
use serde::{Deserialize, Serialize};

use super::make_folder;
use crate::failure::Failure;

/// A file of logins, which nobody but its owner can read from the moment that it is made.
pub(super) struct LoginFile(PathBuf);

/// What is in it.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Logins {
    #[serde(default)]
    profiles: BTreeMap<String, Login>,
}

#[derive(Default, Deserialize, Serialize)]
struct Login {
    /// Where there is no keyring that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
}

impl LoginFile {
    /// In this folder.
    pub(super) fn at(folder: &Path) -> Self {
        Self(folder.join("logins.json"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// What is in it; nothing where there is none.
    pub(super) fn read(&self) -> Result<Logins, Failure> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Logins::default()),
            Err(error) => return Err(self.failure("can't be read", &error)),
        };
        // What is wrong is not said in full: it may hold a key.
        serde_json::from_str(&text).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Failure::failed(format!("{} is no file of logins ({place}); remove it and log in", self.0.display()))
        })
    }

    /// Writes it anew: beside it first, so that it is never half written.
    pub(super) fn write(&self, logins: &Logins) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(logins)
            .map_err(|error| Failure::failed(format!("the logins can't be written as JSON: {error}")))?;
        self.replace(&text).map_err(|error| self.failure("can't be written", &error))
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            make_folder(folder)?;
        }
        let beside = self.0.with_extension(format!("{}.new", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let _ = fs::remove_file(&beside);
        let written = options.open(&beside).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.0)
        });
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn failure(&self, what: &str, error: &io::Error) -> Failure {
        Failure::failed(format!("{} {what}: {error}", self.0.display()))
    }
}

impl Logins {
    pub(super) fn key(&self, profile: &str) -> Option<Secret> {
        let key = self.profiles.get(profile)?.api_key.as_deref()?;
        (!key.is_empty()).then(|| Secret::from(key))
    }

    pub(super) fn base_url(&self, profile: &str) -> Option<String> {
        self.profiles.get(profile)?.base_url.clone()
    }

    pub(super) fn put(&mut self, profile: &str, key: Option<&Secret>, base_url: Option<&str>) {
        let api_key = key.map(|key| key.expose_secret().to_owned());
        self.profiles.insert(profile.to_owned(), Login { api_key, base_url: base_url.map(str::to_owned) });
    }

    pub(super) fn remove(&mut self, profile: &str) -> bool {
        self.profiles.remove(profile).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_kept_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = LoginFile::at(&folder.path().join("deep").join("m8tes"));
        let mut logins = file.read().unwrap();
        assert!(logins.key("a").is_none() && !logins.remove("a"));
        logins.put("a", Some(&Secret::from("m8_a")), None);
        logins.put("b", None, Some("http://127.0.0.1:1"));
        file.write(&logins).unwrap();
        file.write(&logins).unwrap();
        let mut read = file.read().unwrap();
        assert_eq!(read.key("a").unwrap().expose_secret(), "m8_a");
        assert!(read.key("b").is_none());
        assert_eq!(read.base_url("b").as_deref(), Some("http://127.0.0.1:1"));
        assert!(read.remove("a"));
        let left = fs::read_dir(file.path().parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it_or_look_into_its_folder() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let file = LoginFile::at(&folder.path().join("m8tes"));
        file.write(&Logins::default()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(file.path()), mode(file.path().parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_file_that_is_none_is_named_without_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = LoginFile::at(folder.path());
        fs::write(file.path(), "{\"profiles\": {\"a\": {\"api_key\": m8_secret").unwrap();
        let line = file.read().err().unwrap().line().unwrap();
        assert!(line.contains("logins.json is no file of logins") && !line.contains("m8_secret"), "{line}");
    }
}
