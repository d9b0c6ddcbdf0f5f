//! When a schedule starts a task: by a cron expression, at an interval, or once.

use std::ops::RangeInclusive;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};

/// How many days ahead a cron expression is followed: any day of the calendar comes again in eight years.
const DAYS_AHEAD: usize = 8 * 366;

/// A time zone by its name in the IANA database.
pub(crate) fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// A point in time, which is one of `zone` where it does not say.
pub(crate) fn point(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let civil = || text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(civil)
}

/// The next of the points that are `seconds` apart, the first of them so long after `start`.
pub(crate) fn next_of_interval(start: Timestamp, seconds: i64, now: Timestamp) -> Option<Timestamp> {
    let passed = now.as_second().saturating_sub(start.as_second()).max(0);
    let next = passed.checked_div(seconds)?.checked_add(1)?.checked_mul(seconds)?;
    Timestamp::from_second(start.as_second().checked_add(next)?).ok()
}

/// A cron expression of five fields: minute, hour, day, month, weekday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Vec<i8>,
    months: Vec<i8>,
    weekdays: Vec<i8>,
    /// Whether the day and the weekday both say something: then either will do.
    is_either_day: bool,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Cron {
    pub(crate) fn read(expression: &str) -> Option<Self> {
        let fields: Vec<_> = expression.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
        let weekdays = field(weekday, 0..=7, &WEEKDAYS, 0)?.into_iter().map(|weekday| weekday % 7).collect();
        Some(Self {
            minutes: field(minute, 0..=59, &[], 0)?,
            hours: field(hour, 0..=23, &[], 0)?,
            days: field(day, 1..=31, &[], 0)?,
            months: field(month, 1..=12, &MONTHS, 1)?,
            weekdays,
            is_either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        })
    }

    /// The next point that it names. There is none for a day that no month has.
    pub(crate) fn next(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        let days = today.series(1.day()).take(DAYS_AHEAD).filter(|day| self.is_on(*day));
        let times = days.flat_map(|day| {
            let hours = self.hours.iter();
            hours.flat_map(move |hour| self.minutes.iter().map(move |minute| day.at(*hour, *minute, 0, 0)))
        });
        let mut points = times.filter_map(|time| Some(time.to_zoned(zone.clone()).ok()?.timestamp()));
        points.find(|point| *point > now)
    }

    fn is_on(&self, date: Date) -> bool {
        let (is_day, is_weekday) = (self.days.contains(&date.day()), self.weekdays.contains(&number(date.weekday())));
        let is_the_day = if self.is_either_day { is_day || is_weekday } else { is_day && is_weekday };
        is_the_day && self.months.contains(&date.month())
    }
}

fn number(weekday: Weekday) -> i8 {
    weekday.to_sunday_zero_offset()
}

/// The numbers of a field, in order: `*`, `5`, `1-5`, `*/15`, `1-30/2`, and several of these with commas. `names` may
/// stand for numbers, from `first` on.
fn field(text: &str, range: RangeInclusive<i8>, names: &[&str], first: i8) -> Option<Vec<i8>> {
    let value = |text: &str| {
        let named = names.iter().position(|name| text.eq_ignore_ascii_case(name));
        let named = named.and_then(|position| i8::try_from(position).ok()?.checked_add(first));
        let numbered = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        named.or(numbered).filter(|value| range.contains(value))
    };
    let mut values = Vec::new();
    for part in text.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, Some(step.parse::<u8>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (from, to) = match span.split_once('-') {
            _ if span == "*" => (*range.start(), *range.end()),
            Some((from, to)) => (value(from)?, value(to)?),
            None if step.is_some() => (value(span)?, *range.end()),
            None => (value(span)?, value(span)?),
        };
        if from > to {
            return None;
        }
        values.extend((from..=to).step_by(step.unwrap_or(1).into()));
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, zone: &str, now: &str) -> Option<String> {
        let cron = Cron::read(expression).unwrap();
        cron.next(&time_zone(zone).unwrap(), now.parse().unwrap()).map(|next| next.to_string())
    }

    #[test]
    fn the_next_point_is_after_now_in_the_zone() {
        for (expression, zone, now, expected) in [
            ("0 9 * * 1-5", "UTC", "2026-11-27T08:59:59Z", "2026-11-27T09:00:00Z"),
            ("0 9 * * 1-5", "UTC", "2026-11-27T09:00:00Z", "2026-11-30T09:00:00Z"),
            ("0 9 * * MON", "Europe/Berlin", "2026-11-27T09:00:00Z", "2026-11-30T08:00:00Z"),
            ("*/15 * * * *", "UTC", "2026-11-27T08:46:00Z", "2026-11-27T09:00:00Z"),
            ("30 6 1 jan *", "UTC", "2026-11-27T08:46:00Z", "2027-01-01T06:30:00Z"),
            ("0 0 29 2 *", "UTC", "2026-11-27T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 * * 7", "UTC", "2026-11-27T00:00:00Z", "2026-11-29T00:00:00Z"),
            // Either day will do, where both are named.
            ("0 0 1 * 0", "UTC", "2026-11-27T00:00:00Z", "2026-11-29T00:00:00Z"),
            ("0 0 1 * 0", "UTC", "2026-11-29T00:00:00Z", "2026-12-01T00:00:00Z"),
            ("5,50-52 3-5/2 * * *", "UTC", "2026-11-27T03:06:00Z", "2026-11-27T03:50:00Z"),
            ("5,50-52 3-5/2 * * *", "UTC", "2026-11-27T03:52:00Z", "2026-11-27T05:05:00Z"),
        ] {
            assert_eq!(next(expression, zone, now).as_deref(), Some(expected), "{expression} {now}");
        }
        assert_eq!(next("0 0 31 2 *", "UTC", "2026-11-27T00:00:00Z"), None);
    }

    #[test]
    fn what_is_no_expression_is_not_read() {
        for expression in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *",
            "-1 * * * *",
            "+1 * * * *",
            "a * * * *",
            "1, * * * *",
            "* * * * foo",
        ] {
            assert_eq!(Cron::read(expression), None, "{expression}");
        }
    }

    #[test]
    fn an_interval_goes_on_from_its_start() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (now, expected) in [(100, 160), (159, 160), (160, 220), (50, 160)] {
            assert_eq!(next_of_interval(at(100), 60, at(now)), Some(at(expected)), "{now}");
        }
        assert_eq!(next_of_interval(at(100), i64::MAX, at(100)), None);
    }

    #[test]
    fn a_point_without_an_offset_is_one_of_the_zone() {
        let berlin = time_zone("Europe/Berlin").unwrap();
        for text in ["2026-12-24T18:00:00", "2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00Z"] {
            assert_eq!(point(text, &berlin).unwrap().to_string(), "2026-12-24T17:00:00Z", "{text}");
        }
        assert_eq!(point("tomorrow", &berlin), None);
        assert_eq!(time_zone("Fake/Zone"), None);
    }
}
