//! The key pair that calls are signed with.

use std::time::{SystemTime, UNIX_EPOCH};

use agent_platform_core::{Authorize, Operation, Secret, can_be_a_credential, hmac_sha256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, header};
use percent_encoding::percent_decode_str;

use crate::credentials::Caller;

/// A key pair, or none, with which what needs no key can be called.
pub(super) struct KeyPair {
    pair: Option<Pair>,
    caller: Caller,
    secrets: Vec<Secret>,
}

struct Pair {
    id: String,
    secret: Secret,
}

impl KeyPair {
    /// # Errors
    ///
    /// If there is one of the two alone, or one that can be none.
    pub(super) fn new(id: Option<String>, secret: Option<Secret>) -> Result<Self, String> {
        let caller = Caller::new()?;
        let pair = match (id, secret) {
            (None, None) => None,
            (Some(_), None) => return Err("there is a key id, and no secret key; use secret_key".to_owned()),
            (None, Some(_)) => return Err("there is a secret key, and no key id; use key_id".to_owned()),
            (Some(id), Some(secret)) => {
                // The header has it before a comma.
                if !can_be_a_credential(&id) || id.contains(',') {
                    return Err("the key id is empty or holds a character that its header can't carry".to_owned());
                }
                if !can_be_a_credential(secret.expose_secret()) {
                    return Err(
                        "the secret key is empty or holds a blank, a line break or another odd character".to_owned()
                    );
                }
                Some(Pair { id, secret })
            }
        };
        let secrets = pair.iter().map(|pair| pair.secret.clone()).collect();
        Ok(Self { pair, caller, secrets })
    }
}

impl Authorize for KeyPair {
    fn authorize(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), &'static str> {
        self.caller.name(request.headers_mut());
        if operation.credentials.is_empty() {
            return Ok(());
        }
        let pair = self.pair.as_ref().ok_or("it takes a key pair, which was not set; use key_id and secret_key")?;
        let path = below_prefix(request.url().path(), operation.path);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| "the clock shows a time before 1970")?;
        let header = pair.header(now.as_secs(), request.method().as_str(), path);
        let mut header = HeaderValue::try_from(header).map_err(|_| "the key id can't be carried by a header")?;
        header.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, header);
        Ok(())
    }

    fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

impl Pair {
    /// `path` is as it is in the URL; the signature covers it decoded.
    fn header(&self, timestamp: u64, method: &str, path: &str) -> String {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let text = format!("{timestamp};{method};{path}");
        let signature = STANDARD.encode(hmac_sha256(self.secret.expose_secret().as_bytes(), &[text.as_bytes()]));
        format!("MUXI-HMAC key={}, timestamp={timestamp}, signature={signature}", self.id)
    }
}

/// The end of a path that an operation's template stands for: what the server sees where it is behind a prefix.
fn below_prefix<'p>(path: &'p str, template: &str) -> &'p str {
    let segments = template.matches('/').count();
    let begin = path.rmatch_indices('/').nth(segments.saturating_sub(1)).map_or(0, |(begin, _)| begin);
    path.get(begin..).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use muxi_server_client::operations;

    use super::*;

    fn pair(id: &str, secret: &str) -> Result<KeyPair, String> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        KeyPair::new(given(id), given(secret).map(Secret::from))
    }

    fn request(url: &str) -> reqwest::Request {
        reqwest::Request::new(http::Method::GET, url.parse().unwrap())
    }

    #[test]
    fn signatures_are_the_servers() {
        for (secret, method, path, signature) in [
            ("sk_test", "GET", "/rpc/server/status", "aZltsg86UDRdej2nnMzMyopo3vovBw8chR+jvtbHMVg="),
            ("muxi_sk_secret", "POST", "/rpc/formations", "9EmhCIB7BQwP2sQk42xuWnII95kdey7a/ipwvtX8RM8="),
            ("muxi_sk_secret", "PUT", "/rpc/formations/my-bot", "5rEQ6KrUwljvFx9AOZLh/6a2Pkzh2E0QYzmCcFviQkM="),
            ("muxi_sk_secret", "GET", "/rpc/formations/my-bot/logs", "vAiH+mS/hsu38kp++RaZzogcuqmvUSJ6ByGrFqyzgHo="),
            ("muxi_sk_secret", "GET", "/rpc/formations/my%20bot", "UW/sycKdnU/byTIbdHXHW6JGnG9dKtah/4nLFadLsAQ="),
        ] {
            let pair = Pair { id: "MUXI_1".to_owned(), secret: secret.into() };
            let expected = format!("MUXI-HMAC key=MUXI_1, timestamp=1700000000, signature={signature}");
            assert_eq!(pair.header(1_700_000_000, method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_call_is_signed_below_the_prefix_that_the_server_is_behind() {
        for (path, template, seen) in [
            ("/rpc/formations", "/rpc/formations", "/rpc/formations"),
            ("/muxi/rpc/formations", "/rpc/formations", "/rpc/formations"),
            ("/rpc/a/rpc/formations/rpc/stop", "/rpc/formations/{formation_id}/stop", "/rpc/formations/rpc/stop"),
            ("/x", "/rpc/formations", "/x"),
        ] {
            assert_eq!(below_prefix(path, template), seen);
        }
    }

    #[test]
    fn what_takes_a_key_is_signed_and_nothing_else() {
        let keys = pair("MUXI_1", "sk_1").unwrap();
        let mut open = request("http://127.0.0.1:1/ping");
        keys.authorize(&mut open, &operations::PING).unwrap();
        assert!(!open.headers().contains_key(header::AUTHORIZATION) && open.headers().contains_key("x-muxi-sdk"));
        let mut signed = request("http://127.0.0.1:1/rpc/formations?a=b");
        keys.authorize(&mut signed, &operations::LIST_FORMATIONS).unwrap();
        let header = &signed.headers()[header::AUTHORIZATION];
        assert!(header.is_sensitive() && header.to_str().unwrap().starts_with("MUXI-HMAC key=MUXI_1, timestamp="));
        let problem = pair("", "").unwrap().authorize(&mut signed, &operations::LIST_FORMATIONS).unwrap_err();
        assert!(problem.contains("key_id and secret_key"));
    }

    #[test]
    fn a_pair_is_whole_and_can_be_sent() {
        for (id, secret, problem) in [
            ("a", "", "secret_key"),
            ("", "b", "key_id"),
            ("a,b", "c", "key id"),
            ("a b", "c", "key id"),
            ("a\n", "c", "key id"),
            ("a", "c\n", "secret key"),
            ("a", " ", "secret key"),
        ] {
            let told = pair(id, secret).err().unwrap();
            assert!(told.contains(problem), "{told}");
        }
    }
}
