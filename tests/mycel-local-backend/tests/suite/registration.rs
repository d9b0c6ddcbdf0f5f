//! Registration by e-mail, and login.

use mycel_local_backend::{DEFAULT_INVITE_CODE, DEFAULT_ONE_TIME_CODE, LocalBackend};
use serde_json::{Value, json};

use crate::client::{Answer, User, backend, keys, text};

async fn send_otp(nobody: &User, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password, "invite_code": DEFAULT_INVITE_CODE });
    nobody.post("/api/auth/send-otp", body).await
}

async fn verify_otp(nobody: &User, email: &str, code: &str) -> Answer {
    nobody.post("/api/auth/verify-otp", json!({ "email": email, "token": code })).await
}

async fn complete(nobody: &User, temp_token: &str, invite_code: &str) -> Answer {
    let body = json!({ "temp_token": temp_token, "invite_code": invite_code });
    nobody.post("/api/auth/complete-register", body).await
}

async fn login(nobody: &User, identifier: impl ToString, password: &str) -> Answer {
    let body = json!({ "identifier": identifier.to_string(), "password": password });
    nobody.post("/api/auth/login", body).await
}

/// Registers, and gives the last answer.
pub async fn register(nobody: &User, email: &str, password: &str) -> Value {
    send_otp(nobody, email, password).await.good();
    let verified = verify_otp(nobody, email, DEFAULT_ONE_TIME_CODE).await.good();
    complete(nobody, verified["temp_token"].as_str().unwrap(), DEFAULT_INVITE_CODE).await.good()
}

#[tokio::test]
async fn registration_ends_with_a_user_two_agents_and_a_token() {
    let (_backend, nobody) = backend().await;
    assert_eq!(send_otp(&nobody, "ada@example.org", "secret").await.good(), json!({ "ok": true }));
    let verified = verify_otp(&nobody, "ada@example.org", DEFAULT_ONE_TIME_CODE).await.good();
    assert_eq!(keys(&verified), ["temp_token"]);
    let temp_token = text(&verified["temp_token"]);
    let session = complete(&nobody, &temp_token, DEFAULT_INVITE_CODE).await.good();
    assert_eq!(keys(&session), ["agent", "token", "user"]);
    assert_eq!(session["token"], temp_token);
    let user = json!({
        "id": session["user"]["id"], "name": "ada", "mycel_id": session["user"]["mycel_id"],
        "email": "ada@example.org", "avatar": null,
    });
    assert_eq!(session["user"], user);
    let agent = json!({ "id": session["agent"]["id"], "name": "Toad", "type": "agent", "avatar": null });
    assert_eq!(session["agent"], agent);

    let ada = nobody.issued(&session);
    let me = ada.get("/api/auth/me").await.good();
    let expected = json!({
        "id": ada.id, "name": "ada", "type": "human", "email": "ada@example.org",
        "mycel_id": session["user"]["mycel_id"], "is_guest": false, "avatar": null,
    });
    assert_eq!(me, expected);
    let agents = ada.get("/api/panel/agents").await.good();
    let names: Vec<_> = agents["items"].as_array().unwrap().iter().map(|agent| agent["name"].clone()).collect();
    assert_eq!(names, ["Toad", "Morel"]);
}

#[tokio::test]
async fn registration_may_be_completed_again() {
    let (_backend, nobody) = backend().await;
    let session = register(&nobody, "ada@example.org", "secret").await;
    let again = complete(&nobody, session["token"].as_str().unwrap(), DEFAULT_INVITE_CODE).await.good();
    assert_eq!(again, session);
}

