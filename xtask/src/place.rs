//! Where in a document something stands, for error messages.

use std::fmt;

/// A place in a document, as a chain from the innermost part outwards: nothing is allocated unless the
/// place is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    segment: &'a str,
    depth: usize,
}

impl<'a> Place<'a> {
    /// The outermost part: a component, or an operation's body or parameter.
    pub(crate) fn new(root: &'a str) -> Self {
        Self { parent: None, segment: root, depth: 0 }
    }

    /// A part of this place.
    pub(crate) fn child<'b>(&'b self, segment: &'b str) -> Place<'b> {
        Place { parent: Some(self), segment, depth: self.depth + 1 }
    }

    /// How many parts lie around this one.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }
}

impl fmt::Display for Place<'_> {
    /// Like a JSON pointer: `components/schemas/Chat/properties/a~1b`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            None => formatter.write_str(self.segment),
            Some(parent) => {
                let segment = self.segment.replace('~', "~0").replace('/', "~1");
                write!(formatter, "{parent}/{segment}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_like_a_json_pointer() {
        let root = Place::new("POST /api/x requestBody");
        let properties = root.child("properties");
        let property = properties.child("a/b~c");
        assert_eq!(property.to_string(), "POST /api/x requestBody/properties/a~1b~0c");
        assert_eq!(property.depth(), 2);
    }
}
