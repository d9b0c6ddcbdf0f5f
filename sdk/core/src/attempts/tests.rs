//! The rules of retries, in virtual time: the loop is the one that every call runs.

use std::sync::Mutex;
use std::time::SystemTime;

use futures::future::join_all;
use http::{HeaderMap, header};
use proptest::prelude::*;

use super::*;
use crate::connector::BoxError;
use crate::failure::ErrorResponse;
use crate::retry::retry_after;

static REPEATABLE: Operation = Operation { repeatable: true, ..Operation::new("look", "GET", "/") };
static ONCE: Operation = Operation::new("act", "POST", "/");

/// The clock of tokio goes by milliseconds.
const TICK: Duration = Duration::from_millis(1);

/// How one attempt goes.
#[derive(Clone, Debug)]
enum Step {
    Succeed,
    /// An answer with this status, and this `Retry-After`.
    Status(u16, Option<String>),
    NoConnection,
    BreakOff,
    TooLarge,
    Malformed,
    Unsendable,
    /// Nothing comes.
    Hang,
    /// Takes so long, and then goes like another.
    After(Duration, Box<Step>),
}

impl Step {
    fn status(status: u16) -> Self {
        Self::Status(status, None)
    }

    fn asking(status: u16, pause: impl ToString) -> Self {
        Self::Status(status, Some(pause.to_string()))
    }

    async fn go(self) -> Result<(), Cause> {
        Err(match self {
            Self::Succeed => return Ok(()),
            Self::Status(status, asked) => {
                let mut headers = HeaderMap::new();
                headers.extend(asked.map(|asked| (header::RETRY_AFTER, asked.parse().unwrap())));
                Cause::Status(ErrorResponse {
                    status: StatusCode::from_u16(status).unwrap(),
                    retry_after: retry_after(&headers, SystemTime::now()),
                    location: None,
                    is_page: false,
                    body: None,
                })
            }
            Self::NoConnection => Cause::Connect(some_error()),
            Self::BreakOff => Cause::Interrupted(some_error()),
            Self::TooLarge => Cause::TooLarge { bound: 1 },
            Self::Malformed => Cause::Malformed { status: Some(StatusCode::OK), problem: "no".to_owned() },
            Self::Unsendable => Cause::Unsendable("no"),
            Self::Hang => std::future::pending().await,
            Self::After(time, step) => {
                tokio::time::sleep(time).await;
                return Box::pin(step.go()).await;
            }
        })
    }
}

/// What kind of error it is plays no role to the loop.
fn some_error() -> BoxError {
    "some error".into()
}

/// Attempts that go as written, the last step for all that come after.
struct Script {
    steps: Vec<Step>,
    can_be_copied: bool,
    /// How many attempts can be made ready.
    can_be_ready: usize,
    began: Mutex<Vec<Instant>>,
    ended: Mutex<Vec<Instant>>,
}

impl Script {
    fn new(steps: impl Into<Vec<Step>>) -> Self {
        Self {
            steps: steps.into(),
            can_be_copied: true,
            can_be_ready: usize::MAX,
            began: Mutex::default(),
            ended: Mutex::default(),
        }
    }

    fn made(&self) -> usize {
        self.began.lock().unwrap().len()
    }

    /// From the end of each attempt to the beginning of the next.
    fn pauses(&self) -> Vec<Duration> {
        let (began, ended) = (self.began.lock().unwrap(), self.ended.lock().unwrap());
        began.iter().skip(1).zip(ended.iter()).map(|(next, end)| *next - *end).collect()
    }
}

impl Attempt for Script {
    /// Whether it can be copied.
    type Request = bool;
    type Response = ();

    fn copy(request: &bool) -> Option<bool> {
        request.then_some(true)
    }

    fn make_ready(&self, _: &mut bool, _: &'static Operation) -> Result<(), Cause> {
        if self.made() < self.can_be_ready { Ok(()) } else { Err(Cause::Unsendable("not ready")) }
    }

    async fn attempt(
        &self,
        _: bool,
        _: &'static Operation,
        deadline: Deadline,
        _record: &mut Record,
    ) -> Result<(), Cause> {
        let number = self.made();
        self.began.lock().unwrap().push(Instant::now());
        let step = self.steps.get(number).or(self.steps.last()).unwrap().clone();
        let outcome = deadline.bound(step.go()).await;
        self.ended.lock().unwrap().push(Instant::now());
        outcome?
    }
}

/// What all calls of one backend share.
struct Rules {
    limits: TimeLimits,
    retry: RetryPolicy,
    rules: RetryRules,
    budget: RetryBudget,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            limits: TimeLimits::default(),
            retry: RetryPolicy::default(),
            rules: RetryRules::default(),
            budget: RetryBudget::new(),
        }
    }
}

