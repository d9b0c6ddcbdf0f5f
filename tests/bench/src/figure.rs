//! A row of the table: what was measured, how often, and what it should be.

use std::fmt;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Written with the prefix that fits.
    Seconds,
    /// Written with the prefix that fits.
    Bytes,
    /// Things of this kind.
    Count(&'static str),
    /// Things of this kind in a second.
    PerSecond(&'static str),
}

/// The same thing, measured more than once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Those that were measured; none is not a measurement, and shows as NaN.
    pub(crate) fn new(measured: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = measured.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }

    pub(crate) fn runs(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match (self.0.get(middle), middle.checked_sub(1).and_then(|before| self.0.get(before))) {
            (Some(upper), Some(lower)) if self.0.len().is_multiple_of(2) => f64::midpoint(*lower, *upper),
            (Some(middle), _) => *middle,
            (None, _) => f64::NAN,
        }
    }

    pub(crate) fn lowest(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn highest(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

/// What the issue of a row is: a bound on the ratio to the baseline, or on the figure itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// Ours divided by the baseline is no more than this.
    AtMost(f64),
    /// Ours divided by the baseline is no less than this.
    AtLeast(f64),
    /// The baseline divided by ours is no less than this.
    TimesFaster(f64),
    /// Our figure itself is below this.
    Below(f64),
    /// There is none: the figure is stated.
    Stated,
}

/// What we are held against.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Baseline {
    pub(crate) what: String,
    pub(crate) samples: Samples,
    /// Of each run by itself, ours divided by the baseline: what slows the machine down for a while slows both.
    ratio: Samples,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    what: String,
    unit: Unit,
    ours: Samples,
    baseline: Option<Baseline>,
    target: Target,
    /// Why there is no figure.
    left_out: Option<String>,
}

/// Both sides of a comparison, run by run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    pub(crate) fn new(measured: Vec<(f64, f64)>) -> Self {
        Self(measured)
    }
}

impl Row {
    /// A figure and its baseline.
    pub(crate) fn compared(
        what: impl Into<String>,
        unit: Unit,
        pairs: &Pairs,
        baseline: impl Into<String>,
        target: Target,
    ) -> Self {
        let Pairs(pairs) = pairs;
        Self {
            what: what.into(),
            unit,
            ours: Samples::new(pairs.iter().map(|(ours, _)| *ours)),
            baseline: Some(Baseline {
                what: baseline.into(),
                samples: Samples::new(pairs.iter().map(|(_, baseline)| *baseline)),
                ratio: Samples::new(pairs.iter().map(|(ours, baseline)| match target {
                    Target::TimesFaster(_) => baseline / ours,
                    _ => ours / baseline,
                })),
            }),
            target,
            left_out: None,
        }
    }

    /// A figure that stands for itself.
    pub(crate) fn alone(what: impl Into<String>, unit: Unit, ours: Samples, target: Target) -> Self {
        Self { what: what.into(), unit, ours, baseline: None, target, left_out: None }
    }

    /// A figure that this machine can't take, and why. The table names it, and it neither meets nor misses a target.
    pub(crate) fn left_out(what: impl Into<String>, why: impl Into<String>) -> Self {
        let row = Self::alone(what, Unit::Count(""), Samples::new([]), Target::Stated);
        Self { left_out: Some(why.into()), ..row }
    }

    /// Whether the target is met, by the median; `None` where there is none.
    pub(crate) fn is_met(&self) -> Option<bool> {
        let ratio = self.baseline.as_ref().map_or(f64::NAN, |baseline| baseline.ratio.median());
        match self.target {
            Target::AtMost(bound) => Some(ratio <= bound),
            Target::AtLeast(bound) | Target::TimesFaster(bound) => Some(ratio >= bound),
            Target::Below(bound) => Some(self.ours.median() < bound),
            Target::Stated => None,
        }
    }

    /// The cells, in the order of [`HEAD`].
    pub(crate) fn cells(&self) -> [String; 7] {
        if let Some(why) = &self.left_out {
            let why = format!("left out: {why}");
            let [baseline, ratio, target, met, runs] = ["–"; 5].map(str::to_owned);
            return [self.what.clone(), why, baseline, ratio, target, met, runs];
        }
        let (baseline, ratio) = match &self.baseline {
            Some(baseline) => (
                format!("{}: {}", baseline.what, with_spread(self.unit, &baseline.samples)),
                ratio_with_spread(self.target, &baseline.ratio),
            ),
            None => ("–".to_owned(), "–".to_owned()),
        };
        let met = match self.is_met() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "–",
        };
        [
            self.what.clone(),
            with_spread(self.unit, &self.ours),
            baseline,
            ratio,
            self.target_text(),
            met.to_owned(),
            self.ours.runs().to_string(),
        ]
    }

    fn target_text(&self) -> String {
        match self.target {
            Target::AtMost(bound) => format!("≤ {}", in_hundredths(bound)),
            Target::AtLeast(bound) => format!("≥ {}", in_hundredths(bound)),
            Target::TimesFaster(bound) => format!("≥ {} × faster", in_hundredths(bound)),
            Target::Below(bound) => format!("< {}", written(self.unit, bound)),
            Target::Stated => "stated".to_owned(),
        }
    }
}

