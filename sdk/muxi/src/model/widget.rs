//! What a person is shown, and answers.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{text, text_if_any};
use crate::id::WidgetId;

/// Something that a person is to be shown beside a text. It is answered by a new chat, with
/// [`answer_widget`](crate::ChatRequest::answer_widget).
///
/// It is read from MUXI's JSON and written as such. What of that it has no field for is left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Widget {
    /// A question with answers to choose from.
    Options {
        /// Its id.
        id: WidgetId,
        /// The question.
        prompt: String,
        /// The answers.
        options: Vec<WidgetOption>,
        /// Whether several may be chosen.
        multi: bool,
    },
    /// A link to something that is to be done.
    ActionLink {
        /// Its id.
        id: WidgetId,
        /// What the link is called.
        label: String,
        /// Where it leads.
        url: String,
        /// What to know about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
    },
    /// Something that an MCP server wants to show. Nobody has looked at it: trust it as little as that server.
    McpResource {
        /// Its id.
        id: WidgetId,
        /// Its URI (`ui://…`).
        resource: String,
        /// What it is made of; base64 where `encoding` says so.
        data: Value,
        /// The server.
        server: String,
        /// The tool that brought it.
        tool: String,
        /// What kind of thing it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// How `data` is written, such as `base64`.
        #[serde(skip_serializing_if = "Option::is_none")]
        encoding: Option<String>,
    },
    /// What this version of the SDK does not know, as it came.
    #[serde(untagged)]
    Other(Value),
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WidgetOption {
    /// What to answer with.
    pub value: Value,
    /// What it is called.
    pub label: String,
}

impl<'de> Deserialize<'de> for Widget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|widget| Self::read(&widget))
    }
}

impl<'de> Deserialize<'de> for WidgetOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let option = Value::deserialize(deserializer)?;
        Self::read(&option).ok_or_else(|| D::Error::missing_field("value"))
    }
}

impl Widget {
    /// Reads one; what is none that is known stays as it is.
    pub(crate) fn read(value: &Value) -> Self {
        value.as_object().and_then(Self::known).unwrap_or_else(|| Self::Other(value.clone()))
    }

    /// Reads all of a list.
    pub(crate) fn all(values: &[Value]) -> Vec<Self> {
        values.iter().map(Self::read).collect()
    }

    fn known(widget: &Map<String, Value>) -> Option<Self> {
        let id = WidgetId::from(widget.get("id")?.as_str()?);
        Some(match widget.get("type")?.as_str()? {
            "options" => Self::Options {
                id,
                prompt: text(widget, "prompt"),
                options: widget.get("options")?.as_array()?.iter().map(WidgetOption::read).collect::<Option<_>>()?,
                multi: widget.get("multi").and_then(Value::as_bool).unwrap_or_default(),
            },
            "action_link" => Self::ActionLink {
                id,
                label: text(widget, "label"),
                url: widget.get("url")?.as_str()?.to_owned(),
                hint: text_if_any(widget, "hint"),
            },
            "mcp_resource" => Self::McpResource {
                id,
                resource: widget.get("resource")?.as_str()?.to_owned(),
                data: widget.get("data").cloned().unwrap_or_default(),
                server: text(widget, "server"),
                tool: text(widget, "tool"),
                mime_type: text_if_any(widget, "mime_type"),
                encoding: text_if_any(widget, "encoding"),
            },
            _ => return None,
        })
    }

    /// Its id, where it has one.
    pub fn id(&self) -> Option<&WidgetId> {
        match self {
            Self::Options { id, .. } | Self::ActionLink { id, .. } | Self::McpResource { id, .. } => Some(id),
            Self::Other(_) => None,
        }
    }
}

impl WidgetOption {
    fn read(option: &Value) -> Option<Self> {
        let value = option.get("value")?.clone();
        let label = option.get("label").and_then(Value::as_str).map(str::to_owned);
        let label = label.unwrap_or_else(|| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        Some(Self { value, label })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_is_read_and_what_is_none_is_kept() {
        let options = Widget::read(&json!({
            "type": "options", "id": "ui_1", "prompt": "Which?", "options": [{"value": "eu", "label": "Europe"}, {"value": 7}],
        }));
        let Widget::Options { id, options, multi: false, .. } = &options else { panic!("{options:?}") };
        assert_eq!((id.as_str(), options[0].label.as_str(), options[1].label.as_str()), ("ui_1", "Europe", "7"));
        let link =
            Widget::read(&json!({"type": "action_link", "id": "ui_2", "label": "Open", "url": "https://a.example"}));
        assert!(matches!(&link, Widget::ActionLink { hint: None, .. }) && link.id().is_some());
        let shown =
            json!({"type": "mcp_resource", "id": "ui_3", "resource": "ui://a/b", "data": "x", "encoding": "base64"});
        assert!(matches!(Widget::read(&shown), Widget::McpResource { encoding: Some(_), .. }));
        for odd in [json!(7), json!({"type": "new", "id": "ui_4"}), json!({"type": "options", "id": "ui_5"}), json!({})]
        {
            assert_eq!(Widget::read(&odd), Widget::Other(odd));
        }
    }

    #[test]
    fn what_is_written_of_one_is_what_it_was_read_of() {
        for widget in [
            json!({"type": "options", "id": "ui_1", "prompt": "?", "options": [{"value": 7, "label": "7"}], "multi": true}),
            json!({"type": "action_link", "id": "ui_2", "label": "Open", "url": "https://a.example", "hint": "Now"}),
            json!({"type": "action_link", "id": "ui_2", "label": "Open", "url": "https://a.example"}),
            json!({
                "type": "mcp_resource", "id": "ui_3", "resource": "ui://a/b", "data": {"a": 1}, "server": "s", "tool": "t",
                "mime_type": "text/html", "encoding": "base64",
            }),
            json!({"type": "new", "id": "ui_4"}),
            json!([7]),
        ] {
            let read: Widget = serde_json::from_value(widget.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), widget);
        }
        assert!(serde_json::from_value::<WidgetOption>(json!({"label": "x"})).is_err());
    }
}
