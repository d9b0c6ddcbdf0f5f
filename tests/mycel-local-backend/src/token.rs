//! The tokens: JWTs, signed with HS256.
//!
//! The texts of the errors are PyJWT's, because the real backend passes them on.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::{Hmac, KeyInit, Mac, digest::InvalidLength};
use local_backend_kit::clock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

/// As Python reads it: what stands in the last character beyond the last whole byte is not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// How long a login lasts, in seconds.
const LOGIN_LASTS: i64 = 3600;

/// How far the clocks of issuer and reader may differ, in seconds.
const LEEWAY: i64 = 60;

/// How many tokens are remembered once their signature was found right.
const REMEMBERED: usize = 1024;

/// The key that signs. It is kept in the database, so that tokens outlive the process as long as the users do.
pub(crate) struct Key {
    hmac: Hmac<Sha256>,
    /// What is written in tokens whose signature is right: that doesn't change, and costs more to find out than all else
    /// that is done to a request before the database.
    remembered: Mutex<HashMap<String, Signed>>,
}

/// What counts of a token whose signature is right.
#[derive(Clone)]
struct Signed {
    subject: Option<String>,
    expires: Option<i64>,
}

/// What is signed. Which claims there are depends on who the token is for.
#[derive(Default, Serialize)]
struct Claims<'a> {
    sub: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mycel_user_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mycel_is_guest: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_user_id: Option<&'a str>,
}

/// Why a token doesn't count, as the real backend tells it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    Expired,
    /// In PyJWT's words.
    Invalid(String),
}

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => formatter.write_str("Token 已过期，请重新登录"),
            Self::Invalid(text) => write!(formatter, "Token 无效: {text}"),
        }
    }
}

impl Rejected {
    fn because(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }
}

impl Key {
    pub(crate) fn new(secret: &[u8]) -> Result<Self, InvalidLength> {
        Ok(Self { hmac: Hmac::new_from_slice(secret)?, remembered: Mutex::default() })
    }

    /// A guest's token. It never expires.
    pub(crate) fn for_guest(&self, user_id: &str) -> serde_json::Result<String> {
        self.sign(&Claims {
            sub: user_id,
            iat: clock::now_in_seconds(),
            mycel_user_type: Some("human"),
            mycel_is_guest: Some(true),
            ..Claims::default()
        })
    }

    /// An external user's token. It never expires.
    pub(crate) fn for_external(&self, user_id: &str, created_by_user_id: &str) -> serde_json::Result<String> {
        self.sign(&Claims {
            sub: user_id,
            iat: clock::now_in_seconds(),
            mycel_user_type: Some("external"),
            created_by_user_id: Some(created_by_user_id),
            ..Claims::default()
        })
    }

    /// The token of somebody who proved an e-mail address, by a password or a one-time code. It lasts an hour.
    pub(crate) fn for_session(&self, user_id: &str, email: &str) -> serde_json::Result<String> {
        let now = clock::now_in_seconds();
        self.sign(&Claims {
            sub: user_id,
            iat: now,
            exp: Some(now + LOGIN_LASTS),
            aud: Some("authenticated"),
            role: Some("authenticated"),
            email: Some(email),
            ..Claims::default()
        })
    }