/// As it stands in the table.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} |", self.cells().join(" | "))
    }
}

/// What the columns of the table are.
pub(crate) const HEAD: [&str; 7] = ["what", "ours", "baseline", "ratio", "target", "", "runs"];

fn with_spread(unit: Unit, samples: &Samples) -> String {
    let [median, lowest, highest] =
        [samples.median(), samples.lowest(), samples.highest()].map(|number| written(unit, number));
    if lowest == highest { median } else { format!("{median} ({lowest} to {highest})") }
}

fn ratio_with_spread(target: Target, ratio: &Samples) -> String {
    let faster = if matches!(target, Target::TimesFaster(_)) { " × faster" } else { "" };
    let [median, lowest, highest] =
        [ratio.median(), ratio.lowest(), ratio.highest()].map(|number| format!("{}", Digits(number)));
    if lowest == highest { format!("{median}{faster}") } else { format!("{median}{faster} ({lowest} to {highest})") }
}

/// As a bound is shown. The bound that holds is the exact one.
fn in_hundredths(bound: f64) -> f64 {
    (bound * 100.0).round() / 100.0
}

/// A number with its unit.
pub(crate) fn written(unit: Unit, number: f64) -> String {
    match unit {
        Unit::Seconds => scaled(number, &[(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s")]),
        Unit::Bytes => scaled(number, &[(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB")]),
        Unit::Count("") => Digits(number).to_string(),
        Unit::Count(kind) => format!("{} {kind}", Digits(number)),
        Unit::PerSecond(kind) => format!("{} {kind}/s", Digits(number)),
    }
}

/// In the largest of these units that it fills.
fn scaled(number: f64, units: &[(f64, &str)]) -> String {
    let fitting = units.iter().rev().find(|(size, _)| number.abs() >= *size).or(units.first());
    let (size, name) = fitting.copied().unwrap_or((1.0, ""));
    format!("{} {name}", Digits(number / size))
}

/// Three significant digits, or a whole number with its thousands apart.
struct Digits(f64);

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number) = *self;
        if number.is_nan() {
            return f.write_str("nothing measured");
        }
        if number.fract() == 0.0 && number.abs() < 1_000.0 {
            return write!(f, "{number}");
        }
        match number.abs() {
            size if size >= 1_000.0 => f.write_str(&thousands(number)),
            size if size >= 100.0 => write!(f, "{number:.0}"),
            size if size >= 10.0 => write!(f, "{number:.1}"),
            _ => write!(f, "{number:.2}"),
        }
    }
}

fn thousands(number: f64) -> String {
    let plain = format!("{number:.0}");
    let mut apart = String::new();
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) && !apart.ends_with('-') {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(Samples::new([3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(Samples::new([4.0, 1.0, 2.0, 3.0]).median(), 2.5);
        assert!(Samples::new([]).median().is_nan());
    }

    #[test]
    fn numbers_are_written_with_the_unit_that_fits() {
        assert_eq!(written(Unit::Seconds, 0.000_045_67), "45.7 µs");
        assert_eq!(written(Unit::Seconds, 12.0), "12 s");
        assert_eq!(written(Unit::Seconds, 0.3e-9), "0.30 ns");
        assert_eq!(written(Unit::Bytes, 15_400.0), "15.4 kB");
        assert_eq!(written(Unit::Count("instructions"), 1_234_567.0), "1,234,567 instructions");
        assert_eq!(written(Unit::PerSecond("calls"), 812.0), "812 calls/s");
    }

    #[test]
    fn a_ratio_is_that_of_each_run() {
        let pairs = Pairs::new(vec![(1.0, 2.0), (10.0, 10.0), (3.0, 2.0)]);
        let row = Row::compared("x", Unit::Seconds, &pairs, "y", Target::AtMost(1.05));
        let [_, _, _, ratio, target, met, runs] = row.cells();
        assert_eq!(
            (ratio.as_str(), target.as_str(), met.as_str(), runs.as_str()),
            ("1 (0.50 to 1.50)", "≤ 1.05", "met", "3")
        );
        let faster = Row::compared("x", Unit::Seconds, &pairs, "y", Target::TimesFaster(3.0));
        assert_eq!((faster.is_met(), faster.cells()[3].as_str()), (Some(false), "1 × faster (0.67 to 2)"));
        let inverse = Row::compared("x", Unit::Seconds, &pairs, "y", Target::AtMost(1.0 / 0.85));
        assert_eq!(inverse.cells()[4], "≤ 1.18");
    }

    #[test]
    fn what_was_not_measured_meets_no_target() {
        let nothing = Row::compared("x", Unit::Seconds, &Pairs::default(), "y", Target::AtMost(1.0));
        assert_eq!(nothing.is_met(), Some(false));
        let alone = Row::alone("x", Unit::Seconds, Samples::new([0.9e-6]), Target::Below(1e-6));
        assert_eq!(alone.is_met(), Some(true));
    }

    #[test]
    fn what_is_left_out_says_why_and_misses_nothing() {
        let row = Row::left_out("x", "there is no valgrind");
        assert_eq!(row.cells(), ["x", "left out: there is no valgrind", "–", "–", "–", "–", "–"]);
        assert_eq!(row.is_met(), None);
    }
}
