//! What a formation is deployed from.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use agent_platform_core::Bytes;
use tokio::runtime::Handle;

use super::archive;
use super::declaration::Declaration;

/// How large a bundle may be, in bytes. It is read into memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What a formation is deployed from: a `.tar.gz` with one folder, in which `formation.afs` (or `.yaml`, `.yml`) declares it.
///
/// A path is one of a file, and bytes are the file itself. It is looked through before anything is sent, and nothing of it is
/// unpacked onto the disk: refused are bundles of more than 256 MiB, or of more than 1 GiB or 10,000 entries once unpacked; and
/// links, devices, and names that lead out of the folder.
#[derive(Clone, Debug)]
pub struct Bundle(Source);

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Bytes(Bytes),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

/// A bundle that was read, and what it declares.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) bytes: Bytes,
    pub(super) declaration: Declaration,
}

impl Bundle {
    /// The bundle in this file. It is read when it is sent.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// The bundle of these bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Source::Bytes(bytes.into().into()))
    }

    /// Reads it, and looks through it. That takes a moment of a processor, so it is done where that disturbs nobody.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) async fn read(self) -> Result<Contents, String> {
        match Handle::try_current() {
            Ok(runtime) => {
                let read = runtime.spawn_blocking(move || self.0.read()).await;
                read.map_err(|_| "the runtime ended before the bundle was read".to_owned())?
            }
            Err(_) => self.0.read(),
        }
    }
}

impl Source {
    #[inline]
    fn read(self) -> Result<Contents, String> {
        let bytes = match self {
            Self::Bytes(bytes) => bytes,
            Self::File(path) => read_file(&path)
                .map_err(|error| format!("the bundle {} can't be read ({error})", path.display()))?
                .into(),
        };
        if bytes.len() as u64 > LARGEST {
            return Err("the bundle is larger than 256 MiB".to_owned());
        }
        let declaration = archive::declaration(&bytes)?;
        Ok(Contents { bytes, declaration })
    }
}

/// A file, up to one byte more than may be.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl From<&str> for Bundle {
    fn from(path: &str) -> Self {
        Self::file(path)
    }
}

impl From<String> for Bundle {
    fn from(path: String) -> Self {
        Self::file(path)
    }
}

impl From<&Path> for Bundle {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

impl From<PathBuf> for Bundle {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<Vec<u8>> for Bundle {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<&[u8]> for Bundle {
    fn from(bytes: &[u8]) -> Self {
        Self::bytes(bytes)
    }
}
