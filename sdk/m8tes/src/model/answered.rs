//! How models are made from answers, and written as such again.

use std::fmt;

use agent_platform_core::{Malformed, Secret, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

/// What of an answer has no place of its own in a model.
#[derive(Default)]
pub(crate) struct Rest {
    /// All fields that the model has not, and those that could not be read.
    pub(crate) extra: Map<String, Value>,
    pub(crate) malformed: Malformed,
}

impl Rest {
    pub(crate) fn put(&mut self, field: &str, value: Option<impl Serialize>) {
        if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
            self.extra.insert(field.to_owned(), value);
        }
    }
}

/// Extras, as they are shown: their names alone, since what is not known may be a secret.
pub(crate) struct Shown<'e>(pub(crate) &'e Map<String, Value>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What any text is taken for.
pub(crate) trait FromText {
    fn from_text(text: String) -> Self;
}

impl FromText for String {
    fn from_text(text: String) -> Self {
        text
    }
}

impl FromText for Secret {
    fn from_text(text: String) -> Self {
        text.into()
    }
}

/// What any number is taken for.
pub(crate) trait FromNumber {
    fn from_number(number: i64) -> Self;
}

impl FromNumber for i64 {
    fn from_number(number: i64) -> Self {
        number
    }
}

/// A field of a model, made from that of an answer.
pub(crate) trait FromAnswer<G> {
    /// Takes it; what it can't be made of, goes to the rest under the field's name.
    fn take(generated: G, field: &str, rest: &mut Rest) -> Self;
}

/// A field of a model, written as that of an answer.
pub(crate) trait ToAnswer {
    /// Whether there is nothing to write.
    fn is_left_out(&self) -> bool {
        false
    }
}

impl<T> ToAnswer for Option<T> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T> ToAnswer for Vec<T> {}
impl ToAnswer for String {}
impl ToAnswer for bool {}
impl ToAnswer for i64 {}
impl ToAnswer for Map<String, Value> {}

impl<T: FromText> FromAnswer<String> for T {
    fn take(generated: String, _: &str, _: &mut Rest) -> Self {
        T::from_text(generated)
    }
}

impl<T: FromText> FromAnswer<Option<String>> for Option<T> {
    fn take(generated: Option<String>, _: &str, _: &mut Rest) -> Self {
        generated.map(T::from_text)
    }
}

/// Where nothing is said, it is empty.
impl<T: FromText> FromAnswer<Option<String>> for T {
    fn take(generated: Option<String>, _: &str, _: &mut Rest) -> Self {
        T::from_text(generated.unwrap_or_default())
    }
}

impl FromAnswer<Option<String>> for Option<Timestamp> {
    fn take(generated: Option<String>, field: &str, rest: &mut Rest) -> Self {
        let text = generated?;
        let time = read_time(&text);
        if time.is_none() {
            rest.malformed.add(field, "is no point in time");
            rest.put(field, Some(text));
        }
        time
    }
}

