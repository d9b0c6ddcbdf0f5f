//! The codes that m8tes is known to have for what went wrong: see [`Error::code`](crate::Error::code) and
//! [`Run::error_code`](crate::Run::error_code). There may be others at any time.
//!
//! ```no_run
//! # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
//! use m8tes_sdk::codes;
//!
//! match client.runs().create("quarterly report").await {
//!     Err(error) if error.code() == Some(codes::RUN_LIMIT_REACHED) => println!("no more runs in this period"),
//!     run => println!("{}", run?.id),
//! }
//! # Ok(())
//! # }
//! ```

/// 422: the query holds what m8tes does not know.
pub const UNKNOWN_QUERY_PARAMETER: &str = "unknown_query_parameter";

/// 409: the idempotency key was used before, for another request.
pub const IDEMPOTENCY_KEY_REUSE: &str = "idempotency_key_reuse";

/// What was started before with the same idempotency key is over, so there is nothing to stream. Told by this SDK.
pub const IDEMPOTENT_REPLAY_TERMINAL: &str = "idempotent_replay_terminal";

/// The reply that was waited for was taken out of its queue. Told by this SDK.
pub const QUEUED_MESSAGE_CANCELLED: &str = "queued_message_cancelled";

/// 409: to try again may do once more what was done: see [`RetryRun::confirm`](crate::runs::RetryRun::confirm).
pub const RETRY_NEEDS_CONFIRMATION: &str = "retry_needs_confirmation";

/// 409: the run is over.
pub const RUN_NOT_ACTIVE: &str = "run_not_active";

/// 404: the run needs the decision no more.
pub const GATE_CANCELLED: &str = "gate_cancelled";

/// 404: somebody has decided otherwise, so what was decided now is not done.
pub const GATE_RESOLVED_OTHERWISE: &str = "gate_resolved_otherwise";

/// 404: the run has not asked that.
pub const GATE_NOT_FOUND: &str = "gate_not_found";

/// 409: m8tes has answered the question by itself.
pub const AUTO_CONTINUED: &str = "auto_continued";

/// 400: something was said that the template says already.
pub const FROM_TEMPLATE_CONFLICT: &str = "from_template_conflict";

/// The plan has no more runs in this period.
pub const RUN_LIMIT_REACHED: &str = "RUN_LIMIT_REACHED";

/// The time for trying m8tes out is over.
pub const TRIAL_EXPIRED: &str = "TRIAL_EXPIRED";

/// What may be spent beyond the plan is spent.
pub const OVERAGE_CAP_REACHED: &str = "OVERAGE_CAP_REACHED";

/// The balance of tokens is used up.
pub const TOKEN_BALANCE_DEPLETED: &str = "TOKEN_BALANCE_DEPLETED";

/// The plan does not have this model.
pub const STARTER_LANE_MODEL_REQUIRED: &str = "STARTER_LANE_MODEL_REQUIRED";

/// The account's address has to be verified first: see
/// [`resend_verification`](crate::account::Account::resend_verification).
pub const EMAIL_VERIFICATION_REQUIRED: &str = "EMAIL_VERIFICATION_REQUIRED";

/// 429: as many runs are under way as may be.
pub const SANDBOX_CONCURRENCY_LIMIT: &str = "SANDBOX_CONCURRENCY_LIMIT";
