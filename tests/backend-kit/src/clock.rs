//! The time as the backend writes it.
//!
//! Most answers carry seconds since the epoch as a float; relationships alone carry ISO-8601 text. Both are made from
//! the same float here, so that the database holds one kind of time.

use jiff::Timestamp;

/// Seconds since the epoch, with what is left of the microseconds in a float.
pub fn now() -> f64 {
    Timestamp::now().as_duration().as_secs_f64()
}

/// Whole seconds since the epoch, as tokens carry them.
pub fn now_in_seconds() -> i64 {
    Timestamp::now().as_second()
}

/// `seconds` as Python's `datetime.isoformat()` writes it for UTC: always six digits, always `+00:00`.
///
/// A time that no calendar knows comes back as the plain number: it can't be one that this backend wrote.
pub fn iso(seconds: f64) -> String {
    // A float holds today's microseconds exactly enough; the cast saturates for anything absurd.
    match Timestamp::from_microsecond((seconds * 1e6).round() as i64) {
        Ok(timestamp) => timestamp.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
        Err(_) => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_has_six_digits_and_a_numeric_offset() {
        assert_eq!(iso(1_795_302_952.747_08), "2026-11-21T23:15:52.747080+00:00");
        assert_eq!(iso(0.0), "1970-01-01T00:00:00.000000+00:00");
    }

    #[test]
    fn iso_survives_what_is_no_date() {
        assert_eq!(iso(f64::NAN), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(iso(1e300), "1".to_owned() + &"0".repeat(300));
    }
}
