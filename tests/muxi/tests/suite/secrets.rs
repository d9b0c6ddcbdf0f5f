//! Secrets.

use muxi_sdk::{ErrorKind, SecretName};
use muxi_tests::world;

#[tokio::test]
async fn a_secret_is_set_whether_it_is_there_or_not() {
    let world = world().await;
    let secrets = world.formation.secrets();
    let name = SecretName::from("suite-own key");
    assert_eq!(secrets.get(&name).await.unwrap(), None);
    secrets.set(&name, "sk-abcdefgh12345678").await.unwrap();
    let first = secrets.get(&name).await.unwrap().expect("it was made");
    assert!(first.contains('•') && !first.contains("abcdefgh"), "{first}");
    secrets.set(&name, "another value that is long").await.unwrap();
    assert_ne!(secrets.get(&name).await.unwrap(), Some(first));
    assert!(secrets.list().await.unwrap().contains_key(&SecretName::from("SUITE_OWN_KEY")));
    secrets.delete(&name).await.unwrap();
    let error = secrets.delete(&name).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("SECRET_NOT_FOUND")));
}

#[tokio::test]
async fn one_that_is_referred_to_stays() {
    let world = world().await;
    let error = world.formation.secrets().delete("OPENAI_API_KEY").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("SECRET_IN_USE")));
}

#[tokio::test]
async fn they_are_read_anew() {
    let world = world().await;
    let reloaded = world.formation.secrets().reload().await.unwrap();
    assert!(reloaded.added.is_empty() && reloaded.count >= Some(4), "{reloaded:?}");
}
