//! What came of deploying, updating, starting, restarting and rolling back.

use agent_platform_core::answered::object;
use agent_platform_core::{Decode, Malformed, placed_model};
use muxi_server_client::types;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::id::FormationId;
use super::model::FormationState;
use super::platform::Server;

placed_model! {
    Server;
    /// A formation that was deployed, updated, started, restarted or rolled back, and runs.
    ///
    /// The server tells more or less of this, by what was done and whether its progress was followed, and calls some of it by
    /// other names. It is written by those of the fields, and read by all.
    Deployed from Told {
        /// The formation.
        formation_id at "formation_id": FormationId,
        /// Its state: running, unless something went wrong at once.
        status at "status": Option<FormationState>,
        /// The port of its own that it listens on.
        port at "port": Option<i64>,
        /// The URL of its own.
        url at "url": Option<String>,
        /// Where it tells whether it is well.
        health_url at "health_url": Option<String>,
        /// Its process.
        pid at "pid": Option<i64>,
        /// What it was deployed from: a count of its bundles, or a bundle's hash, after an update or a rollback.
        version at "version": Option<String>,
        /// What it was deployed from before, in the same way.
        previous_version at "previous_version": Option<String>,
        /// How often it was restarted.
        restart_count at "restart_count": Option<i64>,
        /// What the server says about it.
        message at "message": Option<String>,
    }
}

/// What is told, by the names that the model has.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
struct Told(Map<String, Value>);

impl TryFrom<Map<String, Value>> for Told {
    type Error = &'static str;

    fn try_from(mut object: Map<String, Value>) -> Result<Self, Self::Error> {
        // Answers call it one thing, and events another.
        for (name, other) in [("formation_id", "id"), ("version", "new_version")] {
            if object.get(name).is_none_or(Value::is_null)
                && let Some(value) = object.remove(other)
            {
                object.insert(name.to_owned(), value);
            }
        }
        for name in ["version", "previous_version"] {
            if let Some(version) = object.get_mut(name)
                && version.is_number()
            {
                *version = Value::String(version.to_string());
            }
        }
        if object.get("formation_id").is_none_or(|id| !id.is_string()) {
            return Err("`formation_id` is missing");
        }
        Ok(Self(object))
    }
}

impl Deployed {
    /// That of an object.
    pub(super) fn of(object: Map<String, Value>) -> Result<Self, String> {
        Self::decode(Told::try_from(object)?)
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

/// Each is the plain answer to an operation that may be answered with events.
macro_rules! answers {
    ($($generated:ident),*) => {$(
        impl Decode<Option<types::$generated>, Server> for Deployed {
            #[inline]
            fn decode(generated: Option<types::$generated>) -> Result<Self, String> {
                Self::of(object(generated.ok_or("it is empty")?)?)
            }

            #[inline]
            fn malformed(&mut self) -> Option<&mut Malformed> {
                Some(&mut self.malformed)
            }
        }
    )*};
}

answers!(Deployment, FormationUpdate, FormationState, FormationRollback);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_and_an_event_are_read_alike_and_written_by_the_names_of_the_fields() {
        let answer =
            json!({"id": "my-bot", "status": "running", "version": 2, "previous_version": 1, "pid": 7, "new": [1]});
        let event = json!({
            "formation_id": "my-bot", "status": "running", "new_version": "2", "previous_version": "1", "pid": 7, "new": [1],
        });
        let read: Deployed = serde_json::from_value(answer).unwrap();
        assert_eq!(Deployed::of_event(&event.to_string()).unwrap(), read);
        assert_eq!((read.formation_id.as_str(), read.version.as_deref()), ("my-bot", Some("2")));
        let written = serde_json::to_value(&read).unwrap();
        assert_eq!((&written["version"], &written["new"]), (&json!("2"), &json!([1])));
        assert_eq!(serde_json::from_value::<Deployed>(written).unwrap(), read);
        assert!(serde_json::from_value::<Deployed>(json!({"status": "running"})).is_err());
    }
}
