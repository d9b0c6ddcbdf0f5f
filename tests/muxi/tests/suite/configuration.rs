//! What the formation was declared with.

use muxi_tests::world;
use serde_json::json;

#[tokio::test]
async fn each_part_is_read() {
    let world = world().await;
    let configuration = world.formation.configuration();
    let formation = configuration.formation().await.unwrap();
    assert_eq!((&formation.fields["id"], &formation.fields["name"]), (&json!("echo-bot"), &json!("Echo Bot")));
    assert_eq!(configuration.overlord_soul().await.unwrap(), "You repeat what you hear.");
    for (block, field, value) in [
        (configuration.overlord().await, "caching", json!({"enabled": true, "ttl": 3600})),
        (configuration.memory().await, "working", json!({"max_memory_mb": 64, "fifo_interval_min": 5})),
        (configuration.background().await, "threshold_seconds", json!(30)),
        (configuration.a2a().await, "outbound", json!({"enabled": false})),
        (configuration.logging().await, "system", json!({"level": "info", "destination": "stdout"})),
        (configuration.llm().await, "api_keys", json!({"openai": "${{ secrets.OPENAI_API_KEY }}"})),
    ] {
        let block = block.unwrap();
        assert_eq!(block.fields[field], value);
        let shown = format!("{block:?}");
        assert!(shown.contains(field) && !shown.contains("secrets."), "{shown}");
    }
    let scheduler = configuration.scheduler().await.unwrap();
    assert_eq!((scheduler.is_enabled, scheduler.timezone.as_deref()), (Some(true), Some("Europe/Berlin")));
    assert_eq!((scheduler.check_interval_minutes, scheduler.max_concurrent_jobs), (Some(2.0), Some(10)));
    assert!(scheduler.extra.is_empty());
}

#[tokio::test]
async fn it_is_told_in_short() {
    let world = world().await;
    let summary = world.formation.configuration().summary().await.unwrap();
    assert_eq!((summary.formation_id.as_str(), summary.agents), ("echo-bot", Some(3)));
    assert!(summary.secrets.is_some_and(|secrets| secrets > 0), "{summary:?}");
    assert_eq!(summary.mcp_servers, Some(i64::try_from(world.formation.mcp().servers().await.unwrap().len()).unwrap()));
    let logging = world.formation.configuration().logging_destinations().await.unwrap();
    assert_eq!(logging.system_level.as_deref(), Some("info"));
    let destination = logging.conversation.first().unwrap();
    assert!(destination.transport.is_some() && destination.malformed.is_empty(), "{destination:?}");
    let mcp = world.formation.mcp().settings().await.unwrap();
    assert!(mcp.default_timeout_seconds.is_some() && mcp.max_tool_calls.is_some());
    assert_eq!(mcp.servers.len(), world.formation.mcp().servers().await.unwrap().len());
}
