//! Where in a JSON text something stands.

/// A step from a list or an object into what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a list, at this index.
    Index(usize),
    /// Into an object, at this key.
    Key(String),
}

/// How many steps are told. An answer, a list in it, one of its rows, and one of that one's fields need no more.
const DEEPEST_TOLD: usize = 3;

/// Follows a text token by token.
#[derive(Default)]
pub(super) struct Tracker {
    /// How many lists and objects are open.
    depth: usize,
    /// The outermost steps.
    steps: Vec<Step>,
    /// Whether the next string is a key of the innermost object, where that is one of the outermost.
    expects_key: bool,
}

impl Tracker {
    /// How many lists and objects are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The way to the value that the last token belongs to, as far as it is told.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Goes on past a token: a string with its quotes, a number or word, or a single byte.
    pub(super) fn pass(&mut self, token: &[u8]) {
        let is_told = self.depth <= DEEPEST_TOLD;
        match token {
            [open @ (b'[' | b'{')] => {
                self.depth += 1;
                if self.depth <= DEEPEST_TOLD {
                    self.expects_key = *open == b'{';
                    self.steps.push(if self.expects_key { Step::Key(String::new()) } else { Step::Index(0) });
                }
            }
            [b']' | b'}'] => {
                self.depth = self.depth.saturating_sub(1);
                self.steps.truncate(self.depth);
                self.expects_key = false;
            }
            [b','] if is_told => match self.steps.last_mut() {
                Some(Step::Index(index)) => *index += 1,
                Some(Step::Key(_)) => self.expects_key = true,
                None => {}
            },
            [b'"', ..] if is_told && self.expects_key => {
                self.expects_key = false;
                if let Some(Step::Key(key)) = self.steps.last_mut() {
                    *key = serde_json::from_slice(token).unwrap_or_default();
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ways to each `x` in a text of single bytes and keys of one letter.
    fn ways(text: &str) -> Vec<String> {
        let mut tracker = Tracker::default();
        let mut ways = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (token, after) = rest.split_at(if rest.starts_with('"') { 3 } else { 1 });
            rest = after;
            tracker.pass(token.as_bytes());
            if token == "x" {
                let steps = tracker.steps().iter().map(|step| match step {
                    Step::Index(index) => index.to_string(),
                    Step::Key(key) => key.clone(),
                });
                ways.push(steps.collect::<Vec<_>>().join("."));
            }
        }
        ways
    }

    #[test]
    fn the_way_to_a_value_is_that_of_its_outermost_steps() {
        assert_eq!(ways("x"), [""]);
        assert_eq!(
            ways(r#"[x,[],x,{"a":x,"b":[x,x],"c":{"d":x}},x]"#),
            ["0", "2", "3.a", "3.b.0", "3.b.1", "3.c.d", "4"]
        );
        assert_eq!(ways(r#"{"a":[{"b":{"c":x,"d":[x]},"e":x},x],"f":x}"#), ["a.0.b", "a.0.b", "a.0.e", "a.1", "f"]);
        assert_eq!(ways(r#"{"a":"b","c":x}"#), ["c"]);
        // What is deeper than that goes on in it.
        assert_eq!(ways("[[[[x,x],x],x],x]"), ["0.0.0", "0.0.0", "0.0.1", "0.1", "1"]);
        // A text that is no key stands for none, also where a comma is missing.
        assert_eq!(ways(r#"{"a":"b"x}"#), ["a"]);
    }
}
