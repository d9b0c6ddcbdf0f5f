//! What an answer leaves to choose from: it is shown as a list, and the next message of who was answered chooses.

use muxi_sdk::Widget;
use mycel_sdk::UserId;
use serde_json::Value;

use crate::reply::chosen_of;
use crate::store::{Choice, Choices};

/// What was chosen.
#[derive(Debug, PartialEq)]
pub(crate) struct Chosen {
    /// Of what.
    pub(crate) id: String,
    /// What the agent is told.
    pub(crate) value: Value,
    /// The same in words.
    pub(crate) text: String,
}

/// What is shown behind an answer, and what can be chosen by who was answered: of several questions the last.
pub(crate) fn shown(widgets: &[Widget], to: &UserId) -> (String, Option<Choices>) {
    let (mut shown, mut choices) = (String::new(), None);
    for widget in widgets {
        match widget {
            Widget::Options { id, prompt, options, multi } => {
                if !prompt.is_empty() {
                    shown += &format!("\n{prompt}");
                }
                for (number, option) in options.iter().enumerate() {
                    shown += &format!("\n{}. {}", number + 1, option.label);
                }
                if *multi {
                    shown += "\n(several, with commas between them)";
                }
                let options =
                    options.iter().map(|option| Choice { value: option.value.clone(), label: option.label.clone() });
                let (id, of, multi) = (id.as_str().to_owned(), to.clone(), *multi);
                choices = Some(Choices { id, of, multi, options: options.collect() });
            }
            Widget::ActionLink { label, url, hint, .. } => {
                shown += &format!("\n{label}: {url}");
                if let Some(hint) = hint {
                    shown += &format!(" ({hint})");
                }
            }
            _ => shown += "\n(There is something else to be seen, which can't be shown here.)",
        }
    }
    (shown, choices)
}

/// What a message chooses; `None` where it is none of the options, and says what it says.
pub(crate) fn chosen(choices: &Choices, message: &str) -> Option<Chosen> {
    let labels: Vec<_> = choices.options.iter().map(|option| option.label.as_str()).collect();
    let names: Vec<_> = if choices.multi { message.split(',').collect() } else { vec![message] };
    let options: Option<Vec<_>> =
        names.into_iter().map(|name| choices.options.get(chosen_of(name, &labels)?)).collect();
    let options = options?;
    let values: Vec<_> = options.iter().map(|option| option.value.clone()).collect();
    let text = options.iter().map(|option| option.label.as_str()).collect::<Vec<_>>().join(", ");
    let value = if choices.multi { Value::Array(values) } else { values.into_iter().next()? };
    Some(Chosen { id: choices.id.clone(), value, text })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn choices(multi: bool) -> Choices {
        let options = [(json!("eu"), "Europe"), (json!(7), "Asia, and Oceania")];
        let options = options.map(|(value, label)| Choice { value, label: label.to_owned() });
        Choices { id: "ui_1".to_owned(), of: UserId::from("ada"), multi, options: options.into() }
    }

    #[test]
    fn a_number_or_a_label_chooses_and_all_else_is_said() {
        for (multi, message, value) in [
            (false, "1", Some(json!("eu"))),
            (false, " europe ", Some(json!("eu"))),
            (false, "Asia, and Oceania", Some(json!(7))),
            (false, "3", None),
            (false, "neither", None),
            (false, "1, 2", None),
            (true, "1", Some(json!(["eu"]))),
            (true, "2, Europe", Some(json!([7, "eu"]))),
            (true, "1, 3", None),
        ] {
            let chosen = chosen(&choices(multi), message);
            assert_eq!(chosen.map(|chosen| chosen.value), value, "{message} of {multi}");
        }
    }
}
