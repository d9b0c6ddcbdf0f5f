//! Pages.

use axum::{http::StatusCode, response::Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::json as answer;
use crate::error::Failure;

/// How many are on a page unless the request says otherwise.
const LIMIT: i64 = 20;

/// Which page is asked for.
#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<i64>,
    starting_after: Option<String>,
}

impl Page {
    /// How many to look for: one more than fits, which tells whether there are more.
    pub(super) fn sought(&self) -> i64 {
        self.limit.unwrap_or(LIMIT) + 1
    }

    /// The id that the page comes after, where it is not the first.
    ///
    /// # Errors
    ///
    /// If it is no id.
    pub(super) fn after(&self) -> Result<Option<i64>, Failure> {
        let after = self.starting_after.as_deref().map(str::parse);
        after.transpose().map_err(|_| Failure::invalid("query.starting_after: Input should be a cursor of a page"))
    }

    /// A page of what was found.
    pub(super) fn of(&self, mut found: Vec<Value>) -> Response {
        let limit = usize::try_from(self.limit.unwrap_or(LIMIT)).unwrap_or_default();
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).and_then(|last| last.get("id"));
        answer(StatusCode::OK, json!({ "has_more": has_more, "next_starting_after": next, "data": found }))
    }
}
