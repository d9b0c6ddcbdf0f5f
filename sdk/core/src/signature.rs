//! What requests are signed with, on platforms where a signature shows who calls.

use ring::hmac::{Context, HMAC_SHA256, Key};

/// The HMAC-SHA256 of these parts, one behind the other, with this key.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> impl AsRef<[u8]> + use<> {
    let mut context = Context::with_key(&Key::new(HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    context.sign()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of RFC 4231, in its order: of the fifth no more than the first 16 bytes are told.
    #[test]
    fn it_is_that_of_the_rfc() {
        let counted: Vec<u8> = (1..=25).collect();
        let long = "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
                    hashed before being used by the HMAC algorithm.";
        for (key, text, expected) in [
            (&[0x0b; 20][..], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (&counted, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (&[0x0c; 20], b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (&[0xaa; 131], long.as_bytes(), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ] {
            let signature: String =
                hmac_sha256(key, &[text]).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(signature.starts_with(expected), "{signature}");
        }
    }
}
