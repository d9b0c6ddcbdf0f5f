//! What can be read of an object that is not all of its promised shape.

use std::cell::Cell;
use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use crate::failure::describe_decode_error;
use crate::malformed::Malformed;

/// An object that could not be read as a whole.
#[derive(Debug, PartialEq)]
pub(crate) struct Salvaged<T> {
    /// What could be read, with stand-ins for the rest.
    pub(crate) value: T,
    /// What the stand-ins are for.
    pub(crate) malformed: Malformed,
    /// Whether any field could be read that it has to have. Otherwise it is something else altogether.
    pub(crate) is_something: bool,
    /// Whether all fields could be read that it has to have.
    pub(crate) has_all: bool,
}

/// Reads an object field by field: one that can't be read, or is missing, has a stand-in, and is named. Of a list or an
/// object in a field it is the elements that can't be read which are left out. What is no object has no field.
///
/// `None` if there is nothing that could stand in for a field.
pub(crate) fn salvage<T: DeserializeOwned>(json: Value) -> Option<Salvaged<T>> {
    let mut last = None;
    let salvaged = search(json, &mut |attempt| T::deserialize(attempt).map(|value| last = Some(value)))?;
    let Salvaged { value: (), malformed, is_something, has_all } = salvaged;
    Some(Salvaged { value: last?, malformed, is_something, has_all })
}

/// Reads a value from an attempt. What is done with that is compiled once, and not for each type that is read.
type TryRead<'r> = &'r mut dyn FnMut(&Attempt<'_>) -> Result<(), Fault>;

/// Finds what can be read of an object. The last value that was read is then of just that.
fn search(json: Value, try_read: TryRead<'_>) -> Option<Salvaged<()>> {
    let mut needed = Vec::new();
    let nothing = Map::new();
    // One after the other, the fields that have to be there name themselves.
    let is_open = loop {
        let attempt = Attempt::new(&nothing, &needed);
        match (try_read(&attempt), attempt.is_open.get()) {
            (Ok(()), is_open) => break is_open,
            (Err(Fault::Missing(field)), _) if !needed.contains(&field) => needed.push(field),
            (Err(_), _) => return None,
        }
    };
    let mut malformed = Malformed::default();
    let mut taken = Map::new();
    let fields = if let Value::Object(fields) = json { fields } else { nothing };
    for (field, value) in fields {
        if let Some(value) = readable(&field, value, &needed, &mut malformed, try_read) {
            taken.insert(field, value);
        }
    }
    let missing = || needed.iter().filter(|field| !taken.contains_key(**field));
    missing().for_each(|field| malformed.add(field, "is missing"));
    let has_all = missing().next().is_none();
    // Where any field is taken, each of them is something.
    let is_something = if is_open { !taken.is_empty() } else { needed.iter().any(|field| taken.contains_key(*field)) };
    try_read(&Attempt::new(&taken, &needed)).ok()?;
    Some(Salvaged { value: (), malformed, is_something, has_all })
}

/// As much of a field's value as can be read.
fn readable(
    field: &str,
    value: Value,
    needed: &[&'static str],
    malformed: &mut Malformed,
    try_read: TryRead<'_>,
) -> Option<Value> {
    let mut problem_with = |value: Value| {
        let alone = Map::from_iter([(field.to_owned(), value)]);
        let problem = try_read(&Attempt::new(&alone, needed)).err();
        // It is the only one in there.
        let value = alone.into_iter().next().map(|(_, value)| value).unwrap_or_default();
        (value, problem)
    };
    let (value, problem) = problem_with(value);
    let Some(problem) = problem else { return Some(value) };
    let mut is_readable = |value: Value| problem_with(value).1.is_none();
    let (count, read) = match value {
        Value::Array(elements) => {
            let is_element = |element: &Value| is_readable(Value::Array(vec![element.clone()]));
            (elements.len(), Value::Array(elements.into_iter().filter(is_element).collect()))
        }
        Value::Object(elements) => (elements.len(), Value::Object(readable_elements(elements, &mut is_readable))),
        _ => (0, Value::Null),
    };
    let left = read.as_array().map(Vec::len).or_else(|| read.as_object().map(Map::len)).unwrap_or_default();
    // None of the elements may be readable because none of them is one, such as those of an object that has to have more.
    let read = Some(read).filter(|read| left > 0 && is_readable(read.clone()));
    match &read {
        Some(_) => malformed.add(field, format!("{} of {count} elements can't be read ({problem})", count - left)),
        None => malformed.add(field, problem.to_string()),
    }
    read
}

/// How many fields an object has that is read without one after the other.
const MOST_FIELDS: usize = 64;

/// The elements of an object that can be read: each by itself, or else all but the one that can't be.
fn readable_elements(elements: Map<String, Value>, is_readable: &mut impl FnMut(Value) -> bool) -> Map<String, Value> {
    let by_themselves: Map<String, Value> = elements
        .iter()
        .filter(|(name, element)| is_readable(Value::Object(Map::from_iter([((*name).clone(), (*element).clone())]))))
        .map(|(name, element)| (name.clone(), element.clone()))
        .collect();
    if !by_themselves.is_empty() || elements.len() > MOST_FIELDS {
        return by_themselves;
    }
    let without = |name: &String| {
        let mut others = elements.clone();
        others.remove(name);
        others
    };
    elements.keys().map(without).find(|others| is_readable(Value::Object(others.clone()))).unwrap_or_default()
}

/// An object that has these fields, and stand-ins for those that have to be there besides.
struct Attempt<'o> {
    fields: &'o Map<String, Value>,
    needed: &'o [&'static str],
    /// Whether the type takes in any field, and not only those that it names.
    is_open: Cell<bool>,
}

