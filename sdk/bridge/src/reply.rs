//! What a person means who replies to a question.

/// What is meant by a reply to whether a tool may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    Once,
    Always,
    No,
}

/// `None` where it says neither yes nor no: nothing is allowed by a guess.
pub(crate) fn permission(reply: &str) -> Option<Permission> {
    match reply.trim().trim_end_matches(['.', '!']).to_lowercase().as_str() {
        "yes" | "y" | "ok" | "allow" | "approve" => Some(Permission::Once),
        "always" => Some(Permission::Always),
        "no" | "n" | "deny" | "never" => Some(Permission::No),
        _ => None,
    }
}

/// The option that a reply names by its number or its label, or else the reply itself.
pub(crate) fn choice(reply: &str, labels: &[&str]) -> String {
    let reply = reply.trim();
    let by_number = reply.parse::<usize>().ok().and_then(|number| labels.get(number.checked_sub(1)?));
    let by_label = || labels.iter().find(|label| label.eq_ignore_ascii_case(reply));
    by_number.or_else(by_label).map_or(reply, |label| label).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_is_one() {
        for (reply, meant) in [
            ("yes", Some(Permission::Once)),
            (" Yes! ", Some(Permission::Once)),
            ("ALWAYS", Some(Permission::Always)),
            ("no.", Some(Permission::No)),
            ("yes, but only tomorrow", None),
            ("not yes", None),
            ("", None),
        ] {
            assert_eq!(permission(reply), meant, "{reply}");
        }
    }

    #[test]
    fn an_option_is_named_by_its_number_or_its_label() {
        let labels = ["Main", "Release 1"];
        for (reply, chosen) in
            [("2", "Release 1"), ("main", "Main"), ("0", "0"), ("3", "3"), ("the other", "the other")]
        {
            assert_eq!(choice(reply, &labels), chosen);
        }
    }
}
