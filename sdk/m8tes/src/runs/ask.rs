//! What a run asks people, by its kind, and what it is decided with.

use std::collections::BTreeMap;
use std::ops::Deref;

use agent_platform_core::Malformed;
use m8tes_web_backend_client::types::{Answers as AnswersBody, Approval, ApprovalDecision};
use serde_json::{Map, Value};

use super::event::Gate;
use crate::model::{PermissionRequest, PermissionStatus};

/// The tool by which a question is asked.
const QUESTION: &str = "AskUserQuestion";

/// The header of the question that is a plan.
const PLAN: &str = "Plan Approval";

/// What a run asks people; from [`PermissionRequest::ask`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Ask {
    /// May this tool be used?
    Tool(ToolRequest),
    /// Which of these is it?
    Question(QuestionRequest),
    /// Is this plan right?
    Plan(PlanRequest),
}

/// A run asks whether a tool may be used. It can be read as the [`PermissionRequest`] that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolRequest(PermissionRequest);

/// A run asks a question, or several at once. It can be read as the [`PermissionRequest`] that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionRequest {
    request: PermissionRequest,
    questions: Vec<Question>,
}

/// A run asks whether a plan is right. It can be read as the [`QuestionRequest`] that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRequest(QuestionRequest);

/// One question of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// What is asked.
    pub question: String,
    /// The same in a word or two.
    pub header: Option<String>,
    /// What can be chosen from. An answer may be another text, too.
    pub options: Vec<QuestionOption>,
    /// Whether several of them may be chosen.
    pub multi_select: bool,
}

/// What can be chosen as an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuestionOption {
    /// What the answer is then.
    pub label: String,
    /// What that means.
    pub description: Option<String>,
}

/// Whether a tool may be used; from [`ToolRequest::allow`] and [`ToolRequest::deny`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is decided until it is sent, with Runs::resolve or from a handler"]
pub struct Decision {
    request_id: String,
    allow: bool,
    remember: bool,
    reason: Option<String>,
}

/// The answers to a run's questions; from [`QuestionRequest::answer`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "nothing is answered until it is sent, with Runs::resolve or from a handler"]
pub struct Answers {
    request_id: Option<String>,
    answers: BTreeMap<String, String>,
}

/// A decision or answers: what [`Runs::resolve`](super::Runs::resolve) takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Whether a tool may be used.
    Decision(Decision),
    /// What the answers to questions are.
    Answers(Answers),
}

impl PermissionRequest {
    /// What is asked, by its kind.
    ///
    /// ```no_run
    /// use m8tes_sdk::runs::Ask;
    ///
    /// # async fn example(client: m8tes_sdk::Client, id: m8tes_sdk::RunId) -> Result<(), m8tes_sdk::Error> {
    /// for request in client.runs().permissions(id).await?.iter().filter(|request| request.is_pending()) {
    ///     match request.ask() {
    ///         Ask::Tool(tool) => client.runs().resolve(id, tool.allow().remember(true)).await?,
    ///         Ask::Question(question) => client.runs().resolve(id, question.answer("Main")).await?,
    ///         Ask::Plan(plan) => client.runs().resolve(id, plan.approve()).await?,
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn ask(&self) -> Ask {
        if self.tool_name != QUESTION {
            return Ask::Tool(ToolRequest(self.clone()));
        }
        let asked = self.tool_input.get("questions").and_then(Value::as_array);
        let questions: Vec<Question> =
            asked.into_iter().flatten().filter_map(Value::as_object).map(Question::read).collect();
        let is_plan = questions.iter().any(|question| question.header.as_deref() == Some(PLAN));
        let question = QuestionRequest { request: self.clone(), questions };
        if is_plan { Ask::Plan(PlanRequest(question)) } else { Ask::Question(question) }
    }

    /// What a stream has told of one that waits.
    pub(crate) fn of_gate(gate: &Gate) -> Self {
        Self {
            request_id: gate.request_id.clone().unwrap_or_default(),
            tool_name: gate.tool_name.clone().unwrap_or_default(),
            tool_input: gate.tool_input.clone().unwrap_or_default(),
            status: PermissionStatus::Pending,
            created_at: None,
            resolved_at: None,
            tool_use_id: gate.tool_use_id.clone(),
            auto_resolved: false,
            resumed: None,
            remembered: None,
            display_name: None,
            extra: Map::new(),
            malformed: Malformed::default(),
        }
    }
}

