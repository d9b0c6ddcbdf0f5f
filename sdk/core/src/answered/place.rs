//! Models whose fields do not all stand in one object: each has its place in the answer.
//!
//! A place is the way to a value through the objects around it, such as `stats/running/seconds`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Rest;

impl Rest {
    /// Takes what stands at a place, where it is of the type that is asked for. What is not, is named, and stays.
    pub fn take<T: DeserializeOwned>(&mut self, place: &str) -> Option<T> {
        let value = match take(&mut self.extra, place) {
            Ok(value) => value.filter(|value| !value.is_null())?,
            Err(outer) => {
                self.malformed.add(outer, "is no object");
                return None;
            }
        };
        let read = T::deserialize(&value).ok();
        if read.is_none() {
            self.malformed.add(place, "is of another type");
            self.put(place, Some(value));
        }
        read
    }
}

/// What was generated, as the object that it was read from.
///
/// # Errors
///
/// If it is none.
pub fn object(generated: impl Serialize) -> Result<Map<String, Value>, String> {
    match serde_json::to_value(generated) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err("it is no object".to_owned()),
    }
}

/// Takes what stands at a place, and each object around it that is empty then. The name of what should be an object around
/// it, and is none, is the error.
fn take<'p>(object: &mut Map<String, Value>, place: &'p str) -> Result<Option<Value>, &'p str> {
    let Some((outer, inner)) = place.split_once('/') else { return Ok(object.remove(place)) };
    let within = match object.get_mut(outer) {
        Some(Value::Object(within)) => within,
        Some(Value::Null) | None => return Ok(None),
        Some(_) => return Err(outer),
    };
    let taken = take(within, inner);
    if within.is_empty() {
        object.remove(outer);
    }
    taken
}

/// Puts a value at a place, if there is one. An object is put together with one that is there; with what is no object, although
/// it should be, nothing can be.
pub fn put(object: &mut Map<String, Value>, place: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        put_value(object, place, value);
    }
}

fn put_value(object: &mut Map<String, Value>, place: &str, value: Value) {
    let (name, value) = match place.split_once('/') {
        Some((outer, inner)) => {
            let mut within = Map::new();
            put_value(&mut within, inner, value);
            (outer, Value::Object(within))
        }
        None => (place, value),
    };
    match (object.get_mut(name), value) {
        (Some(Value::Object(there)), Value::Object(value)) => {
            value.into_iter().for_each(|(name, value)| put_value(there, &name, value));
        }
        (Some(there), Value::Object(_)) if !there.is_null() => {}
        (_, value) => drop(object.insert(name.to_owned(), value)),
    }
}

/// Defines a model by its fields and the place of each in the answer. It is read from the generated type, or from any object
/// (`Map<String, Value>`), and has `extra`, `malformed` and forms as [`model!`](crate::model) has.
#[doc(hidden)]
#[macro_export]
macro_rules! placed_model {
    (
        $platform:ty;
        $(#[$doc:meta])*
        $name:ident from $generated:ty {
            $($(#[$field_doc:meta])* $field:ident at $place:literal: $type:ty $(as $form:ident)?,)*
        }
    ) => {
        $crate::model_type! {
            $(#[$doc])*
            #[derive(PartialEq)]
            $name { $($(#[$field_doc])* $field: $type $(as $form)?,)* }
        }

        impl $crate::Decode<$generated, $platform> for $name {
            #[inline]
            fn decode(generated: $generated) -> ::std::result::Result<Self, String> {
                let extra = $crate::answered::object(generated)?;
                let mut rest = $crate::answered::Rest { extra, ..Default::default() };
                $(
                    let given: $crate::given!($($form)?) = rest.take($place);
                    let $field = <$type as $crate::answered::FromAnswer<_, $platform>>::take(given, $place, &mut rest);
                )*
                let $crate::answered::Rest { extra, malformed } = rest;
                Ok(Self { $($field,)* extra, malformed })
            }

            #[inline]
            fn malformed(&mut self) -> Option<&mut $crate::Malformed> {
                Some(&mut self.malformed)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                let mut object = self.extra.clone();
                $(if !$crate::answered::ToAnswer::<$platform>::is_left_out(&self.$field) {
                    $crate::answered::put(&mut object, $place, Some($crate::formed!(&self.$field $(, $form)?)));
                })*
                object.serialize(serializer)
            }
        }

        $crate::read_as_answers! { $platform; $name: $generated, }
    };
}

/// What a field is made from: mostly its type alone says it.
#[doc(hidden)]
#[macro_export]
macro_rules! given {
    (Seconds) => {
        Option<f64>
    };
    ($($form:ident)?) => {
        Option<_>
    };
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    placed_model! {
        ();
        /// A model.
        Status from Map<String, Value> {
            /// Its id.
            id at "formation/id": String,
            /// How long.
            uptime at "stats/running/seconds": Option<Duration> as Seconds,
            /// How many.
            count at "count": Option<i64>,
        }
    }

    fn read(json: Value) -> Status {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_field_has_its_place_and_all_else_keeps_its_own() {
        let json = json!({
            "formation": {"id": "a", "new": [1]}, "stats": {"running": {"seconds": 1.5}}, "count": 7, "later": {"x": null},
        });
        let status = read(json.clone());
        assert_eq!((status.id.as_str(), status.count), ("a", Some(7)));
        assert_eq!(status.uptime, Some(Duration::from_millis(1500)));
        assert_eq!(Value::from(status.extra.clone()), json!({"formation": {"new": [1]}, "later": {"x": null}}));
        assert_eq!(serde_json::to_value(&status).unwrap(), json);
    }

    #[test]
    fn what_is_not_said_is_not_written_and_what_is_odd_is_named_and_kept() {
        let bare = read(json!({"formation": {"id": "a"}, "stats": null, "count": null}));
        assert_eq!(bare, read(json!({"formation": {"id": "a"}, "stats": null})));
        assert!(bare.malformed.is_empty());

        let json = json!({"formation": [5], "stats": {"running": {"seconds": -1.0}}, "count": "many"});
        let odd = read(json.clone());
        let named: Vec<_> = odd.malformed.parts().iter().map(|part| part.field.as_str()).collect();
        assert_eq!(named, ["formation", "stats/running/seconds", "count"]);
        assert_eq!(serde_json::to_value(&odd).unwrap(), json);
        assert_eq!(read(serde_json::to_value(&odd).unwrap()), odd);
    }

    #[test]
    fn what_a_field_belongs_in_takes_the_place_of_nothing_alone() {
        for (there, expected) in [
            (json!({}), json!({"stats": {"seconds": 1}})),
            (json!({"stats": null}), json!({"stats": {"seconds": 1}})),
            (json!({"stats": {"more": 2}}), json!({"stats": {"more": 2, "seconds": 1}})),
            (json!({"stats": [5]}), json!({"stats": [5]})),
        ] {
            let mut object = there.as_object().unwrap().clone();
            put(&mut object, "stats/seconds", Some(1));
            assert_eq!(Value::from(object), expected, "{there}");
        }
    }
}
