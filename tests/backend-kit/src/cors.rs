//! Browsers may call from anywhere, as they may the real backend.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};

/// Answers preflights, and allows every origin to read every answer of `answer`.
pub(crate) async fn allow_all(request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    let headers = request.headers();
    if !headers.contains_key(header::ORIGIN) {
        return answer(request).await;
    }
    let is_preflight =
        request.method() == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight { preflight(headers) } else { answer(request).await };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn preflight(asked: &HeaderMap) -> Response {
    let mut response = "OK".into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(wanted) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode};

    use super::*;

    #[tokio::test]
    async fn a_preflight_is_what_a_browser_asks_before_it_calls() {
        let (origin, asks) = ("origin", "access-control-request-method");
        let cases: [(Method, &[&str], StatusCode, bool); 5] = [
            (Method::OPTIONS, &[origin, asks], StatusCode::OK, true),
            (Method::OPTIONS, &[origin], StatusCode::NOT_FOUND, true),
            (Method::OPTIONS, &[asks], StatusCode::NOT_FOUND, false),
            (Method::POST, &[origin, asks], StatusCode::NOT_FOUND, true),
            (Method::POST, &[], StatusCode::NOT_FOUND, false),
        ];
        for (method, headers, status, is_allowed) in cases {
            let mut request = Request::builder().method(method.clone());
            for name in headers {
                request = request.header(*name, "x");
            }
            let request = request.body(Body::empty()).unwrap();
            let response = allow_all(request, async |_| StatusCode::NOT_FOUND.into_response()).await;
            let allowed = response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!((response.status(), allowed), (status, is_allowed), "{method} {headers:?}");
        }
    }
}
