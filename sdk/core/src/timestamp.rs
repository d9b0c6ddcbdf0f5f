//! Points in time.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, as the backend tells it, to the nanosecond.
///
/// The backend has three forms for it: seconds since 1970 as a float, text as in RFC 3339, and 0 where it
/// keeps none. This is the one form of all of them. `Display` writes RFC 3339 in UTC, and [`FromStr`] reads
/// it.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use agent_platform_core::Timestamp;
///
/// let noon: Timestamp = "2026-05-13T14:00:00+02:00".parse()?;
/// assert_eq!(noon.to_string(), "2026-05-13T12:00:00Z");
/// assert_eq!(SystemTime::from(noon), SystemTime::UNIX_EPOCH + Duration::from_secs(1_778_673_600));
/// # Ok::<(), agent_platform_core::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// The upper half of the whole seconds since 1970, never later than the point in time. In halves they need no
    /// room beside them, and the less room a timestamp takes, the more rows are decoded where they lie.
    upper: i32,
    /// The lower half.
    lower: u32,
    /// Nanoseconds from there, and one more. So zero is left for `None`, and `Option<Timestamp>` takes no more
    /// room.
    nanosecond: NonZeroU32,
}

/// The second in which the year 0 begins, before which RFC 3339 writes nothing.
const FIRST: i64 = -62_167_219_200;

const NANOS_PER_SECOND: u32 = 1_000_000_000;

impl Timestamp {
    /// The beginning of 1970, from which seconds are counted. It stands in for a time that can't be read.
    pub const EPOCH: Self = Self { upper: 0, lower: 0, nanosecond: NonZeroU32::MIN };

    /// The point in time so many nanoseconds, up to a second, after a second since 1970. `None` where RFC 3339 or
    /// jiff has none.
    fn new(second: i64, nanosecond: u32) -> Option<Self> {
        let (second, nanosecond) =
            if nanosecond == NANOS_PER_SECOND { (second.checked_add(1)?, 0) } else { (second, nanosecond) };
        let nanosecond = NonZeroU32::MIN.checked_add(nanosecond)?;
        let (upper, lower) = ((second >> 32) as i32, second as u32);
        (FIRST..=jiff::Timestamp::MAX.as_second()).contains(&second).then_some(Self { upper, lower, nanosecond })
    }

    fn second(self) -> i64 {
        (i64::from(self.upper) << 32) + i64::from(self.lower)
    }

    fn from_jiff(time: jiff::Timestamp) -> Option<Self> {
        let nanos = time.as_nanosecond();
        let per_second = i128::from(NANOS_PER_SECOND);
        let second = i64::try_from(nanos.div_euclid(per_second)).ok()?;
        Self::new(second, u32::try_from(nanos.rem_euclid(per_second)).ok()?)
    }

    /// The same for jiff. It panics at a sum that it has no time for, and each of ours is one that it has.
    fn to_jiff(self) -> jiff::Timestamp {
        let nanosecond = i64::from(self.nanosecond.get() - 1);
        let since_second = jiff::SignedDuration::from_nanos(nanosecond);
        jiff::Timestamp::UNIX_EPOCH + (jiff::SignedDuration::from_secs(self.second()) + since_second)
    }

    /// As [`time_from_epoch_seconds`].
    fn from_epoch_seconds(seconds: f64) -> Option<Self> {
        if !seconds.is_finite() {
            return None;
        }
        // Whole and fractional part apart, so that no digit of the float is lost in the multiplication. A number beyond
        // all seconds becomes the last one of 64 bits, which is no time either.
        let whole = seconds.floor();
        let nanos = ((seconds - whole) * f64::from(NANOS_PER_SECOND)).round();
        Self::new(whole as i64, nanos as u32)
    }

    /// Whole seconds since 1970, negative before.
    pub fn as_second(&self) -> i64 {
        self.to_jiff().as_second()
    }

    /// Whole milliseconds since 1970, negative before.
    pub fn as_millisecond(&self) -> i64 {
        self.to_jiff().as_millisecond()
    }

    /// Nanoseconds since 1970, negative before.
    pub fn as_nanosecond(&self) -> i128 {
        self.to_jiff().as_nanosecond()
    }
}

/// The point in time so many seconds after 1970, as backends' floats have them. `None` where that is none that
/// RFC 3339 can write.
///
/// Applications have no use for it, so it is no method of their [`Timestamp`].
pub fn time_from_epoch_seconds(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_epoch_seconds(seconds)
}

/// The point in time so many milliseconds after 1970. `None` where that is none that RFC 3339 can write.
pub fn time_from_epoch_milliseconds(milliseconds: i64) -> Option<Timestamp> {
    jiff::Timestamp::from_millisecond(milliseconds).ok().and_then(Timestamp::from_jiff)
}

