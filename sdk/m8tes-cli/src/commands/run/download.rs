//! Getting a file that a run has made.

use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use m8tes_sdk::{Client, RunId};
use serde_json::json;
use tokio::fs::{self, OpenOptions};

use crate::failure::Failure;
use crate::session::Session;

pub(super) async fn run(
    session: &mut Session<'_>,
    run: RunId,
    name: &str,
    to: Option<&Path>,
    force: bool,
) -> Result<(), Failure> {
    let client = session.client()?;
    if to == Some(Path::new("-")) {
        let mut pieces = client.runs().download_file(run, name).into_stream().await?;
        while let Some(piece) = pieces.try_next().await? {
            session.screen.bytes(&piece)?;
        }
        return Ok(());
    }
    let path = path_of(name, to)?;
    if !force && fs::try_exists(&path).await.unwrap_or_default() {
        return Err(Failure::failed(format!("{} is there already; --force writes over it", path.display())));
    }
    let bytes = download(&client, run, name, &path).await?;
    if session.screen.is_json() {
        return session.screen.json(&json!({"name": name, "path": path, "bytes": bytes}));
    }
    session.screen.line(&format!("{} ({bytes} bytes)", path.display()))
}

/// Where the file is to go. A name never leads out of the folder.
fn path_of(name: &str, to: Option<&Path>) -> Result<PathBuf, Failure> {
    let own = || {
        let file = Path::new(name).file_name().filter(|file| Path::new(file) == Path::new(name));
        file.map(PathBuf::from)
            .ok_or_else(|| Failure::failed(format!("{name:?} is no name of a file; say where with -o")))
    };
    match to {
        None => own(),
        Some(folder) if folder.is_dir() => Ok(folder.join(own()?)),
        Some(path) => Ok(path.to_owned()),
    }
}

/// Writes the file beside its place, and moves it there when it is whole.
async fn download(client: &Client, run: RunId, name: &str, path: &Path) -> Result<u64, Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let unwritten = |error: std::io::Error| Failure::io(&format!("{} can't be written", path.display()), &error);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside).await.map_err(unwritten)?;
    let written = client.runs().download_file(run, name).to_writer(&mut file).await;
    drop(file);
    let moved = match written {
        Ok(bytes) => fs::rename(&beside, path).await.map(|()| bytes).map_err(unwritten),
        Err(error) => Err(error.into()),
    };
    if moved.is_err() {
        // It was never whole, and nobody knows of it.
        let _ = fs::remove_file(&beside).await;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        assert_eq!(path_of("a b.csv", None).unwrap(), Path::new("a b.csv"));
        for name in ["../a", "/etc/a", "..", "", "a/b"] {
            assert!(path_of(name, None).is_err(), "{name}");
            assert!(path_of(name, Some(&std::env::temp_dir())).is_err(), "{name}");
            assert_eq!(path_of(name, Some(Path::new("there"))).unwrap(), Path::new("there"));
        }
    }
}
