//! What every webhook's signature is checked with; each platform has its own form of headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far from now a signed message's time may lie unless a program says otherwise.
pub const REPLAY_WINDOW: Duration = Duration::from_secs(300);

/// Whether these lower-case hexadecimal digits are the HMAC-SHA256 of the parts, one behind the other, with this key. It
/// takes the same time however much of them is right.
pub fn is_signed(key: &[u8], parts: &[&[u8]], digits: &[u8]) -> bool {
    let Some(signature) = bytes_of(digits) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    parts.iter().for_each(|part| mac.update(part));
    mac.verify_slice(&signature).is_ok()
}

/// Whether a time in seconds since 1970 lies no further from now than the window, before or behind it.
pub fn is_within(window: Duration, seconds: i64, now: SystemTime) -> bool {
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(now).is_ok_and(|now| now.abs_diff(seconds) <= window.as_secs())
}

fn bytes_of(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_with_the_key_is_known() {
        // RFC 4231, test case 2.
        let digits = b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_signed(b"Jefe", &[b"what do ya want ", b"for nothing?"], digits));
        assert!(is_signed(b"Jefe", &[b"what do ya want for nothing?"], digits));
        assert!(!is_signed(b"Jefe", &[b"what do ya want for nothing!"], digits));
        assert!(!is_signed(b"jefe", &[b"what do ya want for nothing?"], digits));
        let text = std::str::from_utf8(digits).unwrap();
        for other in
            [&text[1..], &text[2..], "", &text.to_uppercase(), &format!("{text}00"), &format!(" {}", &text[1..])]
        {
            assert!(!is_signed(b"Jefe", &[b"what do ya want for nothing?"], other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_time_is_near_enough_up_to_the_edge_of_the_window() {
        let now = UNIX_EPOCH + Duration::from_millis(1_000_900);
        for (seconds, is_near) in
            [(1000, true), (700, true), (699, false), (1300, true), (1301, false), (i64::MIN, false), (i64::MAX, false)]
        {
            assert_eq!(is_within(REPLAY_WINDOW, seconds, now), is_near, "{seconds}");
        }
        assert!(is_within(Duration::ZERO, 1000, now) && !is_within(Duration::ZERO, 1001, now));
    }
}
