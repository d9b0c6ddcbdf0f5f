//! The turns that there were, as they can be looked up.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{envelope::now, script::Asked};

/// How many are kept.
const CAPACITY: usize = 1000;

/// The turns, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<VecDeque<Known>>);

/// What is known of a turn.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) request: String,
    pub(crate) user: String,
    pub(crate) status: &'static str,
    begun: f64,
    ended: Option<f64>,
    /// What came of it: the field, and what is in it.
    outcome: Option<(&'static str, String)>,
    /// It has no permits, and is closed when the turn is cancelled.
    cancelled: Arc<Semaphore>,
}

impl Turns {
    fn known(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one, in the place of one that was called the same; what is closed when it is cancelled.
    pub(crate) fn begin(&self, asked: &Asked) -> Arc<Semaphore> {
        let cancelled = Arc::new(Semaphore::new(0));
        let mut known = self.known();
        known.retain(|turn| turn.request != asked.request);
        if known.len() == CAPACITY {
            known.pop_front();
        }
        known.push_back(Known {
            request: asked.request.clone(),
            user: asked.user.clone(),
            status: "processing",
            begun: now(),
            ended: None,
            outcome: None,
            cancelled: Arc::clone(&cancelled),
        });
        cancelled
    }

    /// Ends one with this status. One that was cancelled stays so.
    pub(crate) fn end(&self, request: &str, status: &'static str, outcome: Option<(&'static str, String)>) {
        if let Some(turn) = self.known().iter_mut().find(|turn| turn.request == request) {
            turn.ended = Some(now());
            if turn.status != "cancelled" {
                turn.status = status;
                turn.outcome = outcome;
            }
        }
    }

    /// Those of this user, or all there are.
    pub(crate) fn list(&self, user: Option<&str>) -> Vec<Value> {
        let known = self.known();
        known.iter().filter(|turn| user.is_none_or(|user| turn.user == user)).map(Known::shown).collect()
    }

    pub(crate) fn get(&self, request: &str) -> Option<Known> {
        self.known().iter().find(|turn| turn.request == request).cloned()
    }

    /// Cancels one, whatever it does.
    pub(crate) fn cancel(&self, request: &str) {
        if let Some(turn) = self.known().iter_mut().find(|turn| turn.request == request) {
            turn.status = "cancelled";
            turn.cancelled.close();
        }
    }
}

impl Known {
    /// As lists show it.
    fn shown(&self) -> Value {
        let mut shown = json!({
            "request_id": self.request, "user_id": self.user, "status": self.status, "progress": null,
            "created_at": self.begun,
        });
        if let (Some(shown), Some(ended)) = (shown.as_object_mut(), self.ended) {
            shown.insert("completed_at".to_owned(), json!(ended));
        }
        shown
    }

    /// With what came of it.
    pub(crate) fn in_full(&self) -> Value {
        let mut shown = self.shown();
        if let (Some(shown), Some((field, outcome))) = (shown.as_object_mut(), &self.outcome) {
            shown.insert((*field).to_owned(), json!(outcome));
        }
        shown
    }
}
