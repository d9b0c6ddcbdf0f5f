//! Pages of lists.

use serde::Serialize;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it: up to as many as were asked for.
    pub data: Vec<T>,
    /// Whether there are more behind it.
    pub has_more: bool,
    /// Where the next page begins, for `starting_after`; `None` where there is none.
    pub next_starting_after: Option<String>,
}

impl<T> Page<T> {
    /// Where a page has more behind it and does not say where, that is behind its last item.
    pub(super) fn of(data: Vec<T>, has_more: bool, named: Option<String>, id: impl Fn(&T) -> String) -> Self {
        let last = data.last().filter(|_| has_more);
        let next_starting_after = last.map(|last| named.unwrap_or_else(|| id(last)));
        Self { data, has_more, next_starting_after }
    }
}

/// Decodes the page of a list, from the generated types of the page and of the cursor to the next. An item that is odd costs none of the others.
macro_rules! page {
    ($page:ident of $item:ident, $cursor:ident) => {
        impl ::agent_platform_core::Decode<types::$page, crate::platform::M8tes> for crate::model::Page<$item> {
            fn decode(generated: types::$page) -> Result<Self, String> {
                let types::$page { data, extra: _, has_more, next_starting_after } = generated;
                let data: Vec<$item> = ::agent_platform_core::Decode::<_, crate::platform::M8tes>::decode(data)?;
                let named = next_starting_after.map(|cursor| match cursor {
                    types::$cursor::String(cursor) => cursor,
                    types::$cursor::Integer(cursor) => cursor.to_string(),
                });
                Ok(Self::of(data, has_more, named, |item| item.id.to_string()))
            }

            fn salvage(mut json: ::serde_json::Value) -> Option<Self> {
                let rows = json.get_mut("data").map(::serde_json::Value::take)?;
                let has_more = json.get("has_more")?.as_bool()?;
                let named = match json.get("next_starting_after") {
                    Some(::serde_json::Value::String(cursor)) => Some(cursor.clone()),
                    Some(::serde_json::Value::Number(cursor)) => Some(cursor.to_string()),
                    _ => None,
                };
                let data =
                    <Vec<$item> as ::agent_platform_core::Decode<Vec<types::$item>, crate::platform::M8tes>>::salvage(
                        rows,
                    )?;
                Some(Self::of(data, has_more, named, |item| item.id.to_string()))
            }

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