impl<'o> Attempt<'o> {
    fn new(fields: &'o Map<String, Value>, needed: &'o [&'static str]) -> Self {
        Self { fields, needed, is_open: Cell::new(false) }
    }

    fn visit<V: Visitor<'o>>(&self, visitor: V) -> Result<V::Value, Fault> {
        let fields = self.fields.iter().map(|(field, value)| (field.as_str(), Field::Read(value)));
        let missing = self.needed.iter().filter(|field| !self.fields.contains_key(**field));
        let stand_ins = missing.map(|field| (*field, Field::StandIn));
        visitor.visit_map(MapDeserializer::new(fields.chain(stand_ins)))
    }
}

impl<'de> Deserializer<'de> for &Attempt<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.is_open.set(true);
        self.visit(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct struct enum identifier ignored_any
    }
}

/// The value of a field.
enum Field<'o> {
    Read(&'o Value),
    StandIn,
}

impl<'de> IntoDeserializer<'de, Fault> for Field<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Hands a value to the visitor, or what stands in for one of the kind that is asked for.
macro_rules! value_or_stand_in {
    ($($method:ident($($name:ident: $type:ty),*) => |$visitor:ident| $stand_in:expr;)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, $($name: $type,)* $visitor: V) -> Result<V::Value, Fault> {
                match self {
                    Self::Read(value) => value.$method($($name,)* $visitor).map_err(Fault::from),
                    Self::StandIn => $stand_in,
                }
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Field<'de> {
    type Error = Fault;

    value_or_stand_in! {
        deserialize_any() => |visitor| visitor.visit_unit();
        deserialize_bool() => |visitor| visitor.visit_bool(false);
        deserialize_i8() => |visitor| visitor.visit_i8(0);
        deserialize_i16() => |visitor| visitor.visit_i16(0);
        deserialize_i32() => |visitor| visitor.visit_i32(0);
        deserialize_i64() => |visitor| visitor.visit_i64(0);
        deserialize_i128() => |visitor| visitor.visit_i128(0);
        deserialize_u8() => |visitor| visitor.visit_u8(0);
        deserialize_u16() => |visitor| visitor.visit_u16(0);
        deserialize_u32() => |visitor| visitor.visit_u32(0);
        deserialize_u64() => |visitor| visitor.visit_u64(0);
        deserialize_u128() => |visitor| visitor.visit_u128(0);
        deserialize_f32() => |visitor| visitor.visit_f32(0.0);
        deserialize_f64() => |visitor| visitor.visit_f64(0.0);
        deserialize_char() => |visitor| visitor.visit_char(' ');
        deserialize_str() => |visitor| visitor.visit_str("");
        deserialize_string() => |visitor| visitor.visit_str("");
        deserialize_bytes() => |visitor| visitor.visit_bytes(&[]);
        deserialize_byte_buf() => |visitor| visitor.visit_bytes(&[]);
        deserialize_option() => |visitor| visitor.visit_none();
        deserialize_unit() => |visitor| visitor.visit_unit();
        deserialize_unit_struct(name: &'static str) => |visitor| visitor.visit_unit();
        deserialize_newtype_struct(name: &'static str) => |visitor| visitor.visit_newtype_struct(Field::StandIn);
        deserialize_seq() => |visitor| visitor.visit_seq(empty_list());
        deserialize_tuple(length: usize) => |visitor| visitor.visit_seq(empty_list());
        deserialize_tuple_struct(name: &'static str, length: usize) => |visitor| visitor.visit_seq(empty_list());
        deserialize_map() => |visitor| visitor.visit_map(stand_ins(&[]));
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) => |visitor| {
            visitor.visit_map(stand_ins(fields))
        };
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) => |visitor| {
            let first: StrDeserializer<'_, Fault> = variants.first().copied().unwrap_or_default().into_deserializer();
            first.deserialize_enum(name, variants, visitor)
        };
        deserialize_identifier() => |visitor| visitor.visit_str("");
        deserialize_ignored_any() => |visitor| visitor.visit_unit();
    }
}

fn empty_list() -> SeqDeserializer<std::iter::Empty<Field<'static>>, Fault> {
    SeqDeserializer::new(std::iter::empty())
}

/// An object with these fields, each of them a stand-in.
fn stand_ins<'de>(fields: &'static [&'static str]) -> impl de::MapAccess<'de, Error = Fault> {
    MapDeserializer::new(fields.iter().map(|field| (*field, Field::StandIn)))
}

/// Why an attempt failed.
#[derive(Debug)]
enum Fault {
    /// A field has to be there.
    Missing(&'static str),
    /// Anything else, without the values.
    Other(String),
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(describe_decode_error(&error))
    }
}

impl de::Error for Fault {
    /// The text may quote a value.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other("is not of the promised shape".to_owned())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(field) => write!(f, "{field} is missing"),
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Row {
        id: String,
        seq: u64,
        at: f64,
        title: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
        people: Vec<Person>,
        metadata: Map<String, Value>,
        counts: BTreeMap<String, u64>,
        state: State,
        by: Person,
        anything: Value,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Person {
        id: String,
        is_agent: bool,
        born: Option<f64>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    enum State {
        #[default]
        Open,
        Closed,
    }

    /// A row that takes in whatever comes.
    #[derive(Debug, PartialEq, Deserialize)]
    struct OpenRow {
        seq: u64,
        #[serde(flatten)]
        extra: Map<String, Value>,
    }

    fn whole() -> Value {
        json!({
            "id": "r-1", "seq": 7, "at": 1.5, "title": "T", "tags": ["a"], "people": [{"id": "ada", "is_agent": false}],
            "metadata": {"a": [1]}, "counts": {"a": 1}, "state": "Closed", "by": {"id": "bob", "is_agent": true},
            "anything": [null], "unknown": {},
        })
    }

    fn salvaged<T: DeserializeOwned>(row: Value) -> Option<(T, String)> {
        let salvaged = salvage::<T>(row).unwrap();
        salvaged.is_something.then(|| (salvaged.value, salvaged.malformed.to_string()))
    }

    #[test]
    fn a_field_that_cannot_be_read_costs_no_other() {
        let expected: Row = serde_json::from_value(whole()).unwrap();
        let (row, malformed) = salvaged::<Row>(whole()).unwrap();
        assert_eq!((row, malformed), (expected, String::new()));

        let fields = whole().as_object().unwrap().clone();
        for field in fields.keys().filter(|field| !["unknown", "anything"].contains(&field.as_str())) {
            let mut odd = whole();
            odd[field] = json!({"a": [{}]});
            // A map takes that, but not of this kind.
            let (row, malformed) = match field.as_str() {
                "metadata" => continue,
                _ => salvaged::<Row>(odd).unwrap(),
            };
            assert!(malformed.starts_with(&format!("{field}: ")) && !malformed.contains("; "), "{malformed}");
            let stand_in = Row::default();
            let is_stood_in = [
                row.id == stand_in.id,
                row.seq == stand_in.seq,
                row.at == stand_in.at,
                row.title == stand_in.title,
                row.tags == stand_in.tags,
                row.people == stand_in.people,
                row.counts == stand_in.counts,
                row.state == stand_in.state,
                row.by == stand_in.by,
            ];
            assert_eq!(is_stood_in.iter().filter(|is| **is).count(), 1, "{field}: {row:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told_where_it_has_to_be_there() {
        let mut odd = whole();
        for field in ["seq", "title", "tags", "by"] {
            odd.as_object_mut().unwrap().remove(field);
        }
        let (row, malformed) = salvaged::<Row>(odd).unwrap();
        assert_eq!((row.id.as_str(), row.seq, row.by), ("r-1", 0, Person::default()));
        assert_eq!(malformed, "seq: is missing; by: is missing");
    }

    #[test]
    fn an_element_that_cannot_be_read_costs_no_other() {
        let mut odd = whole();
        odd["tags"] = json!(["a", 5, "b", null]);
        odd["people"] = json!([{"id": "ada", "is_agent": 1}, {"id": "bob", "is_agent": true}, "cy"]);
        let (row, malformed) = salvaged::<Row>(odd).unwrap();
        assert_eq!((row.tags, row.people.len(), row.people[0].id.as_str()), (vec!["a".into(), "b".into()], 1, "bob"));
        assert!(malformed.contains("tags: 2 of 4 elements can't be read"), "{malformed}");
        assert!(malformed.contains("people: 2 of 3 elements can't be read"), "{malformed}");
    }

    #[test]
    fn an_element_of_an_object_that_cannot_be_read_costs_no_other() {
        let mut odd = whole();
        odd["counts"] = json!({"a": 1, "b": "x", "c": 3});
        odd["by"] = json!({"id": "bob", "is_agent": true, "born": 1.5});
        let (row, malformed) = salvaged::<Row>(odd.clone()).unwrap();
        assert_eq!((row.counts.len(), row.counts["c"], row.by.id.as_str()), (2, 3, "bob"));
        assert_eq!(malformed, "counts: 1 of 3 elements can't be read (expected u64)");
        odd["by"]["born"] = json!("yesterday");
        odd["people"] = json!([{"id": "ada", "is_agent": false, "born": {}}]);
        let (row, malformed) = salvaged::<Row>(odd.clone()).unwrap();
        assert_eq!((row.by.id.as_str(), row.by.born, row.people.len()), ("bob", None, 0));
        assert!(malformed.contains("by: 1 of 3 elements can't be read (expected f64)"), "{malformed}");
        // What it has to have can't be left out.
        odd["by"]["id"] = json!(5);
        let (row, malformed) = salvaged::<Row>(odd).unwrap();
        assert_eq!(row.by, Person::default());
        assert!(malformed.contains("by: expected"), "{malformed}");
    }

    #[test]
    fn no_value_is_quoted() {
        let mut odd = whole();
        odd["seq"] = json!("tok-123");
        odd["state"] = json!("tok-123");
        odd["counts"] = json!({"a": "tok-123"});
        odd["tags"] = json!("tok-123");
        let (_, malformed) = salvaged::<Row>(odd).unwrap();
        assert!(malformed.contains("seq: expected u64") && !malformed.contains("tok-123"), "{malformed}");
    }

    #[test]
    fn what_has_nothing_of_it_is_something_else() {
        for other in [json!(5), json!(null), json!([whole()]), json!({}), json!({"detail": "x"}), json!({"seq": "x"})] {
            assert_eq!(salvaged::<Row>(other.clone()), None, "{other}");
        }
        assert!(salvaged::<Row>(json!({"seq": 1})).is_some());
        let has_all = |row: Value| salvage::<Row>(row).unwrap().has_all;
        let mut odd = whole();
        odd["title"] = json!(5);
        odd["people"] = json!([5]);
        assert!(!has_all(odd.clone()) && !has_all(json!({"seq": 1})));
        odd["people"] = whole()["people"].clone();
        assert!(has_all(odd));
        let nothing = salvage::<Row>(json!(5)).unwrap();
        assert_eq!((nothing.value, nothing.malformed.parts().len()), (Row::default(), 9));
    }

    #[test]
    fn an_open_row_keeps_all_that_it_does_not_name() {
        let extra = json!({"event_type": "moon.rose", "phase": [1, {"a": null}]}).as_object().unwrap().clone();
        let mut odd = extra.clone();
        odd.insert("seq".to_owned(), json!(-1));
        let expected = OpenRow { seq: 0, extra: extra.clone() };
        assert_eq!(salvaged(Value::Object(odd)), Some((expected, "seq: expected u64".to_owned())));
        let expected = OpenRow { seq: 0, extra: extra.clone() };
        assert_eq!(salvaged(Value::Object(extra)), Some((expected, "seq: is missing".to_owned())));
        assert_eq!(salvaged::<OpenRow>(json!({})), None);
    }

    #[test]
    fn an_object_is_read_without_one_of_its_fields_up_to_64_of_them() {
        for (count, is_read) in [(3, true), (64, true), (65, false), (66, false)] {
            let mut by = json!({"id": "bob", "is_agent": true, "born": "yesterday"});
            let unknown = (3..count).map(|index| (format!("x{index}"), json!(index)));
            by.as_object_mut().unwrap().extend(unknown);
            let mut odd = whole();
            odd["by"] = by;
            let (row, _) = salvaged::<Row>(odd).unwrap();
            let expected = if is_read { "bob" } else { "" };
            assert_eq!(row.by.id, expected, "{count}");
        }
        // Where elements can be read by themselves, several may be left out.
        let mut odd = whole();
        odd["counts"] = json!({"a": 1, "b": "x", "c": "y"});
        assert_eq!(salvaged::<Row>(odd).unwrap().0.counts, BTreeMap::from([("a".to_owned(), 1)]));
    }

    #[test]
    fn elements_that_can_be_read_each_alone_and_not_together_are_no_value() {
        #[derive(Debug, Default, PartialEq, Deserialize)]
        enum Choice {
            #[default]
            Neither,
            One(u64),
            Other(u64),
        }
        #[derive(Debug, PartialEq, Deserialize)]
        struct Chosen {
            id: String,
            choice: Choice,
        }
        let chosen = |choice: Value| salvaged::<Chosen>(json!({"id": "r-1", "choice": choice})).unwrap();
        assert_eq!(chosen(json!({"Other": 2})).0.choice, Choice::Other(2));
        let (row, malformed) = chosen(json!({"One": 1, "Other": 2}));
        assert_eq!(row, Chosen { id: "r-1".to_owned(), choice: Choice::Neither });
        assert!(malformed.starts_with("choice: "), "{malformed}");
    }

    /// What is never content: it misses a field that it is given.
    #[derive(Debug)]
    struct Stubborn;

    impl<'de> Deserialize<'de> for Stubborn {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Err(de::Error::missing_field("x"))
        }
    }

    #[test]
    fn nothing_can_be_read_of_what_no_stand_in_is_enough_for() {
        assert!(salvage::<Stubborn>(json!({"x": 1})).is_none());
    }
}
