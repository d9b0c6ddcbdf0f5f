//! From a request to its answer.
//!
//! The order in which a request is refused is FastAPI's: unknown route, unreadable body, and then what the platform
//! looks at itself, who asks first of all. What is wrong with the fields of the request is known by then, and told
//! when the platform asks for them.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    cors,
    document::{Document, Route},
    refusal::Refusal,
    request::{CheckedRequest, query_pairs, read_body, read_form},
    routing::{Found, PathValues, decoded_path, find, with_other_slash},
    validation,
};

/// What a platform's backend does with requests.
pub trait Backend: Send + Sync + 'static {
    /// What answers an operation.
    type Handler: Copy + Send + Sync + 'static;

    /// A request that is refused, in the words of the platform.
    type Failure: From<Refusal> + IntoResponse + Send;

    /// What it promises.
    fn document(&self) -> &Document<Self::Handler>;

    /// Answers what is no operation, such as the handshake of a WebSocket, and gives the rest back.
    fn intercept(self: &Arc<Self>, request: Request) -> impl Future<Output = Result<Response, Request>> + Send {
        async { Err(request) }
    }

    /// Answers an operation. `call` holds what was sent, or what is wrong with it.
    fn answer(
        self: &Arc<Self>,
        handler: Self::Handler,
        request: Parts,
        call: Result<CheckedRequest, Refusal>,
    ) -> impl Future<Output = Result<Response, Self::Failure>> + Send;
}

/// Answers any request, of a browser as well.
pub(crate) async fn dispatch<B: Backend>(State(backend): State<Arc<B>>, request: Request) -> Response {
    cors::allow_all(request, async |request| pass_on(&backend, request).await).await
}

/// Answers a request that another backend passes on, which has told a browser already what it may do.
pub async fn pass_on<B: Backend>(backend: &Arc<B>, request: Request) -> Response {
    match backend.intercept(request).await {
        Ok(response) => response,
        Err(request) => route(backend, request).await,
    }
}

async fn route<B: Backend>(backend: &Arc<B>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match find(backend.document(), &parts.method, &decoded_path(&parts.uri)) {
        Found::Route(route, path) => match answer(backend, route, path, parts, body).await {
            Ok(response) => response,
            Err(failure) => failure.into_response(),
        },
        Found::OtherMethods(methods) => refuse::<B>(Refusal::MethodNotAllowed(methods)),
        Found::OtherSlash => redirect(&parts).unwrap_or_else(|| refuse::<B>(Refusal::NotFound)),
        Found::Nothing => refuse::<B>(Refusal::NotFound),
    }
}

async fn answer<B: Backend>(
    backend: &Arc<B>,
    route: &Route<B::Handler>,
    path: PathValues,
    parts: Parts,
    body: Body,
) -> Result<Response, B::Failure> {
    let Some(handler) = route.handler else {
        let (method, template) = (route.method.clone(), route.template.clone());
        return Err(Refusal::NotServed { method, template }.into());
    };
    let read = match &route.body {
        // What is wrong with a form is wrong with its fields, which is told once the platform asks.
        Some(expected) if expected.is_form => match read_form(&parts.headers, body).await {
            Err(Refusal::Invalid(issues)) => {
                return backend.answer(handler, parts, Err(Refusal::Invalid(issues))).await;
            }
            read => read?,
        },
        Some(_) => (read_body(&parts.headers, body).await?, Vec::new()),
        None => (None, Vec::new()),
    };
    let (body, files) = read;
    let checked = validation::check(backend.document(), route, &path, &query_pairs(&parts.uri), body);
    let call = checked.map(|checked| CheckedRequest::new(path, checked, files)).map_err(Refusal::Invalid);
    backend.answer(handler, parts, call).await
}

fn refuse<B: Backend>(refusal: Refusal) -> Response {
    B::Failure::from(refusal).into_response()
}

/// Sends the client to the path without its trailing slashes, or with one.
fn redirect(parts: &Parts) -> Option<Response> {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let location = HeaderValue::try_from(format!("http://{host}{}", other_target(&parts.uri))).ok()?;
    // Said to a HEAD as well, for which an empty body alone doesn't.
    let length = (header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location), length]).into_response())
}

fn other_target(uri: &Uri) -> String {
    let path = with_other_slash(uri.path());
    match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}
