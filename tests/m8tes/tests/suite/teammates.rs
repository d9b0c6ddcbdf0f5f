//! Teammates.

use futures::TryStreamExt;
use m8tes_local_backend::LocalBackend;
use m8tes_sdk::ErrorKind;
use m8tes_tests::local;

#[tokio::test]
async fn one_that_is_made_is_read_again() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let made = client.teammates().create().name("support bot").tools(["gmail", "slack"]).await.unwrap();
    assert_eq!((made.name.as_str(), &made.tools[..]), ("support bot", &["gmail".to_owned(), "slack".to_owned()][..]));
    let read = client.teammates().get(made.id).await.unwrap();
    assert_eq!(read, made);
}

#[tokio::test]
async fn without_a_name_it_is_given_one() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let made = client.teammates().create().await.unwrap();
    assert!(!made.name.is_empty());
}

#[tokio::test]
async fn what_the_backend_finds_wrong_is_told() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    let error = client.teammates().list().starting_after("x").await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.may_have_been_sent()), (ErrorKind::Rejected, Some(422), false));
    assert!(error.to_string().contains("query.starting_after"), "{error}");
    assert!(error.request_id().unwrap().starts_with("req_"), "{error:?}");
    let error = client.teammates().get(9).await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::NotFound, Some("Teammate not found")));
}

#[tokio::test]
async fn a_strict_account_says_what_to_do() {
    let (_backend, client) = local(LocalBackend::builder().require_user_id()).await;
    let error = client.teammates().create().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(error.to_string().contains("the account is strict"), "{error}");
    let made = client.teammates().create().user("cust_1").await.unwrap();
    assert_eq!(made.user_id.as_ref().map(ToString::to_string).as_deref(), Some("cust_1"));
}

#[tokio::test]
async fn all_pages_are_one_stream() {
    let (_backend, client) = local(LocalBackend::builder()).await;
    for number in 1..=5 {
        client.teammates().create().name(format!("bot {number}")).await.unwrap();
    }
    let page = client.teammates().list().limit(2).await.unwrap();
    assert_eq!((page.data.len(), page.has_more), (2, true));
    let all: Vec<_> = client.teammates().list().limit(2).into_stream().try_collect().await.unwrap();
    let names: Vec<_> = all.iter().map(|teammate| teammate.name.as_str()).collect();
    assert_eq!(names, ["bot 5", "bot 4", "bot 3", "bot 2", "bot 1"]);
}
