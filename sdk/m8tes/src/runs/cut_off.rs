//! Answers that were to say which run has begun, and are no whole ones.

use crate::error::Error;
use crate::id::RunId;

/// The header that says which run it is, before anything of the body.
pub(super) const RUN_ID: &str = "x-run-id";

/// The run that has begun by what came of the answer: by its head, or else by the start of its body.
pub(super) fn begun(error: &Error) -> Option<RunId> {
    let partial = error.partial()?;
    partial.header(RUN_ID).and_then(of_header).or_else(|| of_start(partial.start()))
}

/// The run that a header names.
pub(super) fn of_header(value: &str) -> Option<RunId> {
    value.parse().ok().filter(|id: &RunId| id.get() > 0)
}

/// The run that the start of a body names. A number that nothing comes behind may be a part of one.
fn of_start(start: &str) -> Option<RunId> {
    let mut parts = ["{", "\"id\"", ":"].into_iter();
    let rest = parts.try_fold(start, |rest, part| rest.trim_start().strip_prefix(part))?.trim_start();
    let (number, behind) = rest.split_at_checked(rest.bytes().take_while(u8::is_ascii_digit).count())?;
    behind.trim_start().starts_with([',', '}']).then(|| of_header(number)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_body_names_a_run_where_its_number_is_whole() {
        for (start, id) in [
            (r#"{"id": 42, "status": "run"#, Some(42)),
            (r#"{"id":42}"#, Some(42)),
            ("\n{ \"id\" : 42\n, ", Some(42)),
            (r#"{"id": 42"#, None),
            (r#"{"id": 42 "#, None),
            (r#"{"id": 4.5,"#, None),
            (r#"{"id": 0,"#, None),
            (r#"{"id": -1,"#, None),
            (r#"{"id": "42","#, None),
            (r#"{"id": ,"#, None),
            (r#"{"id": 99999999999999999999,"#, None),
            (r#"{"run_id": 42,"#, None),
            (r#"[{"id": 42,"#, None),
            ("", None),
            ("{", None),
        ] {
            assert_eq!(of_start(start).map(RunId::get), id, "{start}");
        }
    }
}
