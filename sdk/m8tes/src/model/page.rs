//! Pages of lists.

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it: up to as many as were asked for.
    pub data: Vec<T>,
    /// Whether there are more behind it.
    pub has_more: bool,
    /// Where the next page begins, for `starting_after`; `None` where there is none.
    pub next_starting_after: Option<String>,
}

/// Decodes the page of a list, from the generated types of the page and of the cursor to the next. Where a page has more
/// behind it and does not say where, that is behind its last item.
macro_rules! page {
    ($page:ident of $item:ident, $cursor:ident) => {
        impl Decode<types::$page, M8tes> for crate::model::Page<$item> {
            fn decode(generated: types::$page) -> Result<Self, String> {
                let types::$page { data, extra: _, has_more, next_starting_after } = generated;
                let data: Vec<$item> = Decode::<_, M8tes>::decode(data)?;
                let named = next_starting_after.map(|cursor| match cursor {
                    types::$cursor::String(cursor) => cursor,
                    types::$cursor::Integer(cursor) => cursor.to_string(),
                });
                let next_starting_after = match data.last() {
                    Some(last) if has_more => Some(named.unwrap_or_else(|| last.id.to_string())),
                    _ => None,
                };
                Ok(Self { data, has_more, next_starting_after })
            }
        }
    };
}
pub(super) use page;
