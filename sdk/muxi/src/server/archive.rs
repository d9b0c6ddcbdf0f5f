//! A look through a bundle, of which nothing is unpacked.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::declaration::Declaration;

/// How much it may hold, in bytes.
const MOST_UNPACKED: u64 = 1024 * 1024 * 1024;

/// How many entries it may have.
const MOST_ENTRIES: usize = 10_000;

/// How long the name of an entry may be, or what stands for it, in bytes.
const LONGEST_NAME: u64 = 64 * 1024;

/// How long the file may be that declares the formation, in bytes.
const LONGEST_DECLARATION: u64 = 1024 * 1024;

/// The names of the file that declares a formation, the first that there is.
const DECLARATIONS: [&str; 3] = ["formation.afs", "formation.yaml", "formation.yml"];

/// What the formation of a bundle is declared as. All of the bundle is looked at before that, as the server does that unpacks it.
///
/// # Errors
///
/// What is wrong with the bundle.
#[inline]
pub(super) fn declaration(bundle: &[u8]) -> Result<Declaration, String> {
    declaration_within(bundle, MOST_UNPACKED)
}

#[inline]
fn declaration_within(bundle: &[u8], most_unpacked: u64) -> Result<Declaration, String> {
    if !bundle.starts_with(&[0x1f, 0x8b]) {
        return Err("the bundle is not compressed with gzip; make it with `tar czf my-bot.tar.gz my-bot`".to_owned());
    }
    let is_spent = Rc::new(Cell::new(false));
    let unpacked = Bounded { inner: MultiGzDecoder::new(bundle), left: most_unpacked, is_spent: Rc::clone(&is_spent) };
    let look = Look::default().through(Archive::new(unpacked));
    let (name, text) = match look {
        // Whatever it led to.
        _ if is_spent.get() => return Err("the bundle holds more than 1 GiB once it is unpacked".to_owned()),
        look => look?,
    };
    Declaration::read(&text).map_err(|problem| format!("the bundle's {name} {problem}"))
}

/// What was seen of a bundle so far.
#[derive(Default)]
struct Look {
    root: Option<String>,
    /// The files that may declare the formation, in the order of their names.
    found: [Option<Vec<u8>>; DECLARATIONS.len()],
    /// The name of the next entry, where one before it says so.
    next_name: Option<Vec<u8>>,
}

impl Look {
    /// The name of the file that declares the formation, and what is in it.
    fn through<R: Read>(mut self, mut archive: Archive<R>) -> Result<(&'static str, String), String> {
        let entries = archive.entries().map_err(unreadable)?.raw(true);
        for (number, entry) in entries.enumerate() {
            if number >= MOST_ENTRIES {
                return Err("the bundle has more than 10,000 entries".to_owned());
            }
            self.take(entry.map_err(unreadable)?)?;
        }
        let Some(root) = self.root else { return Err("the bundle is empty".to_owned()) };
        let mut found = DECLARATIONS.into_iter().zip(self.found);
        let (name, text) = found.find_map(|(name, text)| Some((name, text?))).ok_or_else(|| {
            format!("the bundle has no formation.afs, formation.yaml or formation.yml in its folder `{}`", shown(&root))
        })?;
        let text = String::from_utf8(text).map_err(|_| format!("the bundle's {name} is not written in UTF-8"))?;
        Ok((name, text))
    }

