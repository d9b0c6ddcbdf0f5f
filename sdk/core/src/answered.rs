//! How models are made from answers, and written as such again.

mod place;

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::malformed::Malformed;
use crate::secret::Secret;
use crate::timestamp::{Timestamp, epoch_seconds_of_time, time_from_epoch_seconds};

/// What of an answer has no place of its own in a model.
#[derive(Default)]
pub struct Rest {
    /// All fields that the model has not, and those that could not be read.
    pub extra: Map<String, Value>,
    /// Those that could not be read.
    pub malformed: Malformed,
}

impl Rest {
    /// Puts a field there that the model has not, if the answer has it.
    pub fn put(&mut self, field: &str, value: Option<impl Serialize>) {
        place::put(&mut self.extra, field, value);
    }
}

/// Extras, as they are shown: their names alone, since what is not known may be a secret.
pub struct Shown<'e>(pub &'e Map<String, Value>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

pub use place::{object, put};

/// A field of a model, made from that of an answer of the platform `P`.
pub trait FromAnswer<G, P>: Sized {
    /// Takes it; what it can't be made of, goes to the rest under the field's name.
    fn take(generated: G, field: &str, rest: &mut Rest) -> Self;
}

/// A field of a model, written as that of an answer of the platform `P`.
pub trait ToAnswer<P> {
    /// Whether there is nothing to write.
    fn is_left_out(&self) -> bool {
        false
    }
}

impl<T, P> ToAnswer<P> for Option<T> {
    fn is_left_out(&self) -> bool {
        self.is_none()
    }
}

impl<T, P> ToAnswer<P> for Vec<T> {}
impl<P> ToAnswer<P> for String {}
impl<P> ToAnswer<P> for bool {}
impl<P> ToAnswer<P> for i64 {}
impl<P> ToAnswer<P> for f64 {}
impl<P> ToAnswer<P> for Map<String, Value> {}

/// Where nothing is said, it is nothing.
macro_rules! taken_as_they_are {
    ($($type:ty $(where $generic:ident)?,)*) => {$(
        impl<$($generic,)? P> FromAnswer<$type, P> for $type {
            fn take(generated: $type, _: &str, _: &mut Rest) -> Self {
                generated
            }
        }

        impl<$($generic,)? P> FromAnswer<Option<$type>, P> for $type {
            fn take(generated: Option<$type>, _: &str, _: &mut Rest) -> Self {
                generated.unwrap_or_default()
            }
        }

        impl<$($generic,)? P> FromAnswer<Option<$type>, P> for Option<$type> {
            fn take(generated: Option<$type>, _: &str, _: &mut Rest) -> Self {
                generated
            }
        }
    )*};
}

taken_as_they_are! { String, bool, i64, f64, Value, Map<String, Value>, Vec<T> where T, }

impl<P> FromAnswer<String, P> for Secret {
    fn take(generated: String, _: &str, _: &mut Rest) -> Self {
        generated.into()
    }
}

impl<P> FromAnswer<Option<String>, P> for Option<Secret> {
    fn take(generated: Option<String>, _: &str, _: &mut Rest) -> Self {
        generated.map(Secret::from)
    }
}

impl<P> FromAnswer<Option<String>, P> for Option<Timestamp> {
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

/// A time in seconds since 1970.
impl<P> FromAnswer<Option<f64>, P> for Option<Timestamp> {
    fn take(generated: Option<f64>, field: &str, rest: &mut Rest) -> Self {
        let seconds = generated?;
        let time = time_from_epoch_seconds(seconds);
        if time.is_none() {
            rest.malformed.add(field, "is no point in time");
            rest.put(field, Some(seconds));
        }
        time
    }
}

/// A length of time in seconds.
impl<P> FromAnswer<Option<f64>, P> for Option<Duration> {
    fn take(generated: Option<f64>, field: &str, rest: &mut Rest) -> Self {
        let seconds = generated?;
        let time = Duration::try_from_secs_f64(seconds).ok();
        if time.is_none() {
            rest.malformed.add(field, "is no length of time");
            rest.put(field, Some(seconds));
        }
        time
    }
}

/// A field of a model that is written in seconds.
pub struct Seconds<'f, T>(pub &'f Option<T>);

impl Serialize for Seconds<'_, Timestamp> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(epoch_seconds_of_time).serialize(serializer)
    }
}

impl Serialize for Seconds<'_, Duration> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(|time| time.as_secs_f64()).serialize(serializer)
    }
}

impl<T: fmt::Debug> fmt::Debug for Seconds<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A field of a model that may hold a secret, so that no more is shown of it than whether it is empty.
pub struct Hidden<'f, T>(pub &'f T);

impl<T: Serialize> Serialize for Hidden<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Default + PartialEq> fmt::Debug for Hidden<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self.0 == T::default() { "empty" } else { "[redacted]" })
    }
}