impl Question {
    fn read(asked: &Map<String, Value>) -> Self {
        let text = |object: &Map<String, Value>, field: &str| Some(object.get(field)?.as_str()?.to_owned());
        let option = |option: &Value| match option {
            Value::String(label) => Some(QuestionOption { label: label.clone(), description: None }),
            Value::Object(option) => {
                Some(QuestionOption { label: text(option, "label")?, description: text(option, "description") })
            }
            _ => None,
        };
        let options = asked.get("options").and_then(Value::as_array);
        Self {
            question: text(asked, "question").unwrap_or_default(),
            header: text(asked, "header"),
            options: options.into_iter().flatten().filter_map(option).collect(),
            multi_select: asked.get("multiSelect").and_then(Value::as_bool).unwrap_or_default(),
        }
    }

    /// What the answer is told by: the question, or its header where it says nothing.
    fn key(&self) -> &str {
        if self.question.is_empty() { self.header.as_deref().unwrap_or_default() } else { &self.question }
    }
}

impl ToolRequest {
    /// Yes.
    pub fn allow(&self) -> Decision {
        Decision::allow(&self.0.request_id)
    }

    /// No.
    pub fn deny(&self) -> Decision {
        Decision::deny(&self.0.request_id)
    }
}

impl QuestionRequest {
    /// What is asked.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The answer to the first question, mostly the label of one of its options. [`Answers::and`] adds that to another.
    pub fn answer(&self, label: impl Into<String>) -> Answers {
        let key = self.questions.first().map(Question::key).unwrap_or_default();
        Answers::of(&self.request.request_id).and(key, label)
    }
}

impl PlanRequest {
    /// The plan, in words.
    pub fn plan(&self) -> &str {
        self.question().map(|question| question.question.as_str()).unwrap_or_default()
    }

    /// It is right: the run goes on as it says.
    pub fn approve(&self) -> Answers {
        self.revise("Approve")
    }

    /// It is not: what to do instead, in words or by the label of one of the options.
    pub fn revise(&self, instead: impl Into<String>) -> Answers {
        Answers::of(&self.request.request_id).and(self.question().map(Question::key).unwrap_or(PLAN), instead)
    }

    fn question(&self) -> Option<&Question> {
        self.questions.iter().find(|question| question.header.as_deref() == Some(PLAN))
    }
}

impl Decision {
    /// Yes to the request of this id, where no more than that is known of it.
    pub fn allow(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into(), allow: true, remember: false, reason: None }
    }

    /// No to the request of this id, where no more than that is known of it.
    pub fn deny(request_id: impl Into<String>) -> Self {
        Self { allow: false, ..Self::allow(request_id) }
    }

    /// Whether the tool may be used so from now on, without asking. Not unless set.
    pub fn remember(mut self, remember: bool) -> Self {
        self.remember = remember;
        self
    }

    /// Why, in words for the teammate.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The body of the request, or what is wrong with it.
    pub(super) fn body(self) -> Result<Approval, String> {
        if self.request_id.is_empty() {
            return Err("m8tes did not say which request it is; ask for it with Runs::permissions".to_owned());
        }
        let decision = if self.allow { ApprovalDecision::Allow } else { ApprovalDecision::Deny };
        Ok(Approval { decision, reason: self.reason, remember: self.remember, request_id: self.request_id })
    }
}

impl Answers {
    /// The answer to this question, by its text. It is that of the oldest request that waits, unless
    /// [`request_id`](Self::request_id) says which.
    pub fn new(question: impl Into<String>, label: impl Into<String>) -> Self {
        Self::default().and(question, label)
    }

    fn of(request_id: &str) -> Self {
        let request_id = (!request_id.is_empty()).then(|| request_id.to_owned());
        Self { request_id, answers: BTreeMap::new() }
    }

