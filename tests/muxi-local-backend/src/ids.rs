//! Ids, as MUXI makes them.

use uuid::Uuid;

const ALPHABET: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

/// A new id: the prefix, and 21 characters.
pub(crate) fn fresh(prefix: &str) -> String {
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    // The hyphen is no part of these.
    let letters = one.as_bytes().iter().chain(other.as_bytes()).map(|byte| usize::from(byte % 63));
    let letters = letters.filter_map(|index| ALPHABET.get(index)).take(21).map(|byte| char::from(*byte));
    format!("{prefix}{}", letters.collect::<String>())
}
