//! Why a backend doesn't start.

use std::{error::Error, fmt};

/// Why a backend didn't start.
#[derive(Debug)]
pub struct StartError {
    what: String,
    source: Box<dyn Error + Send + Sync>,
}

impl StartError {
    /// What can't be had, as in `x.db can't be opened as a database`; the cause completes it.
    pub fn because<E: Error + Send + Sync + 'static>(what: impl Into<String>) -> impl FnOnce(E) -> Self {
        let what = what.into();
        move |source| Self { what, source: Box::new(source) }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.what, self.source)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn the_cause_is_told_and_kept() {
        let error = StartError::because("x.db can't be opened")(io::Error::other("it is a folder"));
        assert_eq!(error.to_string(), "x.db can't be opened: it is a folder");
        assert_eq!(error.source().unwrap().to_string(), "it is a folder");
    }
}
