//! The ids of m8tes.

use agent_platform_core::{ids, ids_in_answers};

use crate::platform::M8tes;

ids! {
    M8tes, without "`/`";
    /// The id of one of your own users, as you chose it, such as `cust_123`.
    UserId, "user";
    /// The name of an app, such as `gmail`.
    AppName, "app";
    /// The id of a trigger, such as `schedule_5`; a number in old accounts.
    TriggerId, "trigger";
}

impl From<i64> for TriggerId {
    fn from(number: i64) -> Self {
        number.to_string().into()
    }
}

ids_in_answers!(M8tes; UserId: String, AppName: String, TriggerId: String);

/// Defines ids that are numbers.
macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// The number.
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        ids_in_answers!(M8tes; $name: i64);

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                *id
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

number_ids! {
    /// The id of a teammate.
    TeammateId;
    /// The id of a run.
    RunId;
    /// The id of a task.
    TaskId;
    /// The id of a memory.
    MemoryId;
    /// The id of a permission.
    PermissionId;
    /// m8tes' own number for a user of yours; see [`UserId`] for yours.
    EndUserId;
    /// The id of a webhook.
    WebhookId;
    /// The id of a delivery to a webhook.
    DeliveryId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_number_in_text_and_json() {
        let id = RunId::from(42);
        assert_eq!((id.to_string().parse(), format!("{id:>4}|")), (Ok(id), "  42|".to_owned()));
        assert_eq!(serde_json::to_string(&id).unwrap(), "42");
        assert_eq!(serde_json::from_str::<RunId>("42").unwrap().get(), 42);
        assert!("x".parse::<RunId>().is_err());
    }
}
