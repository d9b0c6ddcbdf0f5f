//! What came of deploying, updating, starting, restarting and rolling back.

use std::fmt;

use agent_platform_core::{Decode, Malformed};
use muxi_server_client::types;
use serde_json::{Map, Value};

use super::id::FormationId;
use super::model::FormationState;
use super::platform::Server;

/// A formation that was deployed, updated, started, restarted or rolled back, and runs.
///
/// The server tells more or less of this, by what was done and whether its progress was followed.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Deployed {
    /// The formation.
    pub formation_id: FormationId,
    /// Its state: running, unless something went wrong at once.
    pub status: Option<FormationState>,
    /// The port of its own that it listens on.
    pub port: Option<i64>,
    /// The URL of its own.
    pub url: Option<String>,
    /// Where it tells whether it is well.
    pub health_url: Option<String>,
    /// Its process.
    pub pid: Option<i64>,
    /// What it was deployed from: a count of its bundles, or a bundle's hash, after an update or a rollback.
    pub version: Option<String>,
    /// What it was deployed from before, in the same way.
    pub previous_version: Option<String>,
    /// How often it was restarted.
    pub restart_count: Option<i64>,
    /// What the server says about it.
    pub message: Option<String>,
    /// What else the server tells.
    pub extra: Map<String, Value>,
    /// What of it could not be read.
    pub malformed: Malformed,
}

impl Deployed {
    /// That of an object, whose fields are called one way in answers and another in events.
    pub(super) fn of(mut object: Map<String, Value>) -> Result<Self, String> {
        let mut malformed = Malformed::default();
        let id = ["formation_id", "id"].into_iter().find_map(|field| text(&mut object, field, &mut malformed));
        let formation_id = id.ok_or("`formation_id` is missing")?.into();
        let mut version = |fields: [&str; 2]| fields.into_iter().find_map(|field| count_or_text(&mut object, field));
        let (version, previous_version) = (version(["new_version", "version"]), version(["previous_version", ""]));
        Ok(Self {
            formation_id,
            status: text(&mut object, "status", &mut malformed).map(FormationState::from),
            port: number(&mut object, "port", &mut malformed),
            url: text(&mut object, "url", &mut malformed),
            health_url: text(&mut object, "health_url", &mut malformed),
            pid: number(&mut object, "pid", &mut malformed),
            version,
            previous_version,
            restart_count: number(&mut object, "restart_count", &mut malformed),
            message: text(&mut object, "message", &mut malformed),
            extra: object,
            malformed,
        })
    }

    /// One that was left as it is, since its bundle is the same.
    pub(super) fn unchanged(formation_id: FormationId, message: Option<&str>) -> Self {
        Self {
            formation_id,
            status: None,
            port: None,
            url: None,
            health_url: None,
            pid: None,
            version: None,
            previous_version: None,
            restart_count: None,
            message: message.map(str::to_owned),
            extra: Map::new(),
            malformed: Malformed::default(),
        }
    }

    /// That which the last event of a stream tells.
    pub(super) fn of_event(data: &str) -> Result<Self, String> {
        let object = serde_json::from_str(data).map_err(|_| "its last event is no JSON object".to_owned())?;
        Self::of(object)
    }
}

fn text(object: &mut Map<String, Value>, field: &str, malformed: &mut Malformed) -> Option<String> {
    match object.remove(field)? {
        Value::String(text) => Some(text),
        Value::Null => None,
        _ => {
            malformed.add(field, "expected a string");
            None
        }
    }
}

fn number(object: &mut Map<String, Value>, field: &str, malformed: &mut Malformed) -> Option<i64> {
    let value = object.remove(field).filter(|value| !value.is_null())?;
    if value.as_i64().is_none() {
        malformed.add(field, "expected a whole number");
    }
    value.as_i64()
}

/// A version, which is a number in answers and a text in events.
fn count_or_text(object: &mut Map<String, Value>, field: &str) -> Option<String> {
    match object.remove(field)? {
        Value::String(text) => Some(text),
        Value::Number(count) => Some(count.to_string()),
        _ => None,
    }
}

/// Each is the plain answer to an operation that may be answered with events.
macro_rules! answers {
    ($($generated:ident),*) => {$(
        impl Decode<Option<types::$generated>, Server> for Deployed {
            fn decode(generated: Option<types::$generated>) -> Result<Self, String> {
                let generated = generated.ok_or("it is empty")?;
                match serde_json::to_value(generated) {
                    Ok(Value::Object(object)) => Self::of(object),
                    _ => Err("it is no object".to_owned()),
                }
            }

            fn malformed(&mut self) -> Option<&mut Malformed> {
                Some(&mut self.malformed)
            }
        }
    )*};
}

answers!(Deployment, FormationUpdate, FormationState, FormationRollback);

/// Of the extras the names alone, since what is not known may be a secret.
impl fmt::Debug for Deployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deployed")
            .field("formation_id", &self.formation_id)
            .field("status", &self.status)
            .field("port", &self.port)
            .field("url", &self.url)
            .field("health_url", &self.health_url)
            .field("pid", &self.pid)
            .field("version", &self.version)
            .field("previous_version", &self.previous_version)
            .field("restart_count", &self.restart_count)
            .field("message", &self.message)
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .field("malformed", &self.malformed)
            .finish()
    }
}
