//! Bundles: a gzipped tar archive with one folder, in which a file declares the formation.

use std::{collections::BTreeMap, io::Read};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType, Header};

use super::yaml;

/// How much a bundle may hold, in bytes.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// The names of the file that declares a formation.
const DECLARATIONS: [&str; 3] = ["formation.afs", "formation.yaml", "formation.yml"];

/// A bundle that was unpacked.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// By their names in its folder.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Of all that is in it, whenever and however it was packed.
    pub(super) hash: String,
}

/// What a bundle declares.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) version: String,
    pub(super) whole: Value,
}

impl Unpacked {
    /// Unpacks a bundle.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(bundle: &[u8]) -> Result<Self, String> {
        let unreadable = |error: std::io::Error| error.to_string();
        let mut archive = Archive::new(GzDecoder::new(bundle).take(LARGEST));
        let (mut files, mut root) = (BTreeMap::new(), None::<String>);
        for entry in archive.entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if name.starts_with('/') || name.split('/').any(|step| step == "..") {
                return Err(format!("invalid file path in archive: {name}"));
            }
            let (top, rest) = name.split_once('/').unwrap_or((&name, ""));
            let root = root.get_or_insert_with(|| top.to_owned());
            if entry.header().entry_type() == EntryType::Regular && top == root && !rest.is_empty() {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).map_err(unreadable)?;
                files.insert(rest.trim_start_matches("./").to_owned(), bytes);
            }
        }
        if root.is_none() {
            return Err("empty archive or no root directory found".to_owned());
        }
        let mut hash = Sha256::new();
        for (name, bytes) in &files {
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        let hash = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { files, hash })
    }

    /// What it declares.
    ///
    /// # Errors
    ///
    /// What is wrong with the file that declares it, or that there is none.
    pub(super) fn declared(&self) -> Result<Declared, String> {
        let found = DECLARATIONS.iter().find_map(|name| Some((*name, self.files.get(*name)?)));
        let (file, text) = found.ok_or("formation.afs not found in bundle")?;
        let whole =
            yaml::read(&String::from_utf8_lossy(text)).map_err(|error| format!("failed to parse {file}: {error}"))?;
        let text = |field: &str| match whole.get(field) {
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let needed = |field: &str| text(field).ok_or_else(|| format!("{file} must have a '{field}' field"));
        let id = needed("id")?;
        needed("description")?;
        let (name, version) = (text("name"), text("version").unwrap_or_else(|| "1.0.0".to_owned()));
        Ok(Declared { id, name, version, whole })
    }
}

/// Packs files into a folder.
///
/// # Errors
///
/// If a name is too long for an archive.
pub(super) fn pack<'f>(folder: &str, files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("{folder}/{name}"), bytes)?;
    }
    archive.into_inner()?.finish()
}
