//! Who wants to know which statements are run.

use std::{fmt, sync::Arc};

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};

type Hear = dyn Fn(&str, &str) + Send + Sync;

/// Is told every statement: as it is prepared, and with its values.
#[derive(Clone, Default)]
pub struct OnStatement(Option<Arc<Hear>>);

impl fmt::Debug for OnStatement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "OnStatement(..)" } else { "OnStatement" })
    }
}

impl OnStatement {
    /// Has this be told: a statement as it is prepared, and with the values in the places of its parameters.
    pub fn new(hear: impl Fn(&str, &str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    /// Listens to `connection`, if anybody wants to know.
    pub(crate) fn attach(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let Some(hear) = self.0.clone() else { return Ok(()) };
        connection.trace_v2(
            TraceEventCodes::SQLITE_TRACE_STMT,
            Some(move |event: TraceEvent<'_>| {
                if let TraceEvent::Stmt(statement, _) = event {
                    hear(&statement.sql(), &statement.expanded_sql().unwrap_or_default());
                }
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_anybody_listens_is_shown() {
        assert_eq!(format!("{:?}", OnStatement::default()), "OnStatement");
        assert_eq!(format!("{:?}", OnStatement::new(|_, _| {})), "OnStatement(..)");
    }
}
