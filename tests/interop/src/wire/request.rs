//! Requests in a form that can be compared.

use std::collections::BTreeMap;

use mycel_tests::Exchange;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::document::{DescribedRequest, Document};
use crate::problem::Problem;

/// Headers that say nothing about what is asked for: who asks and over which connection, and what is anyway compared as
/// the body or as the answer.
pub const IMMATERIAL: [&str; 4] = ["host", "user-agent", "connection", "accept-encoding"];

/// A request, and the status that it was answered with.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation's name in the contract; the path of one that is not in it.
    pub operation: String,
    pub method: String,
    /// The segments as they came.
    pub raw_path: Vec<String>,
    /// The segments, decoded.
    pub path: Vec<String>,
    /// As the backend takes them.
    pub query: BTreeMap<String, Value>,
    /// Those that matter, by names in lower case.
    pub headers: BTreeMap<String, String>,
    /// As the backend takes it; null if there is none.
    pub body: Value,
    /// Query parameters and properties of the body that were there, and not null.
    pub given: Vec<String>,
    pub status: u16,
}

impl Request {
    /// What was sent.
    pub fn read(exchange: &Exchange, contract: &Document) -> Result<Self, Problem> {
        let raw_path: Vec<String> = exchange.path.split('/').map(str::to_owned).collect();
        let path = raw_path.iter().map(|segment| decoded(segment)).collect::<Result<Vec<_>, _>>()?;
        let operation = contract.operation(&exchange.method, &path);
        let mut given = Vec::new();

        let mut query = operation.map(defaults).unwrap_or_default();
        for (name, value) in pairs(exchange.query.as_deref().unwrap_or_default())? {
            let value =
                operation.map_or_else(|| value.clone().into(), |operation| operation.query_value(&name, &value));
            given.push(name.clone());
            query.insert(name, value);
        }

        let sent = match exchange.request_body.as_ref() {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes).map_err(Problem::because("a request's body"))?,
        };
        if let Value::Object(properties) = &sent {
            let there = properties.iter().filter(|(_, value)| !value.is_null());
            given.extend(there.map(|(name, _)| name.clone()));
        }
        let schema = operation.and_then(|operation| operation.body.as_ref());
        let body = schema.map_or_else(|| sent.clone(), |schema| contract.taken(&sent, schema));

        let headers = headers(&exchange.request_headers, !sent.is_null());
        let operation = operation.map_or_else(|| exchange.path.clone(), |operation| operation.name.clone());
        let (method, status) = (exchange.method.clone(), exchange.status);
        Ok(Self { operation, method, raw_path, path, query, headers, body, given, status })
    }

    /// Method, path and query, for whoever reads.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.raw_path.join("/"))
    }
}

/// The headers that matter. A length matters only where it says that there is nothing.
pub fn headers(sent: &[(String, String)], has_body: bool) -> BTreeMap<String, String> {
    let matters = |name: &str| if name == "content-length" { !has_body } else { !IMMATERIAL.contains(&name) };
    let named = sent.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    named.filter(|(name, _)| matters(name)).collect()
}

fn defaults(operation: &DescribedRequest) -> BTreeMap<String, Value> {
    let with_default = operation.query.iter().filter_map(|(name, schema)| {
        let default = schema.get("default")?;
        Some((name.clone(), default.as_f64().map_or_else(|| default.clone(), Value::from)))
    });
    with_default.collect()
}

fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    // A form's space may be a plus sign; a plus sign itself is encoded.
    split.map(|(name, value)| Ok((decoded(&name.replace('+', " "))?, decoded(&value.replace('+', " "))?))).collect()
}

fn decoded(text: &str) -> Result<String, Problem> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(Problem::because("a request's path"))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: (&str, Option<&str>), headers: &[(&str, &str)], body: &str) -> Request {
        let exchange = Exchange {
            method: method.to_owned(),
            path: target.0.to_owned(),
            query: target.1.map(str::to_owned),
            request_headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            request_body: body.to_owned().into(),
            status: 200,
            response_headers: Vec::new(),
            response_body: Vec::new().into(),
        };
        Request::read(&exchange, &Document::read().unwrap()).unwrap()
    }

    #[test]
    fn path_and_query_are_decoded_and_defaults_filled_in() {
        let sent = request("GET", ("/api/chats/a%3Ab%20%C3%A4/messages", Some("before=7")), &[], "");
        assert_eq!((sent.operation.as_str(), sent.path[3].as_str()), ("list_messages", "a:b ä"));
        assert_eq!((&sent.query["before"], &sent.query["limit"]), (&Value::from("7"), &Value::from(50.0)));
        assert_eq!(sent.given, ["before"]);
    }

    #[test]
    fn headers_that_matter_are_kept() {
        let sent = [("Host", "h"), ("Accept", "*/*"), ("X-New", "1"), ("Content-Length", "2")];
        let kept = request("POST", ("/api/auth/guest", None), &sent, "{}").headers;
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["accept", "x-new"]);
        let kept = request("POST", ("/api/runtime/inbox/drain", None), &[("content-length", "0")], "").headers;
        assert_eq!(kept["content-length"], "0");
    }
}
