//! Runs.

use futures::StreamExt;
use m8tes_sdk::runs::{Answers, ArchivedRuns, Decision, QuestionRequest, RunOrder, ToolRequest};
use m8tes_sdk::{Client, RunEvent, RunStream};
use serde_json::{Map, Value, json};

use super::given::{id, number, text};
use super::{Failed, Given, Returned, Sent, json_of, list, no_method, run, say, scoped, thing};

/// Reads a stream to its end. Where a failure is to be raised, it is the error of it.
pub(super) async fn drain(mut stream: RunStream, raise_on_error: bool) -> Sent {
    let mut types: Vec<Value> = Vec::new();
    while let Some(event) = stream.next().await.transpose()? {
        types.push(match event.kind {
            RunEvent::TextDelta(_) => "text-delta".into(),
            RunEvent::Done(_) => "done".into(),
            _ => event.raw.get("type").cloned().unwrap_or_default(),
        });
    }
    let value = json!({"events": types, "text": stream.text(), "run_id": stream.run_id()});
    if raise_on_error {
        stream.finish().await?;
    }
    Ok(Returned { class: None, value })
}

/// Says of a request how it is waited, and who decides.
macro_rules! waits {
    ($given:ident, $request:ident, $interval:literal) => {
        $crate::official::say!($given, $request: time interval = $interval, time timeout);
        if let Some(decision) = $given.take("on_approval") {
            let decide = $crate::official::runs::decision(&decision);
            $request = $request.on_approval(move |tool| std::future::ready(decide(&tool)));
        }
        if let Some(answers) = $given.take("on_question") {
            let answer = $crate::official::runs::answers_to(answers);
            $request = $request.on_question(move |question| std::future::ready(answer(&question)));
        }
    };
}
pub(super) use waits;

pub(super) fn decision(decision: &Value) -> fn(&ToolRequest) -> Decision {
    if decision == "allow" { ToolRequest::allow } else { ToolRequest::deny }
}

pub(super) fn answers_to(given: Value) -> impl Fn(&QuestionRequest) -> Answers {
    move |question| answers(&given).request_id(&question.request_id)
}

fn answers(given: &Value) -> Answers {
    let given = given.as_object().unwrap().iter();
    given.fold(Answers::default(), |answers, (question, answer)| answers.and(question, answer.as_str().unwrap()))
}

/// The files that go with a message. Ours is told what each is; the official client knows some by their names.
fn files(given: &mut Given) -> Vec<(String, String, String)> {
    let files = given.take("files").unwrap_or_default();
    let file = |file: &Value| {
        let [name, content, kind] = [0, 1, 2].map(|place| file[place].as_str().map(str::to_owned));
        let name = name.unwrap();
        let known = match name.rsplit_once('.') {
            Some((_, "csv")) => "text/csv",
            Some((_, "txt")) => "text/plain",
            _ => "application/octet-stream",
        };
        (name, content.unwrap(), kind.unwrap_or_else(|| known.to_owned()))
    };
    files.as_array().into_iter().flatten().map(file).collect()
}

/// What is said of any turn.
macro_rules! turn {
    ($given:ident, $request:ident) => {
        say!($given, $request: texts tools, choice permission_mode, flag task_setup_tools, flag feedback,
            flag human_in_the_loop, text skill, text idempotency_key);
        for (name, content, kind) in files(&mut $given) {
            $request = $request.file(name, content, kind);
        }
    };
}

/// What is said of the first turn of a run.
macro_rules! first_turn {
    ($given:ident, $request:ident) => {
        turn!($given, $request);
        say!($given, $request: id teammate = "agent_id", id teammate = "teammate_id", text name, text instructions,
            text user = "user_id", object metadata, flag memory, flag history, text model, text effort,
            flag email_inbox, flag email_notifications, object output_schema, number max_turns);
    };
}

pub(super) async fn make(client: &Client, method: &str, mut given: Given, pages: bool) -> Sent {
    let streams = given.take("stream") != Some(Value::Bool(false));
    let raise_on_error = given.is("raise_on_error");
    match method {
        "create" | "stream_text" | "create_and_wait" => begin(client, method, given, streams, raise_on_error).await,
        "reply" | "reply_and_wait" => reply(client, method, given, streams, raise_on_error).await,
        "list" => find(client, given, pages).await,
        "poll" | "wait" => {
            // Nobody is named where it is waited; the client is for somebody.
            let user = given.take("user_id").map(|user| text(&user)).transpose()?;
            let client = user.map_or_else(|| client.clone(), |user| client.for_user(user));
            let runs = client.runs();
            let id = given.id("run_id")?;
            let mut request = if method == "poll" { runs.poll(id) } else { runs.wait(id) };
            waits!(given, request, "interval");
            if let Some(queued) = given.take("await_queued_message_id") {
                request = request.queued_message(super::given::id(&queued)?);
            }
            given.is_used_up()?;
            let over = request.await?;
            run(&if raise_on_error { over.into_result()? } else { over })
        }
        _ => with_one(client, method, given).await,
    }
}