    /// Which request they answer.
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// Adds the answer to this question, by its text. Where several options are chosen, their labels with commas between
    /// them.
    pub fn and(mut self, question: impl Into<String>, label: impl Into<String>) -> Self {
        self.answers.insert(question.into(), label.into());
        self
    }

    /// The body of the request, or what is wrong with it.
    pub(super) fn body(self) -> Result<AnswersBody, String> {
        if self.answers.is_empty() || self.answers.keys().any(String::is_empty) {
            return Err("an answer has to name its question".to_owned());
        }
        Ok(AnswersBody { answers: self.answers, request_id: self.request_id })
    }
}

impl From<Decision> for Resolution {
    fn from(decision: Decision) -> Self {
        Self::Decision(decision)
    }
}

impl From<Answers> for Resolution {
    fn from(answers: Answers) -> Self {
        Self::Answers(answers)
    }
}

/// Has a request be read as what it is more generally.
macro_rules! reads_as {
    ($($request:ident as $whole:ty: $field:tt;)*) => {$(
        impl Deref for $request {
            type Target = $whole;

            fn deref(&self) -> &$whole {
                &self.$field
            }
        }
    )*};
}

reads_as! {
    ToolRequest as PermissionRequest: 0;
    QuestionRequest as PermissionRequest: request;
    PlanRequest as QuestionRequest: 0;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(tool: &str, input: Value) -> PermissionRequest {
        let Value::Object(tool_input) = input else { panic!("an object") };
        let gate = Gate {
            request_id: Some("req_1".to_owned()),
            tool_name: Some(tool.to_owned()),
            tool_input: Some(tool_input),
            tool_use_id: None,
        };
        PermissionRequest::of_gate(&gate)
    }

    #[test]
    fn a_tool_is_allowed_or_denied() {
        let Ask::Tool(tool) = request("gmail_send", json!({"to": "a"})).ask() else { panic!("a tool") };
        assert_eq!((tool.title(), tool.is_pending()), ("gmail_send", true));
        let body = |decision: Decision| serde_json::to_value(decision.body().unwrap()).unwrap();
        assert_eq!(body(tool.allow()), json!({"request_id": "req_1", "decision": "allow", "remember": false}));
        assert_eq!(
            body(tool.deny().remember(true).reason("no")),
            json!({"request_id": "req_1", "decision": "deny", "remember": true, "reason": "no"})
        );
        assert!(Decision::allow("").body().is_err());
    }

    #[test]
    fn a_question_is_answered_by_its_text() {
        let asked = json!({"questions": [
            {"question": "Which?", "header": "Branch", "options": [{"label": "Main", "description": "d"}, "Dev", 5]},
            {"question": "When?", "multiSelect": true},
            7,
        ]});
        let Ask::Question(question) = request("AskUserQuestion", asked).ask() else { panic!("a question") };
        let [which, when] = question.questions() else { panic!("{question:?}") };
        assert_eq!(which.options.iter().map(|option| option.label.as_str()).collect::<Vec<_>>(), ["Main", "Dev"]);
        assert_eq!((which.header.as_deref(), when.multi_select), (Some("Branch"), true));
        let body = question.answer("Main").and("When?", "now").body().unwrap();
        assert_eq!(
            serde_json::to_value(body).unwrap(),
            json!({"request_id": "req_1", "answers": {"Which?": "Main", "When?": "now"}})
        );
        let Ask::Question(odd) = request("AskUserQuestion", json!({"questions": 5})).ask() else { panic!("one") };
        assert!(odd.answer("Main").body().is_err());
        assert_eq!(Answers::new("Q?", "a").body().unwrap().request_id, None);
    }

    #[test]
    fn a_plan_is_approved_or_revised() {
        let asked = json!({"questions": [{"question": "1. look", "header": "Plan Approval", "options": []}]});
        let Ask::Plan(plan) = request("AskUserQuestion", asked).ask() else { panic!("a plan") };
        assert_eq!(plan.plan(), "1. look");
        assert_eq!(plan.approve(), Answers::new("1. look", "Approve").request_id("req_1"));
        assert_eq!(plan.revise("look twice"), Answers::new("1. look", "look twice").request_id("req_1"));
    }
}
