//! What a formation's file declares of it at its top.

use saphyr_parser::{Event, Parser};

/// What a bundle says of its formation, as far as the server has to be told.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Declaration {
    /// `None` where it is not declared.
    pub(super) id: Option<String>,
    /// `None` where it is not declared.
    pub(super) version: Option<String>,
}

impl Declaration {
    /// Reads the values at the top of a YAML document, each as it is written there.
    ///
    /// # Errors
    ///
    /// Where it stops to be YAML.
    #[inline]
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut declaration = Self::default();
        // How deep in it, and the key at the top whose value is next.
        let (mut depth, mut key) = (0_usize, None);
        for event in Parser::new_from_str(text) {
            let (event, _) = event.map_err(|error| format!("is no YAML ({error})"))?;
            match event {
                // What is a list at its top declares nothing.
                Event::SequenceStart(..) if depth == 0 => break,
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    if depth == 1 {
                        // What is a list or a mapping is no id; as a key it is none of those that are looked for.
                        key = if key.is_some() { None } else { Some(String::new()) };
                    }
                    depth += 1;
                }
                Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
                Event::Scalar(text, style, ..) if depth == 1 => {
                    let is_null = style == saphyr_parser::ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                    match key.take().as_deref() {
                        None => key = Some(text.into_owned()),
                        Some(_) if is_null => {}
                        Some("id") => declaration.id = Some(text.into_owned()),
                        Some("version") => declaration.version = Some(text.into_owned()),
                        Some(_) => {}
                    }
                }
                Event::Alias(_) if depth == 1 => key = if key.is_some() { None } else { Some(String::new()) },
                // Of several documents the first counts.
                Event::DocumentEnd => break,
                _ => {}
            }
        }
        Ok(declaration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, String) {
        let Declaration { id, version } = Declaration::read(text).unwrap();
        (id.unwrap_or_default(), version.unwrap_or_default())
    }

    #[test]
    fn what_is_at_the_top_is_read_as_it_is_written() {
        for (text, id, version) in [
            ("id: my-bot\nversion: 1.10\n", "my-bot", "1.10"),
            ("schema: 1.0.0\nversion: '2.0'\nid: \"my-bot\" # comment\n", "my-bot", "2.0"),
            ("agents:\n  - id: other\n    version: 9\nllm: {id: third}\nid: my-bot\n", "my-bot", ""),
            ("{id: my-bot, version: 3}", "my-bot", "3"),
            ("? [id]\n: x\n? {id: 5}\n: y\nid: my-bot\n", "my-bot", ""),
            ("a: &a x\nb: *a\nid: my-bot\n", "my-bot", ""),
            ("name: |\n  id: no\nid: my-bot\n---\nid: later\n", "my-bot", ""),
            ("---\nid: my-bot\n...\n", "my-bot", ""),
            ("id:\nversion: ~\n", "", ""),
            ("id: [x]\nversion: {a: b}\n", "", ""),
            ("- id\n- my-bot\n", "", ""),
            ("just text", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(read(text), (id.to_owned(), version.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_yaml_is_told() {
        for text in ["id: [", "id: \"my-bot", "a: b: c: d"] {
            let problem = Declaration::read(text).unwrap_err();
            assert!(problem.starts_with("is no YAML"), "{text:?}: {problem}");
        }
    }

    #[test]
    fn a_hostile_document_ends() {
        let deep = "[".repeat(100_000);
        let aliases =
            (1..40).fold("a0: &a0 x\n".to_owned(), |text, n| format!("{text}a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
        let _ = Declaration::read(&deep);
        assert_eq!(read(&format!("{aliases}id: my-bot\n")).0, "my-bot");
    }
}
