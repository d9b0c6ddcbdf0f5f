//! Standard operating procedures.

use muxi_sdk::ErrorKind;
use muxi_tests::world;

#[tokio::test]
async fn sops_are_listed_and_got() {
    let world = world().await;
    let sops = world.formation.sops().list().await.unwrap();
    assert_eq!(sops.iter().map(|sop| sop.name.as_str()).collect::<Vec<_>>(), ["onboarding", "refund"]);
    assert_eq!((sops[0].steps, sops[1].steps, sops[0].content.as_ref()), (Some(3), None, None));
    assert_eq!(sops[0].agents.iter().map(|agent| agent.as_str()).collect::<Vec<_>>(), ["helper", "coder"]);
    let sop = world.formation.sops().get(&sops[0].name).await.unwrap();
    assert!(sop.content.unwrap().starts_with("1. Greet") && sop.references == ["file:terms.md"]);
    assert_eq!((sop.metadata["title"].as_str(), sop.kind.as_deref()), (sop.title.as_deref(), Some("template")));
    let error = world.formation.sops().get("none").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("SOP_NOT_FOUND")));
}
