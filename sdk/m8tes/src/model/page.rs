//! Pages of lists.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::Value;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it: up to as many as were asked for.
    pub data: Vec<T>,
    /// Whether there are more behind it.
    pub has_more: bool,
    /// Where the next page begins, for `starting_after`; `None` where there is none.
    pub next_starting_after: Option<String>,
    /// Whether that was a number.
    is_number: bool,
}

impl<T> Page<T> {
    /// A page, and the cursor to the next as m8tes names it: a text or a number. Where a page has more behind it and does not
    /// say where, that is behind its last item.
    pub(super) fn of(data: Vec<T>, has_more: bool, named: Option<Value>, id: impl Fn(&T) -> i64) -> Self {
        let last = data.last().filter(|_| has_more);
        let cursor = last.map(|last| named.unwrap_or_else(|| id(last).into()));
        let is_number = cursor.as_ref().is_some_and(Value::is_number);
        let text = |cursor: Value| cursor.as_str().map_or_else(|| cursor.to_string(), str::to_owned);
        Self { data, has_more, next_starting_after: cursor.map(text), is_number }
    }
}

/// As m8tes writes it, the cursor included.
impl<T: Serialize> Serialize for Page<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("Page", 3)?;
        page.serialize_field("data", &self.data)?;
        page.serialize_field("has_more", &self.has_more)?;
        let cursor = self.next_starting_after.as_deref();
        match cursor.filter(|_| self.is_number).and_then(|cursor| cursor.parse::<i64>().ok()) {
            Some(number) => page.serialize_field("next_starting_after", &number)?,
            None => page.serialize_field("next_starting_after", &cursor)?,
        }
        page.end()
    }
}

/// Decodes the page of a list, from the generated types of the page and of the cursor to the next. An item that is odd costs none of the others.
macro_rules! page {
    ($page:ident of $item:ident, $cursor:ident) => {
        impl ::agent_platform_core::Decode<types::$page, crate::platform::M8tes> for crate::model::Page<$item> {
            #[inline]
            fn decode(generated: types::$page) -> Result<Self, String> {
                let types::$page { data, extra: _, has_more, next_starting_after } = generated;
                let data: Vec<$item> = ::agent_platform_core::Decode::<_, crate::platform::M8tes>::decode(data)?;
                let named = next_starting_after.map(|cursor| match cursor {
                    types::$cursor::String(cursor) => ::serde_json::Value::from(cursor),
                    types::$cursor::Integer(cursor) => cursor.into(),
                });
                Ok(Self::of(data, has_more, named, |item| item.id.get()))
            }

            #[inline]
            fn salvage(mut json: ::serde_json::Value) -> Option<Self> {
                let rows = json.get_mut("data").map(::serde_json::Value::take)?;
                let has_more = json.get("has_more")?.as_bool()?;
                let named = json.get_mut("next_starting_after").map(::serde_json::Value::take);
                let named = named.filter(|cursor| cursor.is_string() || cursor.is_number());
                let data =
                    <Vec<$item> as ::agent_platform_core::Decode<Vec<types::$item>, crate::platform::M8tes>>::salvage(
                        rows,
                    )?;
                Some(Self::of(data, has_more, named, |item| item.id.get()))
            }

            #[inline]
            fn lose(&mut self, way: &[::agent_platform_core::Step], problem: &str) {
                let way = way.get(1..).unwrap_or_default();
                ::agent_platform_core::Decode::<Vec<types::$item>, crate::platform::M8tes>::lose(
                    &mut self.data,
                    way,
                    problem,
                );
            }
        }

        ::agent_platform_core::read_as_answers! {
            crate::platform::M8tes; crate::model::Page<$item>: types::$page,
        }
    };
}
pub(super) use page;