impl Rules {
    fn attempts(&self, operation: &'static Operation) -> Attempts<'_> {
        Attempts {
            operation,
            may_be_repeated: operation.repeatable || operation.idempotency_key,
            limits: self.limits,
            retry: &self.retry,
            rules: &self.rules,
            budget: &self.budget,
        }
    }

    async fn call(&self, operation: &'static Operation, script: &Script) -> (Result<(), Cause>, Record) {
        let mut record = Record::default();
        let outcome = self.attempts(operation).run(script, script.can_be_copied, &mut record).await;
        // What could not be sent was no attempt.
        let uncounted = usize::from(matches!(outcome, Err(Cause::Unsendable("no"))));
        assert_eq!(record.attempts as usize + uncounted, script.made());
        (outcome, record)
    }
}

/// How many attempts are made where each goes like this.
async fn attempts_of(operation: &'static Operation, step: Step) -> usize {
    let script = Script::new([step]);
    let _ = Rules::default().call(operation, &script).await;
    script.made()
}

#[tokio::test(start_paused = true)]
async fn of_all_statuses_five_are_attempted_again_and_one_where_nothing_may_happen_twice() {
    for status in (300..1_000).chain(100..200) {
        let repeatable = if matches!(status, 408 | 429 | 502 | 503 | 504) { 3 } else { 1 };
        let once = if status == 429 { 3 } else { 1 };
        assert_eq!(attempts_of(&REPEATABLE, Step::status(status)).await, repeatable, "{status}");
        assert_eq!(attempts_of(&ONCE, Step::status(status)).await, once, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_all_failures_those_are_attempted_again_that_may_pass() {
    for (step, repeatable, once) in [
        (Step::Succeed, 1, 1),
        (Step::NoConnection, 3, 3),
        (Step::BreakOff, 3, 1),
        (Step::Hang, 3, 1),
        (Step::TooLarge, 1, 1),
        (Step::Malformed, 1, 1),
        (Step::Unsendable, 1, 1),
    ] {
        assert_eq!(attempts_of(&REPEATABLE, step.clone()).await, repeatable, "{step:?}");
        assert_eq!(attempts_of(&ONCE, step.clone()).await, once, "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_copied_is_sent_once() {
    let script = Script { can_be_copied: false, ..Script::new([Step::NoConnection]) };
    let (outcome, _) = Rules::default().call(&REPEATABLE, &script).await;
    assert!(matches!(outcome, Err(Cause::Connect(_))));
    assert_eq!(script.made(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_silent_backend_costs_three_limits_of_an_attempt_and_two_pauses() {
    let begun = Instant::now();
    let script = Script::new([Step::Hang]);
    let (outcome, record) = Rules::default().call(&REPEATABLE, &script).await;
    assert!(matches!(outcome, Err(Cause::TimedOut { limit: Limit::Attempt, after }) if after.as_secs() == 15));
    assert_eq!((record.attempts, record.may_have_acted), (3, true));
    let took = begun.elapsed().as_millis();
    assert!((45_600..=46_203).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn the_overall_limit_ends_the_last_attempt_to_the_millisecond() {
    let limits = TimeLimits { overall: Duration::from_secs(20), ..TimeLimits::default() };
    let rules = Rules { limits, ..Rules::default() };
    let begun = Instant::now();
    let script = Script::new([Step::Hang]);
    let (outcome, _) = rules.call(&REPEATABLE, &script).await;
    assert!(matches!(outcome, Err(Cause::TimedOut { limit: Limit::Overall, after }) if after.as_secs() == 20));
    assert_eq!((begun.elapsed(), script.made()), (Duration::from_secs(20), 2));
}

#[tokio::test(start_paused = true)]
async fn where_both_limits_end_together_it_is_the_attempts() {
    let second = Duration::from_secs(1);
    for (overall, expected) in
        [(second - TICK, Limit::Overall), (second, Limit::Attempt), (second + TICK, Limit::Attempt)]
    {
        let limits = TimeLimits { attempt: second, overall, ..TimeLimits::default() };
        let rules = Rules { limits, ..Rules::default() };
        let (outcome, _) = rules.call(&ONCE, &Script::new([Step::Hang])).await;
        assert!(matches!(outcome, Err(Cause::TimedOut { limit, .. }) if limit == expected), "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn limits_beyond_all_clocks_are_none() {
    let limits = TimeLimits { attempt: Duration::MAX, overall: Duration::MAX, ..TimeLimits::default() };
    let rules = Rules { limits, ..Rules::default() };
    let a_day = Duration::from_secs(24 * 3600);
    let script = Script::new([Step::asking(503, 3 * 24 * 3600), Step::After(a_day, Box::new(Step::Succeed))]);
    let begun = Instant::now();
    let (outcome, _) = rules.call(&REPEATABLE, &script).await;
    assert!(outcome.is_ok());
    assert!(begun.elapsed() >= 4 * a_day, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_pause_that_is_asked_for_is_kept_where_it_is_longer() {
    for (asked, least, most) in [
        ("0", 200, 400),
        ("1", 1_000, 1_000),
        ("30", 30_000, 30_000),
        ("-5", 200, 400),
        ("1.5", 1_500, 1_500),
        ("soon", 200, 400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 200, 400),
    ] {
        for status in [429, 503] {
            let script = Script::new([Step::asking(status, asked), Step::Succeed]);
            let (outcome, record) = Rules::default().call(&REPEATABLE, &script).await;
            assert!(outcome.is_ok() && record.attempts == 2, "{asked}");
            let pause = script.pauses()[0].as_millis();
            assert!((least..=most + 1).contains(&pause), "{asked}: {pause}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_in_the_future_is_waited_for() {
    // The date is of the wall clock, whole seconds, and read a moment later than it was made.
    let in_half_a_minute = jiff::Timestamp::try_from(SystemTime::now() + Duration::from_secs(30)).unwrap();
    let date = in_half_a_minute.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let script = Script::new([Step::asking(429, date), Step::Succeed]);
    Rules::default().call(&ONCE, &script).await.0.unwrap();
    let pause = script.pauses()[0];
    assert!(pause > Duration::from_secs(10) && pause <= Duration::from_secs(30) + TICK, "{pause:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ends_with_the_call_or_after_it_is_not_begun() {
    for asked in ["60", "61", "86400", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let begun = Instant::now();
        let script = Script::new([Step::asking(503, asked)]);
        let (outcome, _) = Rules::default().call(&REPEATABLE, &script).await;
        let Err(Cause::Status(response)) = outcome else { panic!("{asked}") };
        assert!(response.retry_after >= Some(Duration::from_secs(60)), "{asked}");
        assert_eq!((begun.elapsed(), script.made()), (Duration::ZERO, 1), "{asked}");
    }
    let script = Script::new([Step::asking(503, 59), Step::Succeed]);
    assert!(Rules::default().call(&REPEATABLE, &script).await.0.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_of_a_dead_backend_are_1109_attempts() {
    for step in [Step::NoConnection, Step::status(503), Step::status(429), Step::BreakOff] {
        let rules = Rules::default();
        let script = Script::new([step.clone()]);
        for _ in 0..1_000 {
            rules.attempts(&REPEATABLE).run(&script, true, &mut Record::default()).await.unwrap_err();
        }
        // The ten retries that were saved up, and one for each ten calls but the first, which found it full.
        assert_eq!(script.made(), 1_000 + 10 + 99, "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_at_once_are_no_more() {
    let rules = Rules { retry: RetryPolicy::default().max_attempts(u32::MAX), ..Rules::default() };
    let script = Script::new([Step::status(503)]);
    let attempts = rules.attempts(&REPEATABLE);
    let mut records: Vec<Record> = (0..1_000).map(|_| Record::default()).collect();
    let outcomes = join_all(records.iter_mut().map(|record| attempts.run(&script, true, record))).await;
    assert!(outcomes.iter().all(Result::is_err));
    assert!(script.made() <= 1_110, "{}", script.made());
}

#[tokio::test(start_paused = true)]
async fn calls_that_succeed_fill_the_budget_again() {
    let rules = Rules::default();
    let spent = async || {
        let before = Script::new([Step::status(503)]);
        for _ in 0..100 {
            rules.attempts(&REPEATABLE).run(&before, true, &mut Record::default()).await.unwrap_err();
        }
        before.made() - 100
    };
    assert_eq!(spent().await, 19);
    for _ in 0..200 {
        rules.call(&REPEATABLE, &Script::new([Step::Succeed])).await.0.unwrap();
    }
    assert_eq!(spent().await, 19, "the ten saved up again, and those of a hundred calls");
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_once_stays_so() {
    let script = Script::new([Step::BreakOff, Step::status(404)]);
    let (_, record) = Rules::default().call(&REPEATABLE, &script).await;
    assert!(record.may_have_acted);
    let script = Script::new([Step::NoConnection, Step::status(429), Step::status(404)]);
    let (_, record) = Rules::default().call(&ONCE, &script).await;
    assert!(!record.may_have_acted);
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_made_ready_is_no_attempt() {
    for (ready, may_have_acted) in [(0, false), (1, true)] {
        let script = Script { can_be_ready: ready, ..Script::new([Step::BreakOff]) };
        let (outcome, record) = Rules::default().call(&REPEATABLE, &script).await;
        assert!(matches!(outcome, Err(Cause::Unsendable("not ready"))));
        assert_eq!((script.made(), record.may_have_acted), (ready, may_have_acted));
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_sent_is_no_attempt() {
    for (steps, attempts) in [(vec![Step::Unsendable], 0), (vec![Step::NoConnection, Step::Unsendable], 1)] {
        let (outcome, record) = Rules::default().call(&REPEATABLE, &Script::new(steps)).await;
        assert!(matches!(outcome, Err(Cause::Unsendable("no"))));
        assert_eq!((record.attempts, record.may_have_acted), (attempts, false));
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let status = (prop::sample::select(vec![400, 404, 408, 409, 429, 500, 502, 503, 504]), any::<Option<u8>>())
        .prop_map(|(status, asked)| Step::Status(status, asked.map(|asked| asked.to_string())));
    let simple = prop_oneof![
        1 => Just(Step::Succeed),
        8 => status,
        4 => Just(Step::NoConnection),
        3 => Just(Step::BreakOff),
        1 => Just(Step::Malformed),
        2 => Just(Step::Hang),
    ];
    let slow = (0..20_000_u64, simple.clone())
        // Not at the same moment as a limit, where either may come first.
        .prop_map(|(millis, step)| Step::After(Duration::from_millis(2 * millis + 1), Box::new(step)));
    prop_oneof![3 => simple, 1 => slow]
}

/// The outcome that this step has in the end, whatever time it takes.
fn last(step: &Step) -> &Step {
    match step {
        Step::After(_, step) => last(step),
        step => step,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn every_call_keeps_to_its_rules(
        steps in prop::collection::vec(any_step(), 1..8),
        repeatable in any::<bool>(),
        max_attempts in 0..8_u32,
        base in 0..3_000_u64,
        max in 0..10_000_u64,
        attempt in 1..15_000_u64,
        overall in 1..120_000_u64,
    ) {
        let (base, max) = (Duration::from_millis(base), Duration::from_millis(max));
        let limits = TimeLimits {
            attempt: Duration::from_millis(2 * attempt),
            overall: Duration::from_millis(overall),
            ..TimeLimits::default()
        };
        let retry = RetryPolicy::default().max_attempts(max_attempts).base_delay(base).max_delay(max);
        let rules = Rules { limits, retry, ..Rules::default() };
        let operation = if repeatable { &REPEATABLE } else { &ONCE };
        let script = Script::new(steps.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (took, (outcome, record)) = runtime.block_on(async {
            let begun = Instant::now();
            let outcome = rules.call(operation, &script).await;
            (begun.elapsed(), outcome)
        });

        prop_assert!(record.attempts >= 1 && record.attempts <= max_attempts.max(1));
        prop_assert!(took <= limits.overall + TICK, "{took:?}");
        let made: Vec<&Step> = (0..script.made()).map(|number| steps.get(number).or(steps.last()).unwrap()).collect();
        let (_, before) = made.split_last().unwrap();
        for (number, (step, pause)) in before.iter().zip(script.pauses()).enumerate() {
            let own = base.saturating_mul(1 << number).min(max.max(base));
            let asked = match last(step) {
                Step::Status(_, Some(asked)) => Duration::from_secs(asked.parse().unwrap()),
                _ => Duration::ZERO,
            };
            // An attempt that timed out never came to what it would have brought.
            let timed_out = matches!(step, Step::After(time, _) if *time > limits.attempt);
            let is_safe = !timed_out && matches!(last(step), Step::NoConnection | Step::Status(429, _));
            prop_assert!(repeatable || is_safe, "again after {step:?}");
            let asked = if timed_out { Duration::ZERO } else { asked };
            prop_assert!(pause >= own.max(asked), "{pause:?} after {step:?}");
            prop_assert!(pause <= (own * 2).max(asked) + 2 * TICK, "{pause:?} after {step:?}");
        }
        if let Err(cause) = outcome {
            let ended_well = matches!(made.last().map(|step| last(step)), Some(Step::Succeed));
            let timed_out = matches!(cause, Cause::TimedOut { .. });
            prop_assert!(timed_out || !ended_well);
            let failure = record.into_failure(cause);
            let certain = made.iter().all(|step| {
                !matches!(step, Step::After(..))
                    && matches!(last(step), Step::NoConnection | Step::Status(400 | 404 | 409 | 429, _))
            });
            prop_assert!(!certain || !failure.may_have_acted);
        }
    }
}

#[test]
fn one_attempt_that_may_have_acted_is_enough() {
    let refused = || Cause::Connect("refused".into());
    let lost = || Cause::Interrupted("reset".into());
    for (earlier, last, expected) in
        [(false, refused(), false), (false, lost(), true), (true, refused(), true), (true, lost(), true)]
    {
        let record = Record { may_have_acted: earlier, ..Record::default() };
        assert_eq!(record.into_failure(last).may_have_acted, expected);
    }
}
