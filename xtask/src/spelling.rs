//! How progenitor and typify spell names in Rust.

use heck::{ToPascalCase, ToSnakeCase};

/// A type's name. Spelled again, it stays as it is: what has it already is not renamed by the generators.
pub(crate) fn type_name(name: &str) -> String {
    let mut spelled = words(name).to_pascal_case();
    // "a_b" becomes "AB", and that "Ab".
    loop {
        let again = spelled.to_pascal_case();
        if again == spelled {
            break;
        }
        spelled = again;
    }
    if !spelled.starts_with(starts_a_name) {
        spelled.insert(0, 'X');
    }
    match spelled.as_str() {
        "Self" => spelled.push('_'),
        // These would hide what the code of other types means by them.
        "Err" | "None" | "Ok" | "Some" | "String" => spelled.push_str("Type"),
        _ => {}
    }
    spelled
}

/// What an argument's and a field's name have in common with those that are spelled the same.
pub(crate) fn value_name(name: &str) -> String {
    match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        name => words(name).to_snake_case(),
    }
}

/// The name with a hyphen for each character that Rust has in no name.
fn words(name: &str) -> String {
    name.chars()
        .filter(|character| *character != '\'')
        .map(|character| if continues_a_name(character) { character } else { '-' })
        .collect()
}

fn starts_a_name(character: char) -> bool {
    character.is_ascii_alphabetic() || is_name(&character.to_string())
}

fn continues_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || is_name(&format!("a{character}"))
}

fn is_name(text: &str) -> bool {
    syn::parse_str::<syn::Ident>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn types_are_spelled_as_the_generators_spell_them() {
        for (name, spelled) in [
            ("Chat", "Chat"),
            ("note", "Note"),
            ("Note-Input", "NoteInput"),
            ("Page_Note_", "PageNote"),
            ("Body_upload_cover_api_books__book_id__cover_put", "BodyUploadCoverApiBooksBookIdCoverPut"),
            ("UIHint", "UiHint"),
            ("APIKey", "ApiKey"),
            ("app.models.Note", "AppModelsNote"),
            ("a_b", "Ab"),
            ("2fa", "X2fa"),
            ("self", "Self_"),
            ("OK", "OkType"),
            ("-", "X"),
        ] {
            assert_eq!(type_name(name), spelled, "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_spelled_name_is_spelled_as_it_is(name in "[A-Za-z0-9._-]{1,12}") {
            let spelled = type_name(&name);
            prop_assert_eq!(type_name(&spelled), spelled.clone());
            prop_assert!(is_name(&spelled), "{}", spelled);
        }
    }
}
