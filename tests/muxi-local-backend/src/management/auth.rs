//! Who calls: the key pair, by a signature over the time, the method and the path.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::{HeaderMap, Method, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::error::Refused;

/// How far the clock of who calls may be from this one's, in seconds.
const TOLERANCE: u64 = 300;

/// The key pair that is taken.
#[derive(Clone)]
pub(crate) struct KeyPair {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyPair")
    }
}

impl KeyPair {
    /// Refuses who has not signed.
    pub(super) fn admit(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Refused> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.admit_at(now, method.as_str(), path, headers.get(header::AUTHORIZATION).map(|header| header.as_bytes()))
            .map_err(Refused::unauthorized)
    }

    fn admit_at(&self, now: u64, method: &str, path: &str, header: Option<&[u8]>) -> Result<(), &'static str> {
        let header = header.ok_or("Missing authorization header")?;
        let header = std::str::from_utf8(header).ok().and_then(parse);
        let (key, timestamp, signature) = header.ok_or("Invalid authorization header format")?;
        if key != self.id {
            return Err("Invalid key");
        }
        let time = timestamp.parse::<u64>().ok().filter(|time| time.abs_diff(now) <= TOLERANCE);
        time.ok_or("Request expired (timestamp too old or in future)")?;
        let signed = format!("{timestamp};{method};{path}");
        let is_signed = || {
            let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).ok()?;
            mac.update(signed.as_bytes());
            mac.verify_slice(&STANDARD.decode(signature).ok()?).ok()
        };
        is_signed().ok_or("Invalid signature")
    }
}

/// Key, timestamp and signature of a header.
fn parse(header: &str) -> Option<(&str, &str, &str)> {
    let (key, rest) = header.strip_prefix("MUXI-HMAC key=")?.split_once(", timestamp=")?;
    let (timestamp, signature) = rest.split_once(", signature=")?;
    Some((key, timestamp, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/rpc/server/status";

    fn admitted(now: u64, header: Option<&str>) -> Result<(), &'static str> {
        let keys = KeyPair { id: "MUXI_1".to_owned(), secret: "sk_test".to_owned() };
        keys.admit_at(now, "GET", PATH, header.map(str::as_bytes))
    }

    #[test]
    fn a_signature_is_of_its_time_and_its_path() {
        let header =
            "MUXI-HMAC key=MUXI_1, timestamp=1700000000, signature=aZltsg86UDRdej2nnMzMyopo3vovBw8chR+jvtbHMVg=";
        for now in [1_700_000_000, 1_700_000_300, 1_699_999_700] {
            assert_eq!(admitted(now, Some(header)), Ok(()));
        }
        for now in [1_700_000_301, 1_699_999_699, 0] {
            assert!(admitted(now, Some(header)).unwrap_err().starts_with("Request expired"));
        }
        let at = |header: &str| admitted(1_700_000_000, Some(header)).unwrap_err();
        assert_eq!(at(&header.replace("aZl", "bZl")), "Invalid signature");
        assert_eq!(at(&header.replace("MUXI_1", "MUXI_2")), "Invalid key");
        assert_eq!(at(&header.replace("1700000000", "soon")), "Request expired (timestamp too old or in future)");
        for odd in ["", "Bearer x", "MUXI-HMAC key=a", "MUXI-HMAC key=a,timestamp=1,signature=x"] {
            assert_eq!(at(odd), "Invalid authorization header format");
        }
        assert_eq!(admitted(0, None), Err("Missing authorization header"));
    }

    /// Each of the texts that differ from these bytes in one bit.
    fn flipped(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        (0..bytes.len() * 8).map(|bit| {
            let mut other = bytes.to_vec();
            other[bit / 8] ^= 1 << (bit % 8);
            other
        })
    }

    #[test]
    fn no_bit_can_be_another_and_a_signature_has_one_spelling() {
        let keys = KeyPair { id: "MUXI_1".to_owned(), secret: "sk_test".to_owned() };
        let signature = "aZltsg86UDRdej2nnMzMyopo3vovBw8chR+jvtbHMVg=";
        let header = format!("MUXI-HMAC key=MUXI_1, timestamp=1700000000, signature={signature}");
        let admits =
            |method: &str, path: &str, header: &[u8]| keys.admit_at(1_700_000_000, method, path, Some(header)).is_ok();
        assert!(admits("GET", PATH, header.as_bytes()));
        for header in flipped(header.as_bytes()) {
            assert!(!admits("GET", PATH, &header), "{header:?}");
        }
        for (method, path) in
            [("GET", PATH), ("get", PATH), ("GET", "/rpc/server/status/"), ("GET", "/RPC/server/status")]
        {
            assert_eq!(admits(method, path, header.as_bytes()), (method, path) == ("GET", PATH), "{method} {path}");
        }
        for path in flipped(PATH.as_bytes()).filter_map(|path| String::from_utf8(path).ok()) {
            assert!(!admits("GET", &path, header.as_bytes()), "{path}");
        }
        let bytes = STANDARD.decode(signature).unwrap();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for other in [
            digits.as_str(),
            &digits.to_uppercase(),
            &signature.replace('+', "-"),
            signature.trim_end_matches('='),
            &format!("{signature}="),
            &format!(" {signature}"),
            &format!("{signature} "),
            &format!("{signature}\n"),
            &format!("\"{signature}\""),
            &signature[..20],
            &signature.repeat(100),
            "ä",
            "",
        ] {
            assert!(!admits("GET", PATH, header.replace(signature, other).as_bytes()), "{other}");
        }
    }
}
