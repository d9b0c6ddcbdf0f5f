//! What becomes a header can't become two.

use agent_platform_core::{BaseUrl, Transport};

#[test]
fn a_user_agent_that_would_end_its_header_is_refused() {
    let base_url: BaseUrl = "http://127.0.0.1:1".parse().unwrap();
    for hostile in ["sdk\r\nauthorization: Bearer x", "sdk\nx: y", "sdk\rx", "sdk\0", "sdk\u{7f}"] {
        let error = Transport::builder().user_agent(hostile).build(&base_url).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the HTTP client could not be set up (failed to parse header value)",
            "{hostile:?}"
        );
    }
    Transport::builder().user_agent("mycel-sdk-rust/1.0 (codex; ☂)").build(&base_url).unwrap();
}