    fn sign(&self, claims: &Claims<'_>) -> serde_json::Result<String> {
        let claims = serde_json::to_vec(claims)?;
        let signed = format!("{}.{}", BASE64.encode(br#"{"alg":"HS256","typ":"JWT"}"#), BASE64.encode(claims));
        let signature = BASE64.encode(self.mac(&signed).finalize().into_bytes());
        Ok(format!("{signed}.{signature}"))
    }

    fn mac(&self, message: &str) -> Hmac<Sha256> {
        self.hmac.clone().chain_update(message)
    }

    /// The user whom `token` names.
    ///
    /// # Errors
    ///
    /// Why the token doesn't count.
    pub(crate) fn subject(&self, token: &str) -> Result<String, Rejected> {
        self.subject_at(clock::now_in_seconds(), token)
    }

    fn subject_at(&self, now: i64, token: &str) -> Result<String, Rejected> {
        let Signed { subject, expires } = self.signed(token)?;
        if expires.is_some_and(|expires| expires <= now - LEEWAY) {
            return Err(Rejected::Expired);
        }
        subject.ok_or_else(|| Rejected::because("Token is missing the \"sub\" claim"))
    }

    fn signed(&self, token: &str) -> Result<Signed, Rejected> {
        if let Some(signed) = self.remembered().get(token) {
            return Ok(signed.clone());
        }
        let signed = self.verify(token)?;
        let mut remembered = self.remembered();
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(token.to_owned(), signed.clone());
        Ok(signed)
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<String, Signed>> {
        // Nothing that holds the lock can leave the map half-changed.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a token, if its signature is right.
    fn verify(&self, token: &str) -> Result<Signed, Rejected> {
        #[derive(Deserialize)]
        struct Header {
            alg: Option<Value>,
        }

        let mut parts = token.rsplitn(2, '.');
        let (Some(signature), Some(signed)) = (parts.next(), parts.next()) else {
            return Err(Rejected::because("Not enough segments"));
        };
        let Some((header, payload)) = signed.split_once('.') else {
            return Err(Rejected::because("Not enough segments"));
        };

        let header = decode(header).ok_or_else(|| Rejected::because("Invalid header padding"))?;
        let header: Header = serde_json::from_slice(&header)
            .map_err(|error| Rejected::because(format!("Invalid header string: {error}")))?;
        let payload = decode(payload).ok_or_else(|| Rejected::because("Invalid payload padding"))?;
        let signature = decode(signature).ok_or_else(|| Rejected::because("Invalid crypto padding"))?;
        match header.alg {
            None => return Err(Rejected::because("Algorithm not specified")),
            Some(alg) if alg != "HS256" => return Err(Rejected::because("The specified alg value is not allowed")),
            Some(_) => {}
        }
        self.mac(signed).verify_slice(&signature).map_err(|_| Rejected::because("Signature verification failed"))?;

        let claims: Value = serde_json::from_slice(&payload)
            .map_err(|error| Rejected::because(format!("Invalid payload string: {error}")))?;
        Ok(Signed {
            subject: claims.get("sub").and_then(Value::as_str).map(str::to_owned),
            expires: claims.get("exp").and_then(Value::as_i64),
        })
    }
}

fn decode(part: &str) -> Option<Vec<u8>> {
    BASE64.decode(part.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new(b"a secret for the tests").unwrap()
    }

    fn rejected(token: &str) -> Rejected {
        key().subject(token).unwrap_err()
    }

    #[test]
    fn a_token_names_its_user() {
        let key = key();
        assert_eq!(key.subject(&key.for_guest("guest-1").unwrap()).unwrap(), "guest-1");
        assert_eq!(key.subject(&key.for_external("ünï", "guest-1").unwrap()).unwrap(), "ünï");
        assert_eq!(key.subject(&key.for_session("u", "u@example.org").unwrap()).unwrap(), "u");
    }

    #[test]
    fn guests_and_external_users_have_tokens_without_an_end() {
        for token in [key().for_guest("a").unwrap(), key().for_external("a", "b").unwrap()] {
            let claims: Value = serde_json::from_slice(&decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
            assert_eq!(claims.get("exp"), None);
        }
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        assert_eq!(rejected("x"), Rejected::because("Not enough segments"));
        assert_eq!(rejected("x.y"), Rejected::because("Not enough segments"));
        assert_eq!(rejected("!.!.!"), Rejected::because("Invalid header padding"));
        for second in 0..64 {
            let token = key().sign(&Claims { sub: "a", iat: second, ..Claims::default() }).unwrap();
            for (cut, why) in [(1, "Signature verification failed"), (2, "Invalid crypto padding")] {
                assert_eq!(rejected(&token[..token.len() - cut]), Rejected::because(why), "{token} cut by {cut}");
            }
        }
        let other = Key::new(b"another secret").unwrap().for_guest("a").unwrap();
        assert_eq!(rejected(&other), Rejected::because("Signature verification failed"));
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), BASE64.encode(r#"{"sub":"a"}"#));
        assert_eq!(rejected(&unsigned), Rejected::because("The specified alg value is not allowed"));
        let unnamed = format!("{}.{}.", BASE64.encode("{}"), BASE64.encode(r#"{"sub":"a"}"#));
        assert_eq!(rejected(&unnamed), Rejected::because("Algorithm not specified"));
    }

    #[test]
    fn an_old_login_is_expired_after_the_leeway() {
        let expiring = |exp| key().sign(&Claims { sub: "a", exp: Some(exp), ..Claims::default() }).unwrap();
        let now = clock::now_in_seconds();
        assert_eq!(rejected(&expiring(now - LEEWAY - 1)), Rejected::Expired);
        assert_eq!(key().subject(&expiring(now - LEEWAY + 30)).unwrap(), "a");
    }

    #[test]
    fn a_remembered_token_expires_as_any_other() {
        let key = key();
        let token = key.sign(&Claims { sub: "a", exp: Some(1_000), ..Claims::default() }).unwrap();
        assert_eq!(key.subject_at(1_000 + LEEWAY - 1, &token).unwrap(), "a");
        assert_eq!(key.remembered().len(), 1);
        assert_eq!(key.subject_at(1_000 + LEEWAY, &token).unwrap_err(), Rejected::Expired);
    }

    #[test]
    fn only_what_was_signed_is_remembered_and_not_without_end() {
        let key = key();
        let other = Key::new(b"another secret").unwrap();
        for number in 0..=REMEMBERED {
            let id = number.to_string();
            assert_eq!(key.subject(&key.for_guest(&id).unwrap()).unwrap(), id);
            key.subject(&other.for_guest(&id).unwrap()).unwrap_err();
            assert!(key.remembered().len() <= REMEMBERED);
        }
        assert_eq!(key.remembered().len(), 1);
    }
}