async fn begin(client: &Client, method: &str, mut given: Given, streams: bool, raise_on_error: bool) -> Sent {
    let message = given.text("message")?;
    let runs = client.runs();
    if method == "create_and_wait" {
        let mut request = runs.create_and_wait(message);
        first_turn!(given, request);
        waits!(given, request, "poll_interval");
        given.is_used_up()?;
        return run(&request.await?);
    }
    if streams {
        let mut request = runs.stream(message).rejoins(0);
        first_turn!(given, request);
        given.is_used_up()?;
        return drain(request.await?, raise_on_error).await;
    }
    let mut request = runs.create(message);
    first_turn!(given, request);
    given.is_used_up()?;
    run(&request.await?)
}

async fn reply(client: &Client, method: &str, mut given: Given, streams: bool, raise_on_error: bool) -> Sent {
    let (id, message) = (given.id("run_id")?, given.text("message")?);
    let runs = client.runs();
    if method == "reply_and_wait" {
        let mut request = runs.reply_and_wait(id, message);
        turn!(given, request);
        waits!(given, request, "poll_interval");
        given.is_used_up()?;
        return run(&request.await?);
    }
    if streams {
        let mut request = runs.reply_stream(id, message).rejoins(0);
        turn!(given, request);
        say!(given, request: flag reset_auto_recovery);
        given.is_used_up()?;
        return drain(request.await?, raise_on_error).await;
    }
    let mut request = runs.reply(id, message);
    turn!(given, request);
    say!(given, request: flag reset_auto_recovery);
    given.is_used_up()?;
    run(&request.await?)
}

async fn find(client: &Client, mut given: Given, pages: bool) -> Sent {
    let mut request = client.runs().list();
    say!(given, request: id teammate = "teammate_id", id task = "task_id", text user = "user_id", choice status);
    if let Some(sort) = given.take("sort") {
        request = request.order(if sort == "priority" { RunOrder::Priority } else { RunOrder::Created });
    }
    if let Some(archived) = given.take("archived") {
        request = request.archived(match archived.as_str() {
            Some("only") => ArchivedRuns::Only,
            Some("include") => ArchivedRuns::Include,
            _ => ArchivedRuns::Exclude,
        });
    }
    if given.is("exclude_platform_runs") {
        request = request.exclude_platform_runs(true);
    }
    if given.is("include_end_user_runs") {
        request = request.include_end_user_runs(true);
    }
    if given.take("fields").is_some_and(|fields| fields == "summary") {
        request = request.summary(true);
    }
    list!(given, request, pages, json_of)
}

/// What is made with one run.
async fn with_one(client: &Client, method: &str, mut given: Given) -> Sent {
    let runs = client.runs();
    let run_id = given.id("run_id")?;
    let shown = match method {
        "get" => return scoped!(given, runs.get(run_id)).map(|shown| Returned { class: Some("Run"), ..shown }),
        "cancel" => return scoped!(given, runs.cancel(run_id)).map(|shown| Returned { class: Some("Run"), ..shown }),
        "retry" => {
            let mut request = runs.retry(run_id);
            request = if given.is("confirm") { request.confirm() } else { request };
            request = if given.is("use_credits") { request.use_credits() } else { request };
            run(&request.await?)
        }
        "stream" => drain(runs.join(run_id).rejoins(0).await?, false).await,
        "outcome" => thing(&runs.outcome(run_id).await?),
        "permissions" => thing(&runs.permissions(run_id).await?),
        "list_files" => thing(&runs.list_files(run_id).await?),
        "download_file" => {
            let file = runs.download_file(run_id, given.text("filename")?).await?;
            thing(&String::from_utf8_lossy(&file))
        }
        "messages" => {
            let mut request = runs.messages(run_id);
            if let Some(after) = given.take("after_sequence") {
                request = request.after(id(&after)?);
            }
            if let Some(before) = given.take("before_sequence") {
                request = request.before(id(&before)?);
            }
            if let Some(limit) = given.take("limit") {
                request = request.limit(number(&limit)?);
            }
            request = if given.is("tail") { request.tail() } else { request };
            request = if given.is("include_trace") { request.include_trace() } else { request };
            thing(&request.await?)
        }
        "approve" => thing(&runs.approve(run_id, decided(&mut given)?).await?),
        "answer" => {
            let answers = answers(&given.next("answers").unwrap_or_else(|| Map::new().into()));
            let answers = match given.take("request_id") {
                Some(request) => answers.request_id(text(&request)?),
                None => answers,
            };
            thing(&runs.answer(run_id, answers).await?)
        }
        "update_permission_mode" => {
            let mode = given.text("permission_mode")?;
            Ok(Returned { class: None, value: json!(runs.update_permission_mode(run_id, mode.into()).await?) })
        }
        other => return Err(no_method(other)),
    };
    given.is_used_up()?;
    shown
}

fn decided(given: &mut Given) -> Result<Decision, Failed> {
    let request = given.text("request_id")?;
    let is_denied = given.take("decision").is_some_and(|decision| decision == "deny");
    let mut decision = if is_denied { Decision::deny(request) } else { Decision::allow(request) };
    say!(given, decision: flag remember, text reason);
    Ok(decision)
}
