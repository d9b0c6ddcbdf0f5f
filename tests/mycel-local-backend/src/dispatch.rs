//! From a checked request to its answer.
//!
//! The order in which a request is refused is the real backend's: unknown route, unreadable body, unknown caller,
//! fields that are not as the contract says, and only then what the operation itself objects to.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use local_backend_kit::{Backend, CheckedRequest, Document, Refusal};

use crate::{
    app::App,
    auth,
    error::Failure,
    routes::{Handler, stream},
};

impl Backend for App {
    type Handler = Handler;
    type Failure = Failure;

    fn document(&self) -> &Document<Handler> {
        &self.promised.document
    }

    async fn intercept(self: &Arc<Self>, request: Request) -> Result<Response, Request> {
        if stream::is_handshake(request.headers()) { Ok(stream::answer(self, request).await) } else { Err(request) }
    }

    async fn answer(
        self: &Arc<Self>,
        handler: Handler,
        request: Parts,
        call: Result<CheckedRequest, Refusal>,
    ) -> Result<Response, Failure> {
        let answer = match handler {
            Handler::Open(handle) => {
                let call = call?;
                self.transact(|work| handle(work, &call))
            }
            Handler::Signed(handle) => {
                let user_id = auth::subject(&self.tokens, &request.headers)?;
                self.transact(|work| {
                    let caller = auth::caller(work.db, &user_id)?;
                    handle(work, &caller, &call?)
                })
            }
            Handler::Capable(capability, handle) => {
                let user_id = auth::subject(&self.tokens, &request.headers)?;
                self.transact(|work| {
                    let caller = auth::caller(work.db, &user_id)?;
                    auth::require(&caller, capability)?;
                    handle(work, &caller, &call?)
                })
            }
            Handler::Waiting(handle) => {
                let user_id = auth::subject(&self.tokens, &request.headers)?;
                handle(Arc::clone(self), user_id, call.map_err(Failure::from)).await
            }
        };
        answer.map(IntoResponse::into_response)
    }
}
