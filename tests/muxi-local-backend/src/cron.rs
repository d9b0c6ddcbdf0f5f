//! Whether a text is a cron expression, for a scheduler without a clock.

use std::ops::RangeInclusive;

/// What each field may hold: minute, hour, day, month, weekday, and where they are given, second and year.
const FIELDS: [RangeInclusive<u32>; 7] = [0..=59, 0..=23, 1..=31, 1..=12, 0..=7, 0..=59, 1970..=2099];

/// What stands for a number, by the field.
const NAMES: [(usize, &[&str]); 2] = [
    (3, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    (4, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// What stands for a whole expression.
const WHOLE: [&str; 7] = ["@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly"];

/// What is wrong with an expression, if anything is.
pub(crate) fn problem(expression: &str) -> Option<String> {
    let expression = expression.trim();
    if WHOLE.contains(&expression.to_ascii_lowercase().as_str()) {
        return None;
    }
    let fields: Vec<_> = expression.split_whitespace().collect();
    if !(5..=7).contains(&fields.len()) {
        return Some("Exactly 5, 6 or 7 columns has to be specified for iterator expression.".to_owned());
    }
    let is_right = fields.iter().enumerate().all(|(place, field)| field.split(',').all(|part| is_part(place, part)));
    (!is_right).then(|| format!("[{expression}] is not acceptable"))
}

/// A number, a range of them or all, and how many of these are taken: `9`, `1-5`, `*/10`.
fn is_part(place: usize, part: &str) -> bool {
    let (numbers, step) = part.split_once('/').map_or((part, None), |(numbers, step)| (numbers, Some(step)));
    if step.is_some_and(|step| step.parse::<u32>().is_ok_and(|step| step == 0) || step.parse::<u32>().is_err()) {
        return false;
    }
    match numbers {
        "*" => true,
        "?" => matches!(place, 2 | 4),
        "l" | "L" => place == 2,
        range => range
            .split_once('-')
            .map_or_else(|| is_number(place, range), |(first, last)| is_number(place, first) && is_number(place, last)),
    }
}

fn is_number(place: usize, text: &str) -> bool {
    let is_name = NAMES.iter().any(|(of, names)| *of == place && names.contains(&text.to_ascii_lowercase().as_str()));
    is_name || text.parse().is_ok_and(|number| FIELDS.get(place).is_some_and(|field| field.contains(&number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_told_from_other_texts() {
        for right in ["0 9 * * 1", "0 9 * * MON-FRI", "*/5 0,12 L jan ?", "0 9 * * 7 30", "0 9 * * 1 0 2030", "@daily"]
        {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in [
            "",
            "every day",
            "* * * *",
            "99 9 * * *",
            "a b c d e",
            "0 9 32 * *",
            "0 9 * * 1-",
            "0 9 * * */0",
            "0 9 * * 1,",
        ] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }
}
