//! What Python takes for a blank and for an integer, where Rust takes something else.

/// `text` without the blanks around it, as `str.strip` leaves it: four separators more than `str::trim` takes away.
pub fn strip(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character))
}

/// What `int` reads from a text; one that is too large comes as near to it as it can.
pub fn int(text: &str) -> Option<i64> {
    let integer = integer(strip(text))?;
    let nearest = if integer.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(integer.parse().unwrap_or(nearest))
}

/// An integer in plain digits, of a text that may have a plus before it and a `_` between any two digits.
pub fn integer(text: &str) -> Option<String> {
    let (minus, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    digits.split('_').all(is_group).then(|| format!("{minus}{}", digits.replace('_', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_separators_are_blanks_too() {
        assert_eq!(strip("\u{1c}\u{1d} a\u{1e}b \u{1f}\u{85}\u{a0}\u{3000}"), "a\u{1e}b");
        assert_eq!(strip("\u{1b}\u{200b}\0"), "\u{1b}\u{200b}\0");
    }

    #[test]
    fn integers_are_read_as_python_reads_them() {
        for (text, read) in [("7", 7), (" +7\u{1f}", 7), ("-1_000", -1000), ("007", 7)] {
            assert_eq!(int(text), Some(read), "{text:?}");
        }
        for (text, nearest) in [("9".repeat(30), i64::MAX), (format!("-{}", "9".repeat(30)), i64::MIN)] {
            assert_eq!(int(&text), Some(nearest));
        }
        for text in ["", " ", "-", "+-1", "1.0", "1e2", "_1", "1_", "1__0", "x"] {
            assert_eq!(int(text), None, "{text:?}");
        }
    }
}