#[tokio::test]
async fn registration_asks_for_its_codes() {
    let (_backend, nobody) = backend().await;
    let body = json!({ "email": "ada@example.org", "password": "secret", "invite_code": "guessed" });
    nobody.post("/api/auth/send-otp", body).await.refused(400, "邀请码无效或已过期");
    verify_otp(&nobody, "ada@example.org", DEFAULT_ONE_TIME_CODE).await.refused(400, "验证码无效或已过期");
    send_otp(&nobody, "ada", "secret").await.refused(400, "发送验证码失败，请稍后重试");
    send_otp(&nobody, "ada@example.org", "secret").await.good();
    let wrong = "验证码错误: Token has expired or is invalid";
    verify_otp(&nobody, "ada@example.org", "guessed").await.refused(400, wrong);
    let verified = verify_otp(&nobody, "ada@example.org", DEFAULT_ONE_TIME_CODE).await.good();
    let temp_token = text(&verified["temp_token"]);
    complete(&nobody, &temp_token, "guessed").await.refused(400, "邀请码无效或已过期");
    complete(&nobody, "nonsense", DEFAULT_INVITE_CODE).await.refused(400, "会话已过期，请重新验证邮箱");
    // A guest's token is genuine, and no session.
    let guest = nobody.guest("Guest").await.token.unwrap();
    complete(&nobody, &guest, DEFAULT_INVITE_CODE).await.refused(400, "会话已过期，请重新验证邮箱");
    complete(&nobody, &temp_token, DEFAULT_INVITE_CODE).await.good();
    send_otp(&nobody, "ada@example.org", "other").await.refused(400, "该邮箱已注册，请直接登录");
}

#[tokio::test]
async fn login_is_by_address_or_number() {
    let (_backend, nobody) = backend().await;
    let registered = register(&nobody, "ada@example.org", "secret").await;
    register(&nobody, "bob@example.org", "other").await;
    let by_address = login(&nobody, "ada@example.org", "secret").await.good();
    let by_number = login(&nobody, &registered["user"]["mycel_id"], "secret").await.good();
    for session in [by_address, by_number] {
        assert_eq!((&session["user"], &session["agent"]), (&registered["user"], &registered["agent"]));
        assert_eq!(nobody.issued(&session).get("/api/auth/me").await.good()["name"], "ada");
    }
}

#[tokio::test]
async fn login_tells_what_it_knows() {
    let (_backend, nobody) = backend().await;
    let registered = register(&nobody, "ada@example.org", "secret").await;
    login(&nobody, "ada@example.org", "guessed").await.refused(401, "邮箱或密码错误");
    login(&nobody, &registered["user"]["mycel_id"], "guessed").await.refused(401, "邮箱或密码错误");
    login(&nobody, "eve@example.org", "secret").await.refused(401, "邮箱或密码错误");
    login(&nobody, "", "secret").await.refused(401, "邮箱或密码错误");
    login(&nobody, "1", "secret").await.refused(401, "用户不存在");
    login(&nobody, "9".repeat(40), "secret").await.refused(401, "用户不存在");
    // Begun, and not verified; verified, and not completed.
    send_otp(&nobody, "bob@example.org", "secret").await.good();
    login(&nobody, "bob@example.org", "secret").await.refused(401, "邮箱或密码错误");
    verify_otp(&nobody, "bob@example.org", DEFAULT_ONE_TIME_CODE).await.good();
    login(&nobody, "bob@example.org", "secret").await.refused(401, "账号数据异常，请联系支持");
}

#[tokio::test]
async fn the_last_password_before_the_code_counts() {
    let (_backend, nobody) = backend().await;
    send_otp(&nobody, "ada@example.org", "first").await.good();
    register(&nobody, "ada@example.org", "second").await;
    login(&nobody, "ada@example.org", "first").await.refused(401, "邮箱或密码错误");
    login(&nobody, "ada@example.org", "second").await.good();
}

#[tokio::test]
async fn the_codes_come_from_the_options() {
    let backend = LocalBackend::builder().invite_code("INVITE-1").one_time_code("123456").start().await.unwrap();
    let nobody = User::nobody(backend.url());
    send_otp(&nobody, "ada@example.org", "secret").await.refused(400, "邀请码无效或已过期");
    let body = json!({ "email": "ada@example.org", "password": "secret", "invite_code": "INVITE-1" });
    nobody.post("/api/auth/send-otp", body).await.good();
    let verified = verify_otp(&nobody, "ada@example.org", "123456").await.good();
    complete(&nobody, verified["temp_token"].as_str().unwrap(), "INVITE-1").await.good();
}
