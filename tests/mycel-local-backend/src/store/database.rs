//! The database as one request's work sees it. As the real backend's PostgreSQL, it takes U+0000 in no text.

use std::fmt;

use rusqlite::{
    CachedStatement, Connection, MappedRows, Params, Row, ToSql,
    types::{ToSqlOutput, Value, ValueRef},
};

/// Runs statements, unless one of the texts in them holds U+0000: all that is stored and looked up passes by here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Database<'c>(&'c Connection);

impl<'c> Database<'c> {
    pub(crate) fn of(connection: &'c Connection) -> Self {
        Self(connection)
    }

    pub(super) fn prepare_cached(self, sql: &str) -> rusqlite::Result<Statement<'c>> {
        self.0.prepare_cached(sql).map(Statement)
    }
}

/// A statement that is ready to be run.
pub(super) struct Statement<'c>(CachedStatement<'c>);

impl Statement<'_> {
    pub(super) fn execute(&mut self, values: impl Values) -> rusqlite::Result<usize> {
        values.check()?;
        self.0.execute(values)
    }

    pub(super) fn exists(&mut self, values: impl Values) -> rusqlite::Result<bool> {
        values.check()?;
        self.0.exists(values)
    }

    pub(super) fn query_row<T>(
        &mut self,
        values: impl Values,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        values.check()?;
        self.0.query_row(values, read)
    }

    pub(super) fn query_map<T, F: FnMut(&Row<'_>) -> rusqlite::Result<T>>(
        &mut self,
        values: impl Values,
        read: F,
    ) -> rusqlite::Result<MappedRows<'_, F>> {
        values.check()?;
        self.0.query_map(values, read)
    }
}

/// What takes the places of a statement's parameters.
pub(super) trait Values: Params {
    /// Looks for U+0000.
    fn check(&self) -> rusqlite::Result<()>;
}

impl<T: ToSql, const N: usize> Values for [T; N]
where
    Self: Params,
{
    fn check(&self) -> rusqlite::Result<()> {
        self.iter().try_for_each(|value| check(value))
    }
}

impl Values for &[&dyn ToSql] {
    fn check(&self) -> rusqlite::Result<()> {
        self.iter().try_for_each(|value| check(value))
    }
}

fn check(value: &dyn ToSql) -> rusqlite::Result<()> {
    let holds_nul = match value.to_sql()? {
        ToSqlOutput::Borrowed(ValueRef::Text(text)) => text.contains(&0),
        ToSqlOutput::Owned(Value::Text(text)) => text.contains('\0'),
        _ => false,
    };
    if holds_nul { Err(refusal()) } else { Ok(()) }
}

/// A text holds U+0000.
#[derive(Debug)]
struct HoldsNul;

impl fmt::Display for HoldsNul {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text holds U+0000, which PostgreSQL takes in none")
    }
}

impl std::error::Error for HoldsNul {}

pub(super) fn refusal() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(HoldsNul))
}

/// Whether a text that holds U+0000 is what `error` is about.
pub(crate) fn is_refused_text(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::ToSqlConversionFailure(error) if error.is::<HoldsNul>())
}
