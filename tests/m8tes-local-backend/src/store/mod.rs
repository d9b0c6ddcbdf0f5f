//! What is in the database. Each object is kept as its JSON; what requests are answered by stands beside it.

pub(crate) mod runs;
pub(crate) mod teammates;

use local_backend_kit::{Tables, clock};
use rusqlite::{
    Row,
    types::{Type, Value as Column},
};
use serde_json::{Map, Value, json};

/// All of them. The version counts up with every change.
pub(crate) const TABLES: Tables = Tables {
    version: 1,
    sql: "
CREATE TABLE teammates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT,
    status TEXT NOT NULL,
    -- A JSON object with everything else.
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    teammate_id INTEGER NOT NULL REFERENCES teammates (id),
    user_id TEXT,
    status TEXT NOT NULL,
    rest TEXT NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
    key TEXT PRIMARY KEY,
    -- What was asked for by it: the same again is no new run.
    request TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id)
) STRICT;
",
};

/// The column `rest` of a row, with the columns beside it.
fn object(row: &Row<'_>, columns: &[&str]) -> rusqlite::Result<Value> {
    let rest: String = row.get("rest")?;
    let rest: Map<String, Value> = serde_json::from_str(&rest)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?;
    let mut object = Map::new();
    for column in columns {
        let value = match row.get::<_, Column>(*column)? {
            Column::Integer(integer) => json!(integer),
            Column::Text(text) => json!(text),
            _ => Value::Null,
        };
        object.insert((*column).to_owned(), value);
    }
    object.extend(rest);
    Ok(Value::Object(object))
}

/// The present time, as it is written.
fn now() -> String {
    clock::iso(clock::now())
}

/// An object with these fields besides, all of them null.
fn with_nulls(mut object: Value, names: &[&str]) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.extend(names.iter().map(|name| ((*name).to_owned(), Value::Null)));
    }
    object
}
