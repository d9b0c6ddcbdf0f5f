//! From a request to its answer.
//!
//! The order in which a request is refused is the real backend's: unknown route, unreadable body, unknown caller,
//! fields that are not as the contract says, and only then what the operation itself objects to.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    app::App,
    auth,
    contract::Operation,
    cors,
    error::{Answer, Failure},
    request::{Call, query_pairs, read_body},
    routes::{Handler, stream},
    routing::{Found, PathValues, decoded_path, find},
    validation,
};

/// Answers any request, of a browser as well.
pub(crate) async fn dispatch(State(app): State<Arc<App>>, request: Request) -> Response {
    cors::allow_all(request, async |request| route(&app, request).await).await
}

async fn route(app: &Arc<App>, request: Request) -> Response {
    if stream::is_handshake(request.headers()) {
        return stream::answer(app, request).await;
    }
    let (parts, body) = request.into_parts();
    match find(&app.contract, &parts.method, &decoded_path(&parts.uri)) {
        Found::Operation(operation, path) => match operation.handler {
            Some(handler) => answer(app, operation, handler, path, parts, body).await.into_response(),
            None => not_served(operation).into_response(),
        },
        Found::OtherMethods(methods) => {
            let refusal = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            ([(header::ALLOW, methods)], refusal).into_response()
        }
        Found::Redirect => redirect(&parts),
        Found::Nothing => Failure::not_found("Not Found").into_response(),
    }
}

async fn answer(
    app: &Arc<App>,
    operation: &Operation,
    handler: Handler,
    path: PathValues,
    parts: Parts,
    body: Body,
) -> Result<Answer, Failure> {
    let body = match operation.body {
        Some(_) => read_body(&parts.headers, body).await?,
        None => None,
    };
    let checked = validation::check(&app.contract, operation, &query_pairs(&parts.uri), body)
        .map(|checked| Call::new(path, checked))
        .map_err(|issues| Failure::unprocessable(&issues));

    match handler {
        Handler::Open(handle) => {
            let call = checked?;
            app.transact(|work| handle(work, &call))
        }
        Handler::Signed(handle) => {
            let user_id = auth::subject(&app.tokens, &parts.headers)?;
            app.transact(|work| {
                let caller = auth::caller(work.db, &user_id)?;
                handle(work, &caller, &checked?)
            })
        }
        Handler::Capable(capability, handle) => {
            let user_id = auth::subject(&app.tokens, &parts.headers)?;
            app.transact(|work| {
                let caller = auth::caller(work.db, &user_id)?;
                auth::require(&caller, capability)?;
                handle(work, &caller, &checked?)
            })
        }
        Handler::Waiting(handle) => {
            let user_id = auth::subject(&app.tokens, &parts.headers)?;
            handle(Arc::clone(app), user_id, checked).await
        }
    }
}

/// The answer of an operation that the real backend has and this one doesn't.
fn not_served(operation: &Operation) -> Failure {
    let Operation { method, template, .. } = operation;
    Failure::new(StatusCode::NOT_IMPLEMENTED, format!("The local backend does not serve {method} {template}"))
}

/// Sends the client to the path without its trailing slashes.
fn redirect(parts: &Parts) -> Response {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    match HeaderValue::try_from(format!("http://{host}{}", without_trailing_slash(&parts.uri))) {
        Ok(location) => {
            // Said to a HEAD as well, for which an empty body alone doesn't.
            let length = (header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location), length]).into_response()
        }
        Err(_) => Failure::not_found("Not Found").into_response(),
    }
}

fn without_trailing_slash(uri: &Uri) -> String {
    let path = uri.path().trim_end_matches('/');
    match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}
