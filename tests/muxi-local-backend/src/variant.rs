//! How a formation is set up.

use std::str::FromStr;

/// How a formation is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Variant {
    /// With all there is, for many users.
    #[default]
    Full,
    /// Without memory, database, scheduler, secrets and procedures: what would write to them is refused with 503.
    Bare,
    /// For a single user, `0`, whoever asks.
    Single,
}

impl Variant {
    /// The user that turns and conversations belong to, of the one that was named.
    pub(crate) fn user(self, named: String) -> String {
        if self == Self::Single { "0".to_owned() } else { named }
    }
}

impl FromStr for Variant {
    type Err = String;

    /// Reads `full`, `bare` or `single`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "full" => Ok(Self::Full),
            "bare" => Ok(Self::Bare),
            "single" => Ok(Self::Single),
            other => Err(format!("{other:?} is none of full, bare and single")),
        }
    }
}
