//! What is kept of passwords.

use pbkdf2::pbkdf2_hmac_array;
use sha2::Sha256;
use uuid::Uuid;

/// Enough that a password can't be read off a file by eye, and few enough for tests that register users. A deployment
/// would want hundreds of times as many.
const ROUNDS: u32 = 1_000;

/// A new salt, and what PBKDF2 makes of it and the password.
pub fn hash(password: &str) -> String {
    salted(password, &Uuid::new_v4().simple().to_string())
}

/// Whether `stored`, which [`hash`] has made, is of this password.
pub fn is_of(stored: &str, password: &str) -> bool {
    salted(password, stored.split('$').next().unwrap_or_default()) == stored
}

fn salted(password: &str, salt: &str) -> String {
    let derived = pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt.as_bytes(), ROUNDS);
    derived.iter().fold(format!("{salt}$"), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_not_readable() {
        let (one, other) = (hash("hunter22"), hash("hunter22"));
        assert!(one != other && !one.contains("hunter22"), "{one}");
        assert!(is_of(&one, "hunter22") && is_of(&other, "hunter22"));
        for wrong in ["hunter2", "Hunter22", ""] {
            assert!(!is_of(&one, wrong), "{wrong}");
        }
        assert!(!is_of("", ""));
    }
}