/// The other way: the float that is nearest. One that a timestamp was made of comes back as a float that makes the same
/// timestamp.
pub fn epoch_seconds_of_time(time: Timestamp) -> f64 {
    time.second() as f64 + f64::from(time.nanosecond.get() - 1) / f64::from(NANOS_PER_SECOND)
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_jiff().into()
    }
}

/// The text is no timestamp as RFC 3339 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a timestamp; write one like 2026-05-13T12:00:00Z")]
pub struct ParseTimestampError;

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Jiff knows years of six digits with a sign too, and of those that it can't hold it panics at some.
        let has_sign = text.starts_with(['-', '+']);
        let time = if has_sign { None } else { text.parse().ok() };
        time.and_then(Self::from_jiff).ok_or(ParseTimestampError)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn milliseconds_are_exact() {
        let text = |milliseconds| time_from_epoch_milliseconds(milliseconds).map(|time| time.to_string());
        assert_eq!(text(1_795_906_607_369).as_deref(), Some("2026-11-28T22:56:47.369Z"));
        assert_eq!(text(-1).as_deref(), Some("1969-12-31T23:59:59.999Z"));
        assert_eq!((text(i64::MAX), text(i64::MIN)), (None, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_the_float_it_is_a_time_that_is_read_back_or_none(seconds: f64) {
            if let Some(timestamp) = Timestamp::from_epoch_seconds(seconds) {
                prop_assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
                prop_assert_eq!(Timestamp::from_epoch_seconds(epoch_seconds_of_time(timestamp)), Some(timestamp));
                // What lies between two nanoseconds may be taken for the next whole second.
                let beyond = timestamp.as_second() - seconds.floor() as i64;
                prop_assert!((0..=1).contains(&beyond));
            }
        }

        #[test]
        fn a_time_of_a_float_is_the_same_by_way_of_a_float(seconds in -6.2e10..2.5e11_f64, shift in 0..60) {
            let timestamp = Timestamp::from_epoch_seconds(seconds / 2_f64.powi(shift)).unwrap();
            prop_assert_eq!(Timestamp::from_epoch_seconds(epoch_seconds_of_time(timestamp)), Some(timestamp));
        }

        #[test]
        fn every_nanosecond_that_rfc_3339_can_write_is_kept(
            nanos in i128::from(FIRST) * 1_000_000_000..=jiff::Timestamp::MAX.as_nanosecond(),
        ) {
            let timestamp = Timestamp::from_jiff(jiff::Timestamp::from_nanosecond(nanos).unwrap()).unwrap();
            prop_assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
            prop_assert_eq!(timestamp.as_nanosecond(), nanos);
            prop_assert_eq!(timestamp.cmp(&Timestamp::EPOCH), nanos.cmp(&0));
        }

        #[test]
        fn no_text_is_more_than_no_timestamp(text: String) {
            let _: Result<Timestamp, ParseTimestampError> = text.parse();
        }
    }

    #[test]
    fn a_float_keeps_every_digit_it_has() {
        for seconds in [1_795_302_955.881_991_1_f64, 0.0, 1234.5, 1_795_302_954.629_039_3, -0.25] {
            let timestamp = Timestamp::from_epoch_seconds(seconds).unwrap();
            let nanos = timestamp.as_nanosecond();
            let whole = nanos.div_euclid(1_000_000_000) as f64;
            assert_eq!(whole + nanos.rem_euclid(1_000_000_000) as f64 / 1e9, seconds);
        }
        let text = time_from_epoch_seconds(1_795_302_955.5).unwrap().to_string();
        assert_eq!(text, "2026-11-21T23:15:55.5Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for seconds in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300, -1e300, 1e14] {
            assert_eq!(time_from_epoch_seconds(seconds), None, "{seconds}");
        }
        for text in ["yesterday", "-009999-01-02T01:59:58.999999999Z", "0000-01-01T00:00:00+00:01"] {
            assert_eq!(text.parse::<Timestamp>(), Err(ParseTimestampError), "{text}");
        }
        assert_eq!(Timestamp::from_epoch_seconds(-62_167_219_200.5), None);
        assert_eq!(Timestamp::from_epoch_seconds(-62_167_219_200.0).unwrap().to_string(), "0000-01-01T00:00:00Z");
    }

    #[test]
    fn the_backends_text_form_is_read() {
        let timestamp: Timestamp = "2026-11-21T23:15:52.747080+00:00".parse().unwrap();
        assert_eq!(timestamp.to_string(), "2026-11-21T23:15:52.74708Z");
        let json = serde_json::to_string(&timestamp).unwrap();
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), timestamp);
    }
}
