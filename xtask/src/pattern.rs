//! The patterns by which `contract.toml` says what is private.

use std::fmt;
use std::str::FromStr;

use crate::endpoint::{Endpoint, Method};

/// A method or `*`, and a path in which `*` stands for one segment and a `**` at the end for any number
/// of them. Everything else stands for itself, a template's parameters too.
#[derive(Debug)]
pub(crate) struct Pattern {
    method: Option<Method>,
    segments: Vec<String>,
    open: bool,
}

impl Pattern {
    /// Whether the pattern covers the call.
    pub(crate) fn matches(&self, call: &Endpoint) -> bool {
        self.method.is_none_or(|method| method == call.method) && self.fits(&call.path)
    }

    /// Whether the pattern covers whatever can be called on the path.
    pub(crate) fn matches_all_of(&self, path: &str) -> bool {
        self.method.is_none() && self.fits(path)
    }

    fn fits(&self, path: &str) -> bool {
        // What has no slash before it is no path.
        let mut actual = path.split('/');
        if actual.next() != Some("") {
            return false;
        }
        let fits =
            self.segments.iter().all(|segment| actual.next().is_some_and(|one| segment == "*" || segment == one));
        fits && (self.open || actual.next().is_none())
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((method, path)) = text.split_once(" /") else {
            return Err(format!("{text:?} is not a method (or *) and a path, as in \"* /api/users/**\""));
        };
        let method = match method {
            "*" => None,
            method => Some(method.parse()?),
        };
        let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        let open = segments.last().is_some_and(|last| last == "**");
        if open {
            segments.pop();
        }
        if segments.iter().any(|segment| segment == "**") {
            return Err(format!("{text:?} has a ** before the end"));
        }
        Ok(Self { method, segments, open })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.method.map_or("*", Method::as_str))?;
        formatter.write_str(" ")?;
        for segment in &self.segments {
            write!(formatter, "/{segment}")?;
        }
        formatter.write_str(if self.open { "/**" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, call: &str) -> bool {
        let parsed: Pattern = pattern.parse().unwrap();
        assert_eq!(parsed.to_string(), pattern);
        parsed.matches(&call.parse().unwrap())
    }

    #[test]
    fn a_method_stands_for_itself_and_a_star_for_every_method() {
        assert!(matches("GET /api/users", "GET /api/users"));
        assert!(!matches("GET /api/users", "POST /api/users"));
        assert!(matches("* /api/users", "POST /api/users"));
    }

    #[test]
    fn a_star_is_one_segment() {
        assert!(matches("* /api/*/x", "GET /api/{id}/x"));
        assert!(!matches("* /api/*/x", "GET /api/x"));
        assert!(!matches("* /api/*", "GET /api/a/b"));
    }

    #[test]
    fn two_stars_are_any_number_of_segments_at_the_end() {
        assert!(matches("* /api/monitor/**", "GET /api/monitor"));
        assert!(matches("* /api/monitor/**", "GET /api/monitor/a"));
        assert!(matches("* /api/monitor/**", "GET /api/monitor/a/{b}/c"));
        assert!(!matches("* /api/monitor/**", "GET /api/monitors"));
        assert!(!matches("* /api/monitor/**", "GET /api"));
    }

    #[test]
    fn a_parameter_stands_for_itself() {
        assert!(matches("* /api/threads/{id}/**", "GET /api/threads/{id}/x"));
        assert!(!matches("* /api/threads/{id}/**", "POST /api/threads/main"));
    }
}
