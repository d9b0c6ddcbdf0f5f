//! The secrets that a command was given, taken out of what it says on stderr: whoever mistakes one argument for another may be
//! told what is wrong with it, and not in a log that others read.

use std::cell::RefCell;
use std::env;

use m8tes_sdk::{Redactor, Secret};

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// How the secrets begin that m8tes makes, which are taken out wherever they come from: API keys, and those of webhooks.
const PREFIXES: [&str; 2] = ["m8_", "whsec_"];

/// So much follows at least.
const SHORTEST_REST: usize = 16;

/// The secrets that a command was given.
pub(crate) struct Hidden(RefCell<Vec<Secret>>);

impl Hidden {
    /// Those of the command line and of the environment, whether the command line is understood or not.
    pub(crate) fn given() -> Self {
        let arguments: Vec<_> = env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let behind = arguments.iter().zip(arguments.iter().skip(1));
        let behind = behind.filter(|(name, _)| *name == "--api-key").map(|(_, key)| key.as_str());
        let within = arguments.iter().filter_map(|argument| argument.strip_prefix("--api-key="));
        let hidden = Self(RefCell::default());
        behind.chain(within).for_each(|key| hidden.add(&Secret::from(key)));
        for name in ["M8TES_API_KEY", "M8TES_WEBHOOK_SECRET"] {
            crate::keys::variable(name).iter().for_each(|secret| hidden.add(&Secret::from(secret)));
        }
        hidden
    }

    /// One more.
    pub(crate) fn add(&self, secret: &Secret) {
        // An argument may be shown as Rust shows texts.
        let shown = secret.expose_secret().escape_debug().to_string();
        self.0.borrow_mut().extend([secret.clone(), Secret::from(shown)]);
    }

    /// The text without them.
    pub(crate) fn taken_out(&self, text: &str) -> String {
        let redactor: Redactor = self.0.borrow().iter().collect();
        // What the client has told already has marks, and a mark may hold what looks like a secret.
        let pieces: Vec<_> = text.split(REDACTED).map(|piece| redactor.text(piece.to_owned())).collect();
        PREFIXES.iter().fold(pieces.join(REDACTED), |text, prefix| without_words(&text, prefix))
    }
}

/// The text without the words that begin so and are as long as a secret.
fn without_words(text: &str, prefix: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(prefix) {
        let is_of_secrets = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let length = behind.find(|letter| !is_of_secrets(letter)).unwrap_or(behind.len());
        shown.push_str(before);
        if length < SHORTEST_REST {
            shown.push_str(prefix);
            rest = behind;
        } else {
            shown.push_str(REDACTED);
            rest = behind.get(length..).unwrap_or_default();
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_and_what_looks_like_a_secret_is_taken_out() {
        let hidden = Hidden(RefCell::default());
        ["pass word", "a\"b\\c", "abc"].iter().for_each(|secret| hidden.add(&Secret::from(*secret)));
        assert_eq!(
            hidden.taken_out("pass word: \"a\\\"b\\\\c\" or a\"b\\c"),
            "[redacted]: \"[redacted]\" or [redacted]"
        );
        let hidden_mark = Hidden(RefCell::default());
        ["redacted", "[redacted]"].iter().for_each(|secret| hidden_mark.add(&Secret::from(*secret)));
        assert_eq!(hidden_mark.taken_out("<[redacted]> <redacted>"), "<[redacted]> <[redacted]>");
        assert_eq!(hidden.taken_out("abc is a word"), "[redacted]");
        assert_eq!(hidden.taken_out("abcd is another"), "abcd is another");
        let long = Hidden(RefCell::default());
        ["key/of=mine", "\u{1b}[2J-key"].iter().for_each(|secret| long.add(&Secret::from(*secret)));
        assert_eq!(long.taken_out("?k=key%2Fof%3Dmine key/of=m…"), "?k=[redacted] [redacted]…");
        assert_eq!(long.taken_out("\u{1b}[2J-key is \\u{1b}[2J-key"), "[redacted] is [redacted]");
        let key = "m8_0123456789abcdef-_X";
        assert_eq!(hidden.taken_out(&format!("'{key}', {key}.")), "'[redacted]', [redacted].");
        assert_eq!(hidden.taken_out("whsec_0123456789abcdef can't be read"), "[redacted] can't be read");
        for text in ["set it to an API key (m8_…)", "m8_short", "m8_", "/tmp/m8_a/m8_b"] {
            assert_eq!(hidden.taken_out(text), text);
        }
    }
}
