//! Accounts: registering with an e-mail address, and logging in.

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend};
use mycel_sdk::{AccountSession, Client, ErrorKind, UserKind};
use mycel_tests::{World, expect_refused, fresh};

const PASSWORD: &str = "correct horse";

fn new_address() -> String {
    format!("{}@example.com", fresh("ada"))
}

/// Registers an address from the beginning to the end.
async fn register(client: &Client, email: &str) -> AccountSession {
    let auth = client.auth();
    auth.send_otp(email, PASSWORD, DEFAULT_INVITE_CODE).await.unwrap();
    let temp_token = auth.verify_otp(email, DEFAULT_ONE_TIME_CODE).await.unwrap();
    auth.complete_register(temp_token, DEFAULT_INVITE_CODE).await.unwrap()
}

#[tokio::test]
async fn a_registration_ends_with_an_account_that_is_no_guest() {
    let Some(world) = World::start_local("a_registration_ends_with_an_account_that_is_no_guest").await else { return };
    let email = new_address();
    let session = register(&world.client, &email).await;
    assert_eq!(session.user.email.as_deref(), Some(&*email));
    assert!(session.user.mycel_id.is_some());
    let agent = session.agent.unwrap();
    assert_eq!(agent.kind, UserKind::Agent);

    let ada = world.client.with_auth_token(session.token);
    let me = ada.me().whoami().await.unwrap();
    assert_eq!((&me.id, &me.name), (&session.user.id, &session.user.name));
    assert_eq!((me.kind, me.is_guest), (UserKind::Human, false));
    assert_eq!((me.email, me.mycel_id), (Some(email), session.user.mycel_id));
    let agents = ada.agents().list().await.unwrap();
    let names: Vec<_> = agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["Toad", "Morel"]);
    assert!(agents.iter().any(|listed| listed.id == agent.id));
    ada.users().create_external(fresh("codex"), "Codex").await.unwrap();
}

#[tokio::test]
async fn a_registration_can_be_completed_again() {
    let Some(world) = World::start_local("a_registration_can_be_completed_again").await else { return };
    let auth = world.client.auth();
    let email = new_address();
    auth.send_otp(&email, PASSWORD, DEFAULT_INVITE_CODE).await.unwrap();
    let temp_token = auth.verify_otp(&email, DEFAULT_ONE_TIME_CODE).await.unwrap();
    let first = auth.complete_register(&temp_token, DEFAULT_INVITE_CODE).await.unwrap();
    let second = auth.complete_register(&temp_token, DEFAULT_INVITE_CODE).await.unwrap();
    assert_eq!((&second.user, &second.agent), (&first.user, &first.agent));
    assert_eq!(first.token.expose_secret(), temp_token.expose_secret());
    let agents = world.client.with_auth_token(&second.token).agents().list().await.unwrap();
    assert_eq!(agents.len(), 2);
}

#[tokio::test]
async fn a_person_logs_in_by_address_and_by_number() {
    let Some(world) = World::start_local("a_person_logs_in_by_address_and_by_number").await else { return };
    let email = new_address();
    let registered = register(&world.client, &email).await;
    let number = registered.user.mycel_id.unwrap().to_string();
    for identifier in [email, number] {
        let session = world.client.auth().login(&identifier, PASSWORD).await.unwrap();
        assert_eq!((&session.user, &session.agent), (&registered.user, &registered.agent), "{identifier}");
        let me = world.client.with_auth_token(session.token).me().whoami().await.unwrap();
        assert_eq!((me.id, me.is_guest), (registered.user.id.clone(), false));
    }
}

#[tokio::test]
async fn a_login_that_is_wrong_says_so() {
    let Some(world) = World::start_local("a_login_that_is_wrong_says_so").await else { return };
    let auth = world.client.auth();
    let email = new_address();
    let number = register(&world.client, &email).await.user.mycel_id.unwrap().to_string();
    let half_way = new_address();
    auth.send_otp(&half_way, PASSWORD, DEFAULT_INVITE_CODE).await.unwrap();
    let unproven = auth.login(&half_way, PASSWORD).await.unwrap_err();
    auth.verify_otp(&half_way, DEFAULT_ONE_TIME_CODE).await.unwrap();

    for (error, detail) in [
        (auth.login(&email, "wrong").await.unwrap_err(), "邮箱或密码错误"),
        (auth.login(number, "wrong").await.unwrap_err(), "邮箱或密码错误"),
        (auth.login(new_address(), PASSWORD).await.unwrap_err(), "邮箱或密码错误"),
        (unproven, "邮箱或密码错误"),
        (auth.login("99999999", PASSWORD).await.unwrap_err(), "用户不存在"),
        (auth.login(&half_way, PASSWORD).await.unwrap_err(), "账号数据异常，请联系支持"),
    ] {
        expect_refused(&error, ErrorKind::Unauthorized, 401, detail);
        let line = error.to_string();
        assert!(line.contains("check the identifier and the password") && !line.contains("token"), "{line}");
    }
}