    fn take<R: Read>(&mut self, mut entry: Entry<'_, R>) -> Result<(), String> {
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => {
                let mut name = read_short(&mut entry, LONGEST_NAME)?;
                let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
                name.truncate(end);
                self.next_name = Some(name);
                return Ok(());
            }
            EntryType::XHeader => {
                let extensions = read_short(&mut entry, LONGEST_NAME)?;
                for extension in PaxExtensions::new(&extensions) {
                    let extension = extension.map_err(unreadable)?;
                    if extension.key_bytes() == b"path" {
                        self.next_name = Some(extension.value_bytes().to_vec());
                    }
                }
                return Ok(());
            }
            // What holds for all entries names none.
            EntryType::XGlobalHeader => return Ok(()),
            _ => {}
        }
        let name = self.next_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let name = String::from_utf8(name).map_err(|_| "the bundle has an entry whose name is not UTF-8".to_owned())?;
        check_name(&name)?;
        match kind {
            EntryType::Regular | EntryType::Directory => {}
            EntryType::Symlink | EntryType::Link | EntryType::GNULongLink => {
                return Err(format!("the bundle has a link, `{}`; put the file itself there", shown(&name)));
            }
            _ => return Err(format!("the bundle has an entry that is no file and no folder, `{}`", shown(&name))),
        }
        let (root, inside) = split(&name);
        let Some(known) = &self.root else {
            if inside.is_none() && kind == EntryType::Regular {
                return Err(format!(
                    "the bundle has no folder around its files, of which the first is `{}`; pack the folder itself, as \
                     `tar czf my-bot.tar.gz my-bot` does",
                    shown(&name)
                ));
            }
            self.root = Some(root.to_owned());
            return self.take_file(inside, kind, &mut entry);
        };
        if known != root {
            return Err(format!(
                "the bundle has `{}` beside its folder `{}`; all has to be in one",
                shown(&name),
                shown(known)
            ));
        }
        self.take_file(inside, kind, &mut entry)
    }

    /// Keeps what is in a file that may declare the formation.
    fn take_file<R: Read>(
        &mut self,
        inside: Option<String>,
        kind: EntryType,
        entry: &mut Entry<'_, R>,
    ) -> Result<(), String> {
        let Some(inside) = inside.filter(|_| kind == EntryType::Regular) else { return Ok(()) };
        let place = DECLARATIONS.into_iter().zip(&mut self.found).find(|(name, _)| *name == inside);
        if let Some((_, found)) = place {
            *found = Some(read_short(entry, LONGEST_DECLARATION)?);
        }
        Ok(())
    }
}

/// The folder at the top that a name is in, and the way in it. `./` counts as such a folder.
fn split(name: &str) -> (&str, Option<String>) {
    let (root, rest) = name.split_once('/').unwrap_or((name, ""));
    let steps: Vec<&str> = rest.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    (root, Some(steps.join("/")).filter(|inside| !inside.is_empty()))
}

/// Refuses a name that leads elsewhere, or that some system takes for one that does.
fn check_name(name: &str) -> Result<(), String> {
    let problem = match name {
        "" => "empty",
        _ if name.starts_with('/') || has_drive(name) => "absolute",
        _ if name.split('/').any(|step| step == "..") => "one that leads out of the bundle (`..`)",
        _ if name.chars().any(|character| character.is_control() || character == '\\') => {
            "one with a control character or a backslash in it"
        }
        _ => return Ok(()),
    };
    Err(format!("the bundle has an entry whose name is {problem}: `{}`", shown(name)))
}

/// Whether Windows takes its beginning for a drive, as of `C:x`.
fn has_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// A name as it goes into a line.
fn shown(name: &str) -> String {
    name.escape_debug().take(200).collect()
}

/// All of an entry that may not be longer than that.
fn read_short<R: Read>(entry: &mut Entry<'_, R>, longest: u64) -> Result<Vec<u8>, String> {
    if entry.size() > longest {
        return Err(format!(
            "the bundle has a header, or a file that declares the formation, of more than {longest} bytes"
        ));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn unreadable(error: io::Error) -> String {
    format!("the bundle is no whole .tar.gz ({error})")
}

/// Reads no more than that.
struct Bounded<R> {
    inner: R,
    left: u64,
    is_spent: Rc<Cell<bool>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            self.is_spent.set(true);
            return Err(io::Error::other("it is too large"));
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// A bundle with a file of this many zeros.
    fn bundle(zeros: usize) -> Vec<u8> {
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, bytes) in [("b/formation.afs", &b"id: my-bot"[..]), ("b/zeros", &vec![0; zeros])] {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, bytes).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn what_unpacks_to_more_than_may_be_is_refused() {
        let small = bundle(1000);
        assert_eq!(declaration(&small).unwrap().id.as_deref(), Some("my-bot"));
        assert!(declaration_within(&small, 10_000).is_ok());
        let problem = declaration_within(&bundle(1024 * 1024), 64 * 1024).unwrap_err();
        assert!(problem.contains("more than 1 GiB"), "{problem}");
    }

    #[test]
    fn what_is_read_does_not_depend_on_how_it_comes() {
        let packed = bundle(5000);
        for end in 0..packed.len() {
            let cut = declaration(packed.get(..end).unwrap());
            assert!(cut.is_err() || cut.unwrap().id.as_deref() == Some("my-bot"), "{end}");
        }
    }
}
