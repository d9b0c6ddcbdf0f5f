//! All public types of a facade, so that a new one is not forgotten: each can be shown, and none shows a secret.

use std::collections::{BTreeMap, BTreeSet};

/// What the secrets that `shown` was given end with.
pub const SECRET: &str = "-secret";

/// The `Debug` forms of these values, by the names of their types: `shown! { Client: client, … }`
#[macro_export]
macro_rules! shown {
    ($($type:ident: $value:expr,)*) => {
        ::std::collections::BTreeMap::from([$((stringify!($type), {
            let value = $value;
            let name = ::std::any::type_name_of_val(&value);
            let name = name.split('<').next().unwrap().rsplit("::").next().unwrap();
            assert_eq!(name, stringify!($type));
            format!("{value:?} {value:#?}")
        }),)*])
    };
}

/// Expects that each of these shows something, with all of its fields, and none a secret, each of which ends with [`SECRET`];
/// and that all of a facade's types are among them that may hold one. `list` is what applications can name of the facade's
/// crate. What can be compared holds none, since a secret can't be. `left_out` are others, each with the reason.
pub fn expect_no_secret(list: &str, shown: &BTreeMap<&str, String>, left_out: &[(&str, &str)]) {
    for (name, text) in shown {
        assert!(!text.contains(SECRET), "{name} shows a secret: {text}");
        assert!(!text.trim().is_empty() && !text.contains(": ,"), "{name} or a field of it shows nothing: {text}");
    }
    let types: BTreeSet<_> = list.lines().filter_map(declared).collect();
    let compared = list.lines().filter_map(|line| line.split_once("core::cmp::PartialEq for "));
    let compared: BTreeSet<_> = compared.map(|(_, path)| last_name(path)).collect();
    let known: BTreeSet<_> = shown.keys().copied().chain(left_out.iter().map(|(name, _)| *name)).collect();
    assert_eq!(known.len(), shown.len() + left_out.len(), "each is named once");
    let missing: Vec<_> = types.difference(&known).filter(|name| !compared.contains(*name)).collect();
    assert!(missing.is_empty(), "give an example of each, near secrets: {missing:?}");
    let gone: Vec<_> = known.difference(&types).collect();
    assert!(gone.is_empty(), "there are no such types any more: {gone:?}");
}

/// The name of the type that a line declares.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("#[non_exhaustive] ");
    let path = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
    Some(last_name(path))
}

/// The last name of a path, without its parameters.
fn last_name(path: &str) -> &str {
    path.split(['<', ' ', '(']).next().unwrap().rsplit("::").next().unwrap()
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    const LIST: &str = "pub struct a::Client\n#[non_exhaustive] pub struct a::b::Told<'c>\npub struct a::Chat\n\
                        impl core::cmp::PartialEq for a::Chat";

    fn fails(shown: &[(&'static str, &str)], left_out: &[(&str, &str)]) -> bool {
        let shown = shown.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        catch_unwind(|| expect_no_secret(LIST, &shown, left_out)).is_err()
    }

    #[test]
    fn what_is_missing_gone_or_shows_a_secret_is_told() {
        assert!(!fails(&[("Client", "Client"), ("Told", "Told")], &[]));
        assert!(!fails(&[("Client", "Client")], &[("Told", "a reason")]));
        assert!(fails(&[("Client", "Client")], &[]), "one is missing");
        assert!(fails(&[("Client", "Client"), ("Told", "Told"), ("Gone", "Gone")], &[]));
        assert!(fails(&[("Client", "Client"), ("Told", "Told { key: k-secret }")], &[]));
        assert!(fails(&[("Client", "Client"), ("Told", "Told")], &[("Told", "twice")]));
        assert!(fails(&[("Client", "Client"), ("Told", " ")], &[]));
        assert!(fails(&[("Client", "Client"), ("Told", "Told { by: , at: 7 }")], &[]));
    }

    #[test]
    fn a_form_goes_by_the_name_of_its_type() {
        assert_eq!(shown! { String: "a".to_owned(), }["String"], "\"a\" \"a\"");
    }
}
