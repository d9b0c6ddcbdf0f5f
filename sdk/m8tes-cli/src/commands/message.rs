//! What a teammate is to do, as the command line says it.

use std::path::Path;

use m8tes_sdk::TeammateId;

use crate::failure::Failure;
use crate::prompts;

/// Reads `[ID] MESSAGE`, with the message from a file or from stdin where that is said. Nothing in it is changed; words that
/// are separate arguments are joined with a blank.
pub(super) async fn read(words: &[String], file: Option<&Path>) -> Result<(Option<TeammateId>, String), Failure> {
    let (id, words) = match words {
        [id, rest @ ..] if (!rest.is_empty() || file.is_some()) && is_id(id) => {
            let id = id.parse().map_err(|_| Failure::failed(format!("{id} is no id of a teammate")))?;
            (Some(id), rest)
        }
        words => (None, words),
    };
    let message = match (words, file) {
        ([], Some(file)) if file == Path::new("-") => prompts::read_all().await?,
        ([], Some(file)) => tokio::fs::read_to_string(file)
            .await
            .map_err(|error| Failure::io(&format!("{} can't be read", file.display()), &error))?,
        (_, Some(_)) => return Err(Failure::usage("the message is either in a file or an argument, not both")),
        ([], None) => return Err(Failure::usage("what is it to do? Give it a message, or - for stdin; see --help")),
        ([only], None) if is_id(only) => {
            return Err(Failure::usage(format!("what is teammate {only} to do? Give it a message, or - for stdin")));
        }
        ([only], None) if only == "-" => prompts::read_all().await?,
        (words, None) => words.join(" "),
    };
    Ok((id, message))
}

fn is_id(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|letter| letter.is_ascii_digit())
}