/// A time as m8tes writes it: mostly as in RFC 3339, and in UTC where it names no offset. `None` for what is none.
fn read_time(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

impl<T: FromNumber> FromAnswer<i64> for T {
    fn take(generated: i64, _: &str, _: &mut Rest) -> Self {
        T::from_number(generated)
    }
}

impl<T: FromNumber> FromAnswer<Option<i64>> for Option<T> {
    fn take(generated: Option<i64>, _: &str, _: &mut Rest) -> Self {
        generated.map(T::from_number)
    }
}

/// Where nothing is said, it is nothing.
macro_rules! taken_as_they_are {
    ($($type:ty $(where $generic:ident)?,)*) => {$(
        impl $(<$generic>)? FromAnswer<$type> for $type {
            fn take(generated: $type, _: &str, _: &mut Rest) -> Self {
                generated
            }
        }

        impl $(<$generic>)? FromAnswer<Option<$type>> for $type {
            fn take(generated: Option<$type>, _: &str, _: &mut Rest) -> Self {
                generated.unwrap_or_default()
            }
        }

        impl $(<$generic>)? FromAnswer<Option<$type>> for Option<$type> {
            fn take(generated: Option<$type>, _: &str, _: &mut Rest) -> Self {
                generated
            }
        }
    )*};
}

taken_as_they_are! { bool, Map<String, Value>, Vec<T> where T, }

impl FromAnswer<Option<i64>> for i64 {
    fn take(generated: Option<i64>, _: &str, _: &mut Rest) -> Self {
        generated.unwrap_or_default()
    }
}

/// Lets open enums be fields of models.
macro_rules! enums_in_answers {
    ($($name:ty),* $(,)?) => {$(
        impl crate::model::answered::FromText for $name {
            fn from_text(text: String) -> Self {
                text.into()
            }
        }

        impl crate::model::answered::ToAnswer for $name {
            fn is_left_out(&self) -> bool {
                self.as_str().is_empty()
            }
        }
    )*};
}
pub(crate) use enums_in_answers;

/// Lets a model be a field of another.
macro_rules! nested {
    ($name:ident from $generated:ty) => {
        impl crate::model::answered::FromAnswer<Option<$generated>> for Option<$name> {
            fn take(generated: Option<$generated>, field: &str, rest: &mut crate::model::answered::Rest) -> Self {
                let decoded = <$name as ::agent_platform_core::Decode<_, crate::platform::M8tes>>::decode(generated?);
                decoded.map_err(|problem| rest.malformed.add(field, problem)).ok()
            }
        }
    };
}
pub(crate) use nested;

/// Defines a model by its fields: from which generated type it is made, and in braces after `rest` what it has no field of
/// its own for and keeps in `extra`. A field whose name is not that of the answer has both behind it, as in
/// `kind (type_ = "type"): TriggerKind`. With `, read only` it is read from the platform's JSON and not written as such,
/// since it holds a secret.
macro_rules! model {
    (
        $(#[$doc:meta])*
        $name:ident from $generated:ty {
            $($(#[$field_doc:meta])* $field:ident $(($given:ident = $wire:literal))?: $type:ty,)*
        } rest { $($rest:ident),* $(,)? }
    ) => {
        crate::model::answered::model! {
            $(#[$doc])*
            #[derive(PartialEq, Eq, Hash)]
            $name from $generated {
                $($(#[$field_doc])* $field $(($given = $wire))?: $type,)*
            } rest { $($rest),* }, read only
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $(if !crate::model::answered::ToAnswer::is_left_out(&self.$field) {
                    map.serialize_entry(crate::model::answered::wire!($field $($wire)?), &self.$field)?;
                })*
                for (name, value) in &self.extra {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    };
    (
        $(#[$doc:meta])*
        $name:ident from $generated:ty {
            $($(#[$field_doc:meta])* $field:ident $(($given:ident = $wire:literal))?: $type:ty,)*
        } rest { $($rest:ident),* $(,)? }, read only
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// All that m8tes says of it beside that, by its own names.
            pub extra: ::serde_json::Map<String, ::serde_json::Value>,
            /// What of it could not be read.
            pub malformed: ::agent_platform_core::Malformed,
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .field("extra", &crate::model::answered::Shown(&self.extra))
                    .field("malformed", &self.malformed)
                    .finish()
            }
        }

        impl ::agent_platform_core::Decode<$generated, crate::platform::M8tes> for $name {
            fn decode(generated: $generated) -> ::std::result::Result<Self, String> {
                type Generated = $generated;
                let Generated { $($($given:)? $field,)* $($rest,)* extra } = generated;
                let mut rest = crate::model::answered::Rest { extra, ..Default::default() };
                $(rest.put(stringify!($rest), $rest);)*
                $(let $field = crate::model::answered::FromAnswer::take(
                    $field, crate::model::answered::wire!($field $($wire)?), &mut rest,
                );)*
                let crate::model::answered::Rest { extra, malformed } = rest;
                Ok(Self { $($field,)* extra, malformed })
            }

            fn malformed(&mut self) -> Option<&mut ::agent_platform_core::Malformed> {
                Some(&mut self.malformed)
            }
        }

        ::agent_platform_core::read_as_answers! { crate::platform::M8tes; $name: $generated, }
    };
}
pub(crate) use model;

/// The name of a field in an answer.
macro_rules! wire {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}
pub(crate) use wire;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::read_time;
    use crate::model::{Page, Run, Teammate, TeammateStatus};

    #[test]
    fn a_time_may_have_no_offset_and_may_be_none() {
        let read = |text: &str| read_time(text).map(|time| time.to_string());
        assert_eq!(read("2026-05-13T14:00:00+02:00").unwrap(), "2026-05-13T12:00:00Z");
        assert_eq!(read("2026-05-13T12:00:00.5").unwrap(), "2026-05-13T12:00:00.5Z");
        assert_eq!((read("yesterday"), read("")), (None, None));
    }

    /// What is read of an answer, and what it is written as again.
    fn read(answer: &Value) -> (Teammate, Value) {
        let teammate: Teammate = serde_json::from_value(answer.clone()).unwrap();
        let written = serde_json::to_value(&teammate).unwrap();
        assert_eq!(serde_json::from_value::<Teammate>(written.clone()).unwrap(), teammate);
        (teammate, written)
    }

    #[test]
    fn what_has_no_field_of_its_own_and_what_is_unknown_is_an_extra() {
        let answer = json!({
            "id": 7, "name": "bot", "tools": ["gmail"], "metadata": {"a": [1.5]}, "status": "asleep",
            "created_at": "2026-05-13T12:00:00Z", "inbound_email_enabled": true, "webhook_enabled": false,
            "active_run_count": 0, "can_manage": true, "slack_channels": [{"id": "C1"}], "mood": {"good": null},
        });
        let (teammate, written) = read(&answer);
        assert_eq!(written, answer);
        assert_eq!(teammate.status, TeammateStatus::Other("asleep".to_owned()));
        assert_eq!((&teammate.extra["can_manage"], &teammate.extra["mood"]), (&json!(true), &json!({"good": null})));
        assert!(teammate.malformed.is_empty());
    }

    #[test]
    fn a_time_that_is_none_is_told_and_kept() {
        let (teammate, written) = read(&json!({"id": 7, "name": "bot", "created_at": "yesterday"}));
        assert_eq!((teammate.created_at, teammate.malformed.contains("created_at")), (None, true));
        assert_eq!(written["created_at"], "yesterday");
        let (teammate, written) = read(&json!({"id": 7, "name": "bot", "created_at": "2026-05-13T12:00:00.5"}));
        assert_eq!(teammate.created_at.unwrap().to_string(), "2026-05-13T12:00:00.5Z");
        assert_eq!(written["created_at"], "2026-05-13T12:00:00.5Z");
    }

    #[test]
    fn of_the_extras_the_names_are_shown_alone() {
        let answer =
            json!({"id": 42, "share_token": "shr_secret", "new_token": {"of": "new_secret"}, "retry_count": 7});
        let run: Run = serde_json::from_value(answer).unwrap();
        let shown = format!("{run:?} {run:#?}");
        assert!(shown.contains(r#"extra: {"new_token", "retry_count", "share_token"}"#), "{shown}");
        assert!(!shown.contains("shr_secret") && !shown.contains("new_secret"), "{shown}");
        assert_eq!(serde_json::to_value(&run).unwrap()["share_token"], "shr_secret");
    }

    #[test]
    fn a_page_is_read_and_written_too() {
        let answer = json!({"data": [{"id": 7, "name": "bot"}], "has_more": true, "next_starting_after": 7});
        let page: Page<Teammate> = serde_json::from_value(answer).unwrap();
        let written = serde_json::to_value(&page).unwrap();
        assert_eq!(serde_json::from_value::<Page<Teammate>>(written).unwrap(), page);
    }
}
