//! MCP servers and tools.

use muxi_sdk::ErrorKind;
use muxi_tests::world;

#[tokio::test]
async fn servers_and_tools_are_listed_and_no_token_is_shown() {
    let world = world().await;
    let servers = world.formation.mcp().servers().await.unwrap();
    assert_eq!(servers.iter().map(|server| server.id.as_str()).collect::<Vec<_>>(), ["web-search", "files"]);
    assert_eq!(
        (servers[0].timeout_seconds, servers[0].is_active, servers[1].is_active),
        (Some(30.0), None, Some(false))
    );
    assert_eq!(
        (servers[1].command.as_deref(), servers[1].args.join(" ")),
        (Some("mcp-files"), "--root /data".to_owned())
    );
    assert_eq!(servers[0].auth.as_ref().unwrap()["token"], "search-token-value-000");
    assert!(!format!("{servers:?}").contains("token"), "{servers:?}");

    let server = world.formation.mcp().server(&servers[0].id).await.unwrap();
    assert_eq!(server.auth.unwrap()["token"], "${{ secrets.SEARCH_TOKEN }}");
    let error = world.formation.mcp().server("none").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("MCP_SERVER_NOT_FOUND")));

    let tools = world.formation.mcp().tools().await.unwrap();
    let chat = tools.iter().find(|tool| tool.name == "chat").unwrap();
    assert!(chat.access.as_deref() == Some("client") && chat.parameters.contains_key("message"));
}
