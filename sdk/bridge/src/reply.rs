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
    chosen_of(reply, labels).and_then(|place| labels.get(place)).map_or(reply.trim(), |label| label).to_owned()
}

/// The place of the option that a reply names by its number or its label.
pub(crate) fn chosen_of(reply: &str, labels: &[&str]) -> Option<usize> {
    let reply = reply.trim();
    let by_number = reply.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_label = || labels.iter().position(|label| label.to_lowercase() == reply.to_lowercase());
    by_number.filter(|place| *place < labels.len()).or_else(by_label)
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
