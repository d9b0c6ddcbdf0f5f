//! What of an answer could not be read.

use std::fmt;

/// What of an answer, or of one row of it, could not be read as the backend wrote it. It is empty for nearly all.
///
/// An answer that is odd in one place spoils no more than that place: a field that can't be read has a stand-in (an empty
/// text, 0, `None`, …) and is named here, with what is wrong with it. So where a value matters, and it is the stand-in,
/// look here before you rely on it.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Malformed(Option<Box<Parts>>);

/// Behind a pointer, since there are none nearly always.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Parts(Vec<MalformedPart>);

/// One field that could not be read as the backend wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MalformedPart {
    /// The field, by the backend's own name for it, such as `created_at`.
    pub field: String,
    /// What is wrong with it, without quoting it.
    pub problem: String,
}

impl Malformed {
    /// Whether all of it could be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What could not be read.
    pub fn parts(&self) -> &[MalformedPart] {
        self.0.as_ref().map_or(&[], |parts| &parts.0)
    }

    /// Whether this field, by the backend's own name for it, could not be read.
    pub fn contains(&self, field: &str) -> bool {
        self.parts().iter().any(|part| part.field == field)
    }

    /// Names a field, unless it is named already. For facades.
    #[doc(hidden)]
    pub fn add(&mut self, field: &str, problem: impl Into<String>) {
        if !self.contains(field) {
            let part = MalformedPart { field: field.to_owned(), problem: problem.into() };
            self.0.get_or_insert_with(|| Box::new(Parts(Vec::new()))).0.push(part);
        }
    }

    /// Names what was found wrong before, which says more about the same field.
    pub(crate) fn come_after(&mut self, earlier: Self) {
        let later = std::mem::replace(self, earlier);
        later.parts().iter().for_each(|part| self.add(&part.field, &part.problem));
    }

    /// Names a field that has a stand-in where it could not be converted. For facades.
    #[doc(hidden)]
    pub fn or_stand_in<T>(&mut self, field: &str, converted: Result<T, String>, stand_in: T) -> T {
        converted.unwrap_or_else(|problem| {
            self.add(field, problem);
            stand_in
        })
    }
}

/// One line for a person: `created_at: is no point in time; metadata: holds a number that is out of range`.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts().iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", part.field, part.problem)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parts()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_named_once() {
        let mut malformed = Malformed::default();
        assert!(malformed.is_empty() && !malformed.contains("seq"));
        assert_eq!((malformed.to_string(), format!("{malformed:?}")), (String::new(), "[]".to_owned()));
        malformed.add("seq", "expected u64");
        malformed.add("seq", "is something else, too");
        assert_eq!(malformed.or_stand_in("created_at", Err("is no point in time".to_owned()), 7), 7);
        assert_eq!(malformed.or_stand_in("updated_at", Ok(8), 7), 8);
        assert!(!malformed.is_empty() && malformed.contains("seq") && !malformed.contains("updated_at"));
        assert_eq!(malformed.to_string(), "seq: expected u64; created_at: is no point in time");
        assert_eq!(size_of::<Malformed>(), size_of::<usize>());
    }
}
