//! What requests are signed with, on platforms where a signature shows who calls.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The HMAC-SHA256 of a text with this key.
pub fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::is_signed;

    #[test]
    fn it_is_that_of_the_rfc() {
        // RFC 4231, test case 2, and one whose key is longer than a block.
        let digits = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let signature = digits(hmac_sha256(b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        for key in [&[][..], &[7; 200]] {
            assert!(is_signed(key, &[b"a", b"b"], digits(hmac_sha256(key, b"ab")).as_bytes()));
        }
    }
}
