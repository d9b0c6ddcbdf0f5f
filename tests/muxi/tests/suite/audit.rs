//! The audit log.

use muxi_sdk::ErrorKind;
use muxi_tests::world;

#[tokio::test]
async fn it_is_cleared_and_says_so() {
    let world = world().await;
    let audit = || world.formation.audit();
    audit().clear().await.unwrap();
    let entries = audit().list().limit(5).action("audit.cleared").since("2020-01-01T00:00:00Z".parse().unwrap()).await;
    let entry = &entries.unwrap()[0];
    assert_eq!((entry.user.as_deref(), entry.result.as_deref()), (Some("admin"), Some("success")));
    assert!(entry.time.is_some() && entry.request_id.is_some() && entry.malformed.is_empty());
    assert!(entry.data.contains_key("previous_entries_count"));
    assert_eq!(audit().list().resource_type("secret").await.unwrap(), []);
    assert_eq!(audit().clear().await.unwrap(), Some(1));

    let error = audit().list().resource_type("x").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("INVALID_PARAMS")));
    for limit in [0, 1001] {
        assert_eq!(audit().list().limit(limit).await.unwrap_err().attempts(), 0);
    }
}
