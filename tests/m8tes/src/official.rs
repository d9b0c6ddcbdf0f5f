//! Calls of m8tes' official Python client, made with the facade.

mod given;
mod others;
mod python;
mod runs;
mod tasks;
mod teammates;

use futures::TryStreamExt;
use futures::stream::BoxStream;
use m8tes_sdk::{Client, Error};
use serde::Serialize;
use serde_json::Value;

pub use self::given::Given;
pub use self::python::{Call, Shown};

/// What kept a call from what it was made for.
#[derive(Debug)]
pub enum Failed {
    /// The facade's error.
    Error(Box<Error>),
    /// The facade has no way to say this.
    Unsayable(String),
}

/// What a call has brought.
#[derive(Debug)]
pub struct Returned {
    /// What the official client calls its class, where that is compared.
    pub class: Option<&'static str>,
    /// The same as JSON: a thing, all things of a list, or of a stream its `events`, by their types, its `text` and its
    /// `run_id`.
    pub value: Value,
}

pub(crate) type Sent = Result<Returned, Failed>;

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Error(Box::new(error))
    }
}

impl Call {
    /// Makes the call with the facade.
    ///
    /// # Errors
    ///
    /// The facade's, and what it has no way to say.
    pub async fn make(self, client: &Client) -> Result<Value, Failed> {
        let Self { name, given, pages, shown } = self;
        let Returned { class, value } = dispatch(client, &name, given, pages).await?;
        Ok(match shown {
            Shown::Whole => class.map_or(Value::Null, Value::from),
            Shown::Nothing => Value::Null,
            Shown::Items => items(value),
            Shown::Field(field) => value[field].clone(),
        })
    }
}

/// Makes the call of this name with the facade; `pages` has all of a list, not its first page.
///
/// # Errors
///
/// The facade's, and what it has no way to say.
pub async fn dispatch(client: &Client, name: &str, given: Given, pages: bool) -> Sent {
    let (resource, method) = name.rsplit_once('.').unwrap_or(("", name));
    match resource {
        "teammates" => teammates::make(client, method, given, pages).await,
        "runs" => runs::make(client, method, given, pages).await,
        "tasks" => tasks::make(client, method, given, pages).await,
        "tasks.triggers" => tasks::make_with_triggers(client, method, given).await,
        _ => others::make(client, name, given, pages).await,
    }
}

/// Of a list the ids, of a stream the types of its events.
fn items(mut value: Value) -> Value {
    match &mut value {
        Value::Array(things) => things.iter_mut().map(|thing| thing["id"].take()).collect(),
        stream => stream["events"].take(),
    }
}

/// There is no such method of the facade.
fn no_method(name: &str) -> Failed {
    Failed::Unsayable(format!("there is no {name}"))
}

/// A thing.
fn thing(thing: &impl Serialize) -> Sent {
    Ok(Returned { class: None, value: json_of(thing) })
}

/// A run.
fn run(run: &m8tes_sdk::Run) -> Sent {
    Ok(Returned { class: Some("Run"), ..thing(run)? })
}

/// All things of a list.
async fn things<T>(items: BoxStream<'_, Result<T, Error>>, shown: impl Fn(&T) -> Value) -> Sent {
    let items: Vec<_> = items.try_collect().await?;
    Ok(Returned { class: None, value: items.iter().map(shown).collect() })
}

/// A thing as it is in JSON.
fn json_of(thing: &impl Serialize) -> Value {
    serde_json::to_value(thing).unwrap()
}

/// Says of a request what of it is given: its kind, the method, and the argument where it is called otherwise.
macro_rules! say {
    ($given:ident, $request:ident: $($kind:ident $method:ident $(= $name:literal)?),* $(,)?) => {$(
        if let Some(value) = $given.take($crate::official::say!(@name $method $($name)?)) {
            $request = $request.$method($crate::official::say!(@$kind value));
        }
    )*};
    (@name $method:ident) => { stringify!($method) };
    (@name $method:ident $name:literal) => { $name };
    (@text $value:ident) => { $crate::official::given::text(&$value)? };
    (@texts $value:ident) => { $crate::official::given::texts(&$value)? };
    (@flag $value:ident) => { $crate::official::given::flag(&$value)? };
    (@number $value:ident) => { $crate::official::given::number(&$value)? };
    (@id $value:ident) => { $crate::official::given::id(&$value)? };
    (@object $value:ident) => { $value };
    (@choice $value:ident) => { $crate::official::given::text(&$value)?.into() };
    (@time $value:ident) => { $crate::official::given::time(&$value)? };
    (@nullable_text $value:ident) => { $value.as_str() };
    (@nullable_flag $value:ident) => { $value.as_bool() };
    (@nullable_number $value:ident) => { $crate::official::given::nullable_number(&$value)? };
}
pub(crate) use say;

/// Says of the request of a list what all of them have, and asks for its first page, or for all of it.
macro_rules! list {
    ($given:ident, $request:ident, $pages:ident, $shown:expr) => {{
        $crate::official::say!($given, $request: number limit);
        if let Some(cursor) = $given.take("starting_after") {
            $request = $request.starting_after(cursor.as_str().map_or_else(|| cursor.to_string(), str::to_owned));
        }
        $given.is_used_up()?;
        if $pages {
            $crate::official::things($request.into_stream(), $shown).await
        } else {
            let page = $request.await?;
            $crate::official::things(Box::pin(futures::stream::iter(page.data.into_iter().map(Ok))), $shown).await
        }
    }};
}
pub(crate) use list;

/// Sends a request of which nothing can be said but for which user it is.
macro_rules! scoped {
    ($given:ident, $request:expr) => {{
        let mut request = $request;
        $crate::official::say!($given, request: text user = "user_id");
        $given.is_used_up()?;
        $crate::official::thing(&request.await?)
    }};
}
pub(crate) use scoped;
