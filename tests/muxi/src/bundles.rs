//! Bundles that suites deploy.

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

/// A bundle of a formation with this id and version, in the folder of its name.
pub fn bundle(id: &str, version: &str) -> Vec<u8> {
    let declaration = format!(
        "schema: 1.0.0\nid: {id}\nname: The {id}\ndescription: For tests\nversion: {version}\nagents:\n  - id: scout\n"
    );
    packed(&[(&format!("{id}/formation.afs"), &declaration), (&format!("{id}/agents/scout.afs"), "id: scout\n")])
}

/// A bundle of these files, by their whole names.
pub fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = Archive::default();
    files.iter().for_each(|(name, text)| archive.add(name, EntryType::Regular, text.as_bytes()));
    archive.finish()
}

/// An archive that may be any, whatever a packer would say of it.
pub struct Archive(Builder<GzEncoder<Vec<u8>>>);

impl Default for Archive {
    fn default() -> Self {
        Self(Builder::new(GzEncoder::new(Vec::new(), Compression::fast())))
    }
}

impl Archive {
    /// Adds an entry, whose name is taken as it is.
    pub fn add(&mut self, name: &str, kind: EntryType, bytes: &[u8]) {
        let mut header = Header::new_ustar();
        let place = &mut header.as_old_mut().name;
        place.iter_mut().zip(name.bytes()).for_each(|(place, byte)| *place = byte);
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        self.0.append(&header, bytes).unwrap();
    }

    /// The archive, compressed.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner().unwrap().finish().unwrap()
    }
}
