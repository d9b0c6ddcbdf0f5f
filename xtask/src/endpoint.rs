//! A method and a path: what a client calls.

use std::fmt;
use std::str::FromStr;

/// The HTTP methods that a path item of OpenAPI 3.1 can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    Get,
    Put,
    Post,
    Delete,
    Options,
    Head,
    Patch,
    Trace,
}

impl Method {
    const ALL: [Self; 8] =
        [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Options, Self::Head, Self::Patch, Self::Trace];

    /// The method as HTTP writes it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
        }
    }

    /// The method that a path item's field stands for (`get`, in lower case), if it stands for one.
    pub(crate) fn of_field(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().to_ascii_lowercase() == field)
    }

    /// The field of a path item that stands for the method.
    pub(crate) fn field(self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not an HTTP method in capital letters"))
    }
}

/// A method and a path template, such as `GET /api/chats/{chat_id}`. Ordered by path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Endpoint {
    pub(crate) path: String,
    pub(crate) method: Method,
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(' ') {
            Some((method, path)) if path.starts_with('/') => {
                Ok(Self { path: path.to_owned(), method: method.parse()? })
            }
            _ => Err(format!("{text:?} is not a method and a path, as in \"GET /api/chats\"")),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.as_str(), self.path)
    }
}

/// The path with nothing in the place of its parameters' names, which are not sent.
pub(crate) fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some((constant, parameter)) = rest.split_once('{') {
        shape.push_str(constant);
        shape.push_str("{}");
        rest = parameter.split_once('}').map_or("", |(_, rest)| rest);
    }
    shape + rest
}

/// The names of the parameters in a path template, in order; what is wrong with it, if it is none.
pub(crate) fn template_parameters(path: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    let mut rest = path;
    while let Some((constant, after)) = rest.split_once('{') {
        check_constant(constant)?;
        let Some((name, after)) = after.split_once('}') else {
            return Err("has a { without a }".to_owned());
        };
        if name.is_empty() || name.contains(['{', '/']) {
            return Err(format!("has the malformed parameter {{{name}}}"));
        }
        if names.contains(&name) {
            return Err(format!("has the parameter {{{name}}} twice"));
        }
        names.push(name);
        rest = after;
    }
    check_constant(rest)?;
    Ok(names)
}

/// What stands between the parameters goes into the URL as it is, so it has to be one's part already.
fn check_constant(constant: &str) -> Result<(), String> {
    let stray = constant
        .chars()
        .find(|character| !character.is_ascii_alphanumeric() && !"/-._~!$&'()*+,;=:@%".contains(*character));
    if let Some(stray) = stray {
        return Err(format!("holds {stray:?}, which a URL's path can't hold"));
    }
    if constant.contains("//") {
        return Err("holds an empty segment, which progenitor drops".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_shows_calls() {
        let call: Endpoint = "PATCH /api/chats/{chat_id}".parse().unwrap();
        assert_eq!(call.method, Method::Patch);
        assert_eq!(call.to_string(), "PATCH /api/chats/{chat_id}");
        for text in ["", "GET", "GET ", "GET api", "get /api", "FETCH /api", "GET  /api"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn finds_the_parameters_of_a_path() {
        assert_eq!(template_parameters("/a/{b}/c:{d}").unwrap(), ["b", "d"]);
        assert_eq!(template_parameters("/").unwrap(), [""; 0]);
        for path in ["/{a", "/a}", "/{}", "/{a/b}", "/{{a}}", "/{a}/{a}", "/a b", "/a?b", "//a", "/ä"] {
            assert!(template_parameters(path).is_err(), "{path:?}");
        }
    }
}
