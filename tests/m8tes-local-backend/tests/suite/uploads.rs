//! Files that come with what is asked for.

use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Answer, Api, frames};

/// A backend whose runs say what they were given.
async fn listing() -> LocalBackend {
    let backend = LocalBackend::builder().on_run(|run: Run| async move {
        for file in run.attachments() {
            run.text(format!("{} {} {:?};", file.name, file.content_type, file.bytes));
        }
        match run.message() {
            "fail" if run.retry_of().is_none() => Err(RunFailure::new("it was asked to")),
            "wait" => std::future::pending().await,
            _ => Ok(()),
        }
    });
    backend.start().await.unwrap()
}

/// A form of several parts, as it is sent.
struct Form(Vec<u8>);

impl Form {
    /// Of this JSON, and of files to come.
    fn of(payload: &str) -> Self {
        Self(Vec::new()).part("form-data; name=\"payload\"", None, payload.as_bytes())
    }

    fn part(mut self, disposition: &str, kind: Option<&str>, bytes: &[u8]) -> Self {
        let kind = kind.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
        let head = format!("--boundary\r\nContent-Disposition: {disposition}\r\n{kind}\r\n");
        self.0 = [&self.0, head.as_bytes(), bytes, b"\r\n"].concat();
        self
    }

    fn file(self, name: &str, kind: &str, bytes: &[u8]) -> Self {
        self.part(&format!("form-data; name=\"files\"; filename=\"{name}\""), Some(kind), bytes)
    }
}

fn form(message: &str, stream: bool) -> Form {
    Form::of(&json!({ "message": message, "stream": stream }).to_string())
}

async fn posted(api: &Api, path: &str, key: Option<&str>, form: Form) -> Answer {
    let request = api.request(Method::POST, path).header("content-type", "multipart/form-data; boundary=boundary");
    let request = request.body([&form.0, &b"--boundary--\r\n"[..]].concat());
    Answer::to(match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    })
    .await
}

#[tokio::test]
async fn a_script_sees_the_files_of_its_turn() {
    let backend = listing().await;
    let api = Api::of(&backend);
    let two = form("go", false).file("a.csv", "text/csv", b"a,b\r\n");
    let two = two.file("ä %221%22.bin", "application/octet-stream", &[0, 255]);
    posted(&api, "/runs/with-files", None, two).await.good(StatusCode::OK);
    let expected = "a.csv text/csv [97, 44, 98, 13, 10];ä \"1\".bin application/octet-stream [0, 255];";
    assert_eq!(api.ended(1).await["output"], expected);
    assert_eq!(api.get("/runs/1/files").await.good(StatusCode::OK), json!([]));

    let reply = form("more", true).file("b", "text/plain", b"");
    let told = frames(&posted(&api, "/runs/1/reply/with-files", None, reply).await.text);
    assert_eq!(told[2]["delta"], "b text/plain [];");
    let without = api.post("/runs/1/reply", json!({ "message": "more", "stream": false })).await;
    without.good(StatusCode::OK);
    assert_eq!(api.ended(1).await["output"], "");
}

#[tokio::test]
async fn a_run_that_goes_on_takes_no_files() {
    let backend = listing().await;
    let api = Api::of(&backend);
    api.post("/runs/", json!({ "message": "wait", "stream": false })).await.good(StatusCode::OK);
    let reply = form("more", false).file("a", "text/plain", b"a");
    posted(&api, "/runs/1/reply/with-files", None, reply).await.refused(409, "conflict", None, "files");
}

#[tokio::test]
async fn what_is_done_again_has_its_files_again() {
    let backend = listing().await;
    let api = Api::of(&backend);
    let run = form("fail", false).file("a", "text/plain", b"a");
    posted(&api, "/runs/with-files", None, run).await.good(StatusCode::OK);
    api.ended(1).await;
    api.send(Method::POST, "/runs/1/retry", None).await.good(StatusCode::OK);
    assert_eq!(api.ended(2).await["output"], "a text/plain [97];");
}

#[tokio::test]
async fn a_key_is_of_the_files_too() {
    let backend = listing().await;
    let api = Api::of(&backend);
    let send = |bytes: &'static [u8]| {
        let form = form("go", true).file("a", "text/plain", bytes);
        posted(&api, "/runs/with-files", Some("k"), form)
    };
    assert_eq!(send(b"a").await.header("idempotent-replay"), None);
    let again = send(b"a").await;
    assert_eq!((again.header("idempotent-replay"), again.json()["id"].as_i64()), (Some("true"), Some(1)));
    send(b"b").await.refused(409, "conflict", Some("idempotency_key_reuse"), "");
}

#[tokio::test]
async fn what_a_form_lacks_is_refused() {
    let backend = listing().await;
    let api = Api::of(&backend);
    let (file, more) = ("form-data; name=\"files\"; filename=\"a\"", "form-data; name=\"more\"");
    for (form, problem) in [
        (form("go", false).part(file, None, b"a"), "body.files.0.content-type: Field required"),
        (form("go", false), "body.files: Field required"),
        (Form(Vec::new()).file("a", "text/plain", b"a"), "body.payload: Field required"),
        (form("go", false).file("a", "text/plain", b"a").part(more, None, b""), "body.more: Extra inputs"),
        (Form::of("{").file("a", "text/plain", b"a"), "JSON decode error"),
        (Form::of("{}").file("a", "text/plain", b"a"), "body.message: Field required"),
    ] {
        let answer = posted(&api, "/runs/with-files", None, form).await;
        answer.refused(422, "validation_error", None, problem);
    }
    let json = api.post("/runs/with-files", json!({ "message": "go", "stream": false })).await;
    json.refused(422, "validation_error", None, "body.payload");
    assert_eq!(api.get("/runs/").await.good(StatusCode::OK)["data"], Value::from(Vec::<Value>::new()));
    let nobody = Api::at(&backend.base_url(), None);
    posted(&nobody, "/runs/with-files", None, form("go", false)).await.refused(401, "authentication_error", None, "");
}