#[tokio::test]
async fn a_registration_that_can_not_begin_says_why() {
    let Some(world) = World::start_local("a_registration_that_can_not_begin_says_why").await else { return };
    let auth = world.client.auth();
    let taken = new_address();
    register(&world.client, &taken).await;
    for (error, detail) in [
        (auth.send_otp(new_address(), PASSWORD, "WRONG").await.unwrap_err(), "邀请码无效或已过期"),
        (auth.send_otp(taken, PASSWORD, DEFAULT_INVITE_CODE).await.unwrap_err(), "该邮箱已注册，请直接登录"),
        (auth.send_otp("nowhere", PASSWORD, DEFAULT_INVITE_CODE).await.unwrap_err(), "发送验证码失败，请稍后重试"),
    ] {
        expect_refused(&error, ErrorKind::Rejected, 400, detail);
    }
}

#[tokio::test]
async fn a_registration_that_can_not_go_on_says_why() {
    let Some(world) = World::start_local("a_registration_that_can_not_go_on_says_why").await else { return };
    let auth = world.client.auth();
    let email = new_address();
    auth.send_otp(&email, PASSWORD, DEFAULT_INVITE_CODE).await.unwrap();

    let error = auth.verify_otp(&email, "999999").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "验证码错误: Token has expired or is invalid");
    let error = auth.verify_otp(new_address(), DEFAULT_ONE_TIME_CODE).await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "验证码无效或已过期");

    let temp_token = auth.verify_otp(&email, DEFAULT_ONE_TIME_CODE).await.unwrap();
    let error = auth.complete_register("not-a-token", DEFAULT_INVITE_CODE).await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "会话已过期，请重新验证邮箱");
    let error = auth.complete_register(&temp_token, "WRONG").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "邀请码无效或已过期");
    auth.complete_register(&temp_token, DEFAULT_INVITE_CODE).await.unwrap();
}

#[tokio::test]
async fn a_password_of_a_registration_that_was_begun_twice_is_the_last_one() {
    let test = "a_password_of_a_registration_that_was_begun_twice_is_the_last_one";
    let Some(world) = World::start_local(test).await else { return };
    let auth = world.client.auth();
    let email = new_address();
    auth.send_otp(&email, "first try", DEFAULT_INVITE_CODE).await.unwrap();
    register(&world.client, &email).await;
    auth.login(&email, PASSWORD).await.unwrap();
    assert_eq!(auth.login(&email, "first try").await.unwrap_err().kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn the_codes_are_those_that_the_backend_was_started_with() {
    let Some(_) = World::start_local("the_codes_are_those_that_the_backend_was_started_with").await else { return };
    let backend = LocalBackend::builder().invite_code("INVITE-9").one_time_code("424242").start().await.unwrap();
    let world = World::local(backend).await;
    let auth = world.client.auth();
    let email = new_address();
    let error = auth.send_otp(&email, PASSWORD, DEFAULT_INVITE_CODE).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    auth.send_otp(&email, PASSWORD, "INVITE-9").await.unwrap();
    assert_eq!(auth.verify_otp(&email, DEFAULT_ONE_TIME_CODE).await.unwrap_err().kind(), ErrorKind::Rejected);
    let temp_token = auth.verify_otp(&email, "424242").await.unwrap();
    auth.complete_register(temp_token, "INVITE-9").await.unwrap();
}

#[tokio::test]
async fn an_account_outlives_the_backend_that_it_was_made_on() {
    let Some(_) = World::start_local("an_account_outlives_the_backend_that_it_was_made_on").await else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let backend = LocalBackend::builder().data(&file).start().await.unwrap();
    let email = new_address();
    let registered = register(&Client::builder(backend.url()).build().unwrap(), &email).await;
    backend.shutdown().await;

    let world = World::local(LocalBackend::builder().data(&file).start().await.unwrap()).await;
    let session = world.client.auth().login(&email, PASSWORD).await.unwrap();
    assert_eq!(session.user, registered.user);
    let earlier = world.client.with_auth_token(registered.token);
    assert_eq!(earlier.me().whoami().await.unwrap().id, registered.user.id);
}