/// A time as backends write it: mostly as in RFC 3339, and in UTC where it names no offset. `None` for what is none.
pub fn read_time(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// Lets ids be fields of models: each is made from a text or a number, which is its `From` that the type after it names.
#[doc(hidden)]
#[macro_export]
macro_rules! ids_in_answers {
    ($platform:ty; $($name:ty: $from:ty),* $(,)?) => {$(
        $crate::converted_in_answers!($platform; $name: $from);

        impl $crate::answered::ToAnswer<$platform> for $name {}
    )*};
}

/// Lets open enums be fields of models.
#[doc(hidden)]
#[macro_export]
macro_rules! enums_in_answers {
    ($platform:ty; $($name:ty),* $(,)?) => {$(
        $crate::converted_in_answers!($platform; $name: String);

        impl $crate::answered::ToAnswer<$platform> for $name {
            fn is_left_out(&self) -> bool {
                self.as_str().is_empty()
            }
        }
    )*};
}

/// Lets what is made from a simpler type be read as a field of a model. Where nothing is said, it is made from nothing: an
/// empty text, or 0.
#[doc(hidden)]
#[macro_export]
macro_rules! converted_in_answers {
    ($platform:ty; $name:ty: $from:ty) => {
        impl $crate::answered::FromAnswer<$from, $platform> for $name {
            fn take(generated: $from, _: &str, _: &mut $crate::answered::Rest) -> Self {
                generated.into()
            }
        }

        impl $crate::answered::FromAnswer<Option<$from>, $platform> for $name {
            fn take(generated: Option<$from>, _: &str, _: &mut $crate::answered::Rest) -> Self {
                generated.unwrap_or_default().into()
            }
        }

        impl $crate::answered::FromAnswer<Option<$from>, $platform> for Option<$name> {
            fn take(generated: Option<$from>, _: &str, _: &mut $crate::answered::Rest) -> Self {
                generated.map(Into::into)
            }
        }
    };
}

/// Lets a model be a field of another.
#[doc(hidden)]
#[macro_export]
macro_rules! nested {
    ($platform:ty; $name:ident from $generated:ty) => {
        impl $crate::answered::FromAnswer<Option<$generated>, $platform> for Option<$name> {
            #[inline]
            fn take(generated: Option<$generated>, field: &str, rest: &mut $crate::answered::Rest) -> Self {
                let decoded = <$name as $crate::Decode<_, $platform>>::decode(generated?);
                decoded.map_err(|problem| rest.malformed.add(field, problem)).ok()
            }
        }
    };
}

/// Defines a model by its fields: from which generated type it is made, and in braces after `rest` what it has no field of
/// its own for and keeps in `extra`. A field whose name is not that of the answer has both behind it, as in
/// `kind (type_ = "type"): TriggerKind`, and one that is written or shown in a form of its own has that behind its type, as in
/// `Option<Duration> as Seconds`. The platform stands before all. With `, of floats` behind it all a model is comparable alone.
/// With `, read only` it is read from the platform's JSON and not written as such, since it holds a secret.
#[doc(hidden)]
#[macro_export]
macro_rules! model {
    (
        $platform:ty;
        $(#[$doc:meta])*
        $name:ident from $generated:ty {
            $($(#[$field_doc:meta])* $field:ident $(($given:ident = $wire:literal))?: $type:ty $(as $form:ident)?,)*
        } rest { $($rest:ident),* $(,)? }
    ) => {
        $crate::model! {
            $platform;
            $(#[$doc])*
            #[derive(Eq, Hash)]
            $name from $generated {
                $($(#[$field_doc])* $field $(($given = $wire))?: $type $(as $form)?,)*
            } rest { $($rest),* }, of floats
        }
    };
    (
        $platform:ty;
        $(#[$doc:meta])*
        $name:ident from $generated:ty {
            $($(#[$field_doc:meta])* $field:ident $(($given:ident = $wire:literal))?: $type:ty $(as $form:ident)?,)*
        } rest { $($rest:ident),* $(,)? }, of floats
    ) => {
        $crate::model! {
            $platform;
            $(#[$doc])*
            #[derive(PartialEq)]
            $name from $generated {
                $($(#[$field_doc])* $field $(($given = $wire))?: $type $(as $form)?,)*
            } rest { $($rest),* }, read only
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $(if !$crate::answered::ToAnswer::<$platform>::is_left_out(&self.$field) {
                    map.serialize_entry($crate::wire!($field $($wire)?), $crate::formed!(&self.$field $(, $form)?))?;
                })*
                for (name, value) in &self.extra {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    };
    (
        $platform:ty;
        $(#[$doc:meta])*
        $name:ident from $generated:ty {
            $($(#[$field_doc:meta])* $field:ident $(($given:ident = $wire:literal))?: $type:ty $(as $form:ident)?,)*
        } rest { $($rest:ident),* $(,)? }, read only
    ) => {
        $crate::model_type! { $(#[$doc])* $name { $($(#[$field_doc])* $field: $type $(as $form)?,)* } }

        impl $crate::Decode<$generated, $platform> for $name {
            #[inline]
            fn decode(generated: $generated) -> ::std::result::Result<Self, String> {
                type Generated = $generated;

                // A field that the model does not name is an error here, and told by its name: of a pattern in a macro the
                // compiler does not say which one it lacks.
                #[allow(dead_code)]
                fn names_every_field(generated: Generated) -> Generated {
                    let Generated { $($($given:)? $field,)* $($rest,)* extra, .. } = generated;
                    Generated { $($($given:)? $field,)* $($rest,)* extra }
                }

                let Generated { $($($given:)? $field,)* $($rest,)* extra, .. } = generated;
                let mut rest = $crate::answered::Rest { extra, ..Default::default() };
                $(rest.put(stringify!($rest), $rest);)*
                $(let $field = <_ as $crate::answered::FromAnswer<_, $platform>>::take(
                    $field, $crate::wire!($field $($wire)?), &mut rest,
                );)*
                let $crate::answered::Rest { extra, malformed } = rest;
                Ok(Self { $($field,)* extra, malformed })
            }

            #[inline]
            fn malformed(&mut self) -> Option<&mut $crate::Malformed> {
                Some(&mut self.malformed)
            }
        }

        $crate::read_as_answers! { $platform; $name: $generated, }
    };
}

/// The type of a model, and how it is shown.
#[doc(hidden)]
#[macro_export]
macro_rules! model_type {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty $(as $form:ident)?,)* }) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// All that is said of it beside that, by the platform's own names.
            pub extra: ::serde_json::Map<String, ::serde_json::Value>,
            /// What of it could not be read.
            pub malformed: $crate::Malformed,
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), $crate::formed!(&self.$field $(, $form)?)))*
                    .field("extra", &$crate::answered::Shown(&self.extra))
                    .field("malformed", &self.malformed)
                    .finish()
            }
        }
    };
}

/// A field in the form that it is written and shown in.
#[doc(hidden)]
#[macro_export]
macro_rules! formed {
    ($field:expr) => {
        $field
    };
    ($field:expr, $form:ident) => {
        &$crate::answered::$form($field)
    };
}

/// The name of a field in an answer.
#[doc(hidden)]
#[macro_export]
macro_rules! wire {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_have_no_offset_and_may_be_none() {
        let read = |text: &str| read_time(text).map(|time| time.to_string());
        assert_eq!(read("2026-05-13T14:00:00+02:00").unwrap(), "2026-05-13T12:00:00Z");
        assert_eq!(read("2026-05-13T12:00:00.5").unwrap(), "2026-05-13T12:00:00.5Z");
        assert_eq!((read("yesterday"), read("")), (None, None));
    }

    #[test]
    fn seconds_are_a_time_or_told_as_none() {
        let mut rest = Rest::default();
        let mut time = |seconds| <Option<Timestamp> as FromAnswer<_, ()>>::take(seconds, "at", &mut rest);
        assert_eq!(time(Some(1.5)).unwrap().to_string(), "1970-01-01T00:00:01.5Z");
        assert_eq!((time(None), time(Some(f64::MAX))), (None, None));
        let mut length = |seconds| <Option<Duration> as FromAnswer<_, ()>>::take(seconds, "took", &mut rest);
        assert_eq!(length(Some(1.5)), Some(Duration::from_millis(1500)));
        assert_eq!((length(None), length(Some(-1.0))), (None, None));
        assert_eq!(rest.malformed.to_string(), "at: is no point in time; took: is no length of time");
        assert_eq!((&rest.extra["at"], &rest.extra["took"]), (&f64::MAX.into(), &(-1.0).into()));
    }

    #[test]
    fn a_text_is_a_time_or_told_as_none_and_may_be_a_secret() {
        let mut rest = Rest::default();
        let secret = <Option<Secret> as FromAnswer<_, ()>>::take(Some("tok-123".to_owned()), "token", &mut rest);
        assert_eq!(secret.unwrap().expose_secret(), "tok-123");
        let mut time = |text: Option<&str>| {
            <Option<Timestamp> as FromAnswer<_, ()>>::take(text.map(str::to_owned), "at", &mut rest)
        };
        assert_eq!(time(Some("1970-01-01T00:00:01.5Z")).unwrap().to_string(), "1970-01-01T00:00:01.5Z");
        assert_eq!((time(None), time(Some("yesterday"))), (None, None));
        assert_eq!(rest.malformed.to_string(), "at: is no point in time");
        assert_eq!((rest.extra.len(), &rest.extra["at"]), (1, &"yesterday".into()));
    }

    #[test]
    fn a_field_is_shown_as_its_value_or_whether_it_is_empty() {
        assert_eq!(format!("{:?}", Seconds(&Some(Duration::from_millis(1500)))), "Some(1.5s)");
        assert_eq!(
            (format!("{:?}", Hidden(&"")), format!("{:?}", Hidden(&"x"))),
            ("empty".into(), "[redacted]".into())
        );
        let extra = Map::from_iter([("token".to_owned(), Value::from("tok-123"))]);
        assert_eq!(format!("{:?}", Shown(&extra)), r#"{"token"}"#);
    }
}
