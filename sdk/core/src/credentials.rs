//! Who a call is made as.

use std::fmt;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, header};
use secrecy::zeroize::Zeroizing;

use crate::operation::Operation;
use crate::secret::Secret;

/// What shows a backend who calls. It is asked anew for each attempt, so that a signature may cover the time.
pub trait Authorize: Send + Sync {
    /// Puts it into a request that is about to be sent, in place of what an earlier attempt has put there. Method,
    /// URL, and body are those that are sent.
    ///
    /// # Errors
    ///
    /// Why it can't be put there, without the secret. Nothing is sent then.
    fn authorize(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), &'static str>;

    /// What nothing that is told about a call may show.
    fn secrets(&self) -> &[Secret];
}

/// Who calls are made as. Clones share it, so that no call makes another copy of a secret.
#[derive(Clone)]
pub struct Credentials(Arc<dyn Authorize>);

impl Credentials {
    /// Whatever shows who calls, such as a signature.
    pub fn new(authorize: impl Authorize + 'static) -> Self {
        Self(Arc::new(authorize))
    }

    /// A bearer token, sent with every call in the header `Authorization`. A text that no header can carry (it is
    /// empty, or holds a control character or a character outside of ASCII) is refused when a call is about to be
    /// made with it.
    pub fn bearer(token: Secret) -> Self {
        let header = sensitive("Bearer ", token.expose_secret());
        Self::new(Bearer { header, secrets: [token] })
    }

    /// Keys in headers, each by the name of the security scheme that it is for. A call carries the first that its
    /// operation names and that there is; where the operation names none, it carries none.
    pub fn keys(keys: impl IntoIterator<Item = (&'static str, HeaderName, Secret)>) -> Self {
        let (mut headers, mut secrets) = (Vec::new(), Vec::new());
        for (scheme, name, key) in keys {
            headers.push((scheme, name, sensitive("", key.expose_secret())));
            secrets.push(key);
        }
        Self::new(Keys { headers, secrets })
    }

    pub(crate) fn authorize(
        &self,
        request: &mut reqwest::Request,
        operation: &'static Operation,
    ) -> Result<(), &'static str> {
        self.0.authorize(request, operation)
    }

    pub(crate) fn secrets(&self) -> &[Secret] {
        self.0.secrets()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

struct Bearer {
    /// Made once for all requests; `None` where no header can carry the token.
    header: Option<HeaderValue>,
    secrets: [Secret; 1],
}

impl Authorize for Bearer {
    fn authorize(&self, request: &mut reqwest::Request, _: &'static Operation) -> Result<(), &'static str> {
        let unsendable = "the auth token is empty or holds a character that no header can carry";
        let header = self.header.clone().ok_or(unsendable)?;
        request.headers_mut().insert(header::AUTHORIZATION, header);
        Ok(())
    }

    fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

struct Keys {
    headers: Vec<(&'static str, HeaderName, Option<HeaderValue>)>,
    secrets: Vec<Secret>,
}

impl Authorize for Keys {
    fn authorize(&self, request: &mut reqwest::Request, operation: &'static Operation) -> Result<(), &'static str> {
        if operation.credentials.is_empty() {
            return Ok(());
        }
        let mut wanted = operation.credentials.iter();
        let found = wanted.find_map(|wanted| self.headers.iter().find(|(scheme, ..)| scheme == wanted));
        let (_, name, value) = found.ok_or("none of the keys was set that this operation takes")?;
        let unsendable = "the key is empty or holds a character that no header can carry";
        request.headers_mut().insert(name, value.clone().ok_or(unsendable)?);
        Ok(())
    }

    fn secrets(&self) -> &[Secret] {
        &self.secrets
    }
}

/// Whether a header can carry the text as a token or key: it is not empty, and all of it is printable ASCII without blanks.
pub fn can_be_a_credential(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The header's value, marked sensitive; `None` where no header can carry the text.
fn sensitive(before: &str, text: &str) -> Option<HeaderValue> {
    if !can_be_a_credential(text) {
        return None;
    }
    let mut value = Zeroizing::new(String::with_capacity(before.len() + text.len()));
    value.push_str(before);
    value.push_str(text);
    let mut header = HeaderValue::from_str(&value).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Operation = Operation::new("look", "GET", "/");
    const FOR_ADMIN: Operation = Operation { credentials: &["AdminKey"], ..OPEN };
    const FOR_EITHER: Operation = Operation { credentials: &["ClientKey", "AdminKey"], ..OPEN };

    /// The headers that a request has then.
    fn headers(credentials: &Credentials, operation: &'static Operation) -> Result<http::HeaderMap, &'static str> {
        let url = reqwest::Url::parse("http://127.0.0.1:1/").unwrap();
        let mut request = reqwest::Request::new(http::Method::GET, url);
        credentials.authorize(&mut request, operation)?;
        // A second attempt has no more of them.
        credentials.authorize(&mut request, operation)?;
        Ok(request.headers().clone())
    }

    #[test]
    fn a_token_is_printed_by_nothing_and_marked_sensitive() {
        let credentials = Credentials::bearer(Secret::from("tok-123"));
        assert!(!format!("{credentials:?} {:?}", credentials.secrets()).contains("tok-123"));
        let headers = headers(&credentials, &OPEN).unwrap();
        let header = &headers[header::AUTHORIZATION];
        assert_eq!((headers.len(), header.to_str().unwrap()), (1, "Bearer tok-123"));
        assert!(header.is_sensitive() && !format!("{header:?}").contains("tok-123"));
    }

    #[test]
    fn what_no_header_can_carry_is_refused() {
        for text in ["", "a\nb", "a b", "tökén", "a\u{7f}"] {
            let key = || Secret::from(text);
            let name = HeaderName::from_static("x-admin-key");
            for credentials in [Credentials::bearer(key()), Credentials::keys([("AdminKey", name, key())])] {
                assert!(headers(&credentials, &FOR_ADMIN).unwrap_err().contains("no header can carry"), "{text:?}");
            }
        }
    }

    #[test]
    fn a_call_carries_the_one_key_that_its_operation_takes() {
        let key = |scheme, name, key: &str| (scheme, HeaderName::from_static(name), Secret::from(key));
        let admin = || key("AdminKey", "x-admin-key", "adm-1");
        let client = || key("ClientKey", "x-client-key", "cli-1");
        let one = |credentials: &Credentials, operation| {
            let headers = headers(credentials, operation).unwrap();
            assert!(headers.values().all(HeaderValue::is_sensitive) && headers.len() <= 1);
            headers.iter().next().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        };
        let both = Credentials::keys([admin(), client()]);
        assert_eq!(one(&both, &OPEN), None);
        assert_eq!(one(&both, &FOR_ADMIN).unwrap(), "x-admin-key: adm-1");
        assert_eq!(one(&both, &FOR_EITHER).unwrap(), "x-client-key: cli-1");
        assert_eq!(one(&Credentials::keys([admin()]), &FOR_EITHER).unwrap(), "x-admin-key: adm-1");
        assert!(headers(&Credentials::keys([client()]), &FOR_ADMIN).unwrap_err().contains("none of the keys"));
        let secrets: Vec<_> = both.secrets().iter().map(Secret::expose_secret).collect();
        assert_eq!(secrets, ["adm-1", "cli-1"]);
    }
}
