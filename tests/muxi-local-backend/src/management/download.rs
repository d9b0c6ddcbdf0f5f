//! What a formation was deployed from, as a zip file.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use flate2::Crc;

use super::{bundle::Unpacked, error::Refused, registry::Row};

/// The files of a formation, but for hidden ones.
pub(super) fn download(row: &Row) -> Result<Response, Refused> {
    let unpacked = Unpacked::read(&row.bundle).map_err(|_| Refused::not_found("Formation files not found"))?;
    let is_hidden = |name: &str| name.split('/').any(|step| step.starts_with('.') && step != ".env");
    let files = unpacked.files.iter().filter(|(name, _)| !is_hidden(name));
    let zip = zip(files.map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let zip = zip.ok_or_else(|| Refused::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "It is too large"))?;
    let disposition = format!("attachment; filename=\"{}.zip\"", row.id);
    let headers = [(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, disposition.as_str())];
    Ok((headers, zip).into_response())
}

/// A zip file of these, not compressed. `None` where there is too much for one.
fn zip<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Option<Vec<u8>> {
    let (mut zip, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (name, bytes) in files {
        let mut crc = Crc::new();
        crc.update(bytes);
        let (length, begin) = (u32::try_from(bytes.len()).ok()?, u32::try_from(zip.len()).ok()?);
        // Version 2.0, names in UTF-8, stored, the first day that a zip file knows.
        let mut common = Vec::from([20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0]);
        for number in [crc.sum(), length, length] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(name.len()).ok()?.to_le_bytes());
        common.extend([0, 0]);
        zip.extend(b"PK\x03\x04".iter().chain(&common).chain(name.as_bytes()).chain(bytes));
        directory.extend(b"PK\x01\x02\x14\x00".iter().chain(&common).chain(&[0; 10]));
        directory.extend(begin.to_le_bytes());
        directory.extend(name.as_bytes());
        count = count.checked_add(1)?;
    }
    let (begin, length) = (u32::try_from(zip.len()).ok()?, u32::try_from(directory.len()).ok()?);
    zip.extend(directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend(count.to_le_bytes().iter().chain(&count.to_le_bytes()));
    zip.extend(length.to_le_bytes().iter().chain(&begin.to_le_bytes()).chain(&[0, 0]));
    Some(zip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_file_lists_what_it_holds() {
        let zip = zip([("formation.afs", &b"id: x"[..]), ("a/ü", b"")].into_iter()).unwrap();
        assert!(zip.starts_with(b"PK\x03\x04") && zip.windows(5).any(|part| part == b"id: x"));
        let end = &zip[zip.len() - 22..];
        assert_eq!((&end[..4], end[10]), (&b"PK\x05\x06"[..], 2));
        let directory = u32::from_le_bytes(end[16..20].try_into().unwrap()) as usize;
        assert!(zip[directory..].starts_with(b"PK\x01\x02"));
    }
}
