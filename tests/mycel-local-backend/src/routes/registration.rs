//! Registration by e-mail and one-time code, and login. No e-mail is sent: both codes come from the options.

use axum::http::{Method, StatusCode};
use local_backend_kit::{CheckedRequest, python};
use serde::{Deserialize, Serialize};

use super::{Handler::Open, Route};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        accounts::{self, Account},
        agents::{self, Agent},
        users::{self, User, UserType},
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/api/auth/send-otp", Open(send_otp)),
    (Method::POST, "/api/auth/verify-otp", Open(verify_otp)),
    (Method::POST, "/api/auth/complete-register", Open(complete_register)),
    (Method::POST, "/api/auth/login", Open(login)),
];

/// The agents that a new user starts with.
const FIRST_AGENTS: [&str; 2] = ["Toad", "Morel"];

fn require_invite(work: &Work<'_>, code: &str) -> Result<(), Failure> {
    if code == work.app.codes.invite { Ok(()) } else { Err(Failure::bad_request("邀请码无效或已过期")) }
}

fn send_otp(work: &mut Work<'_>, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        email: String,
        password: String,
        invite_code: String,
    }

    #[derive(Serialize)]
    struct Sent {
        ok: bool,
    }

    let Body { email, password, invite_code } = call.body()?;
    require_invite(work, &invite_code)?;
    if accounts::find(work.db, &email)?.is_some_and(|account| account.verified) {
        return Err(Failure::bad_request("该邮箱已注册，请直接登录"));
    }
    // What could not have been delivered.
    if !email.contains('@') {
        return Err(Failure::bad_request("发送验证码失败，请稍后重试"));
    }
    accounts::begin(work.db, &email, &password)?;
    Answer::json(&Sent { ok: true })
}

fn verify_otp(work: &mut Work<'_>, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        email: String,
        token: String,
    }

    #[derive(Serialize)]
    struct Verified {
        temp_token: String,
    }

    let Body { email, token } = call.body()?;
    let Some(account) = accounts::find(work.db, &email)? else {
        return Err(Failure::bad_request("验证码无效或已过期"));
    };
    if token != work.app.codes.one_time {
        return Err(Failure::bad_request("验证码错误: Token has expired or is invalid"));
    }
    accounts::verify(work.db, &account.email)?;
    Answer::json(&Verified { temp_token: work.app.tokens.for_session(&account.user_id, &account.email)? })
}

/// A token, whom it is for, and that user's first agent.
#[derive(Serialize)]
struct Session<'a> {
    token: String,
    user: SessionUser<'a>,
    agent: Option<SessionAgent>,
}

#[derive(Serialize)]
struct SessionUser<'a> {
    id: &'a str,
    name: &'a str,
    mycel_id: Option<i64>,
    email: Option<&'a str>,
    avatar: Option<&'a str>,
}

#[derive(Serialize)]
struct SessionAgent {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: UserType,
    avatar: Option<String>,
}

fn session(work: &Work<'_>, token: String, user: &User) -> Result<Answer, Failure> {
    let agent = agents::of_owner(work.db, &user.id)?.into_iter().next();
    Answer::json(&Session {
        token,
        user: SessionUser {
            id: &user.id,
            name: &user.name,
            mycel_id: user.mycel_id,
            email: user.email.as_deref(),
            avatar: None,
        },
        agent: agent.map(|Agent { id, name, avatar_url, .. }| SessionAgent {
            id,
            name,
            kind: UserType::Agent,
            avatar: avatar_url,
        }),
    })
}

fn complete_register(work: &mut Work<'_>, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        temp_token: String,
        invite_code: String,
    }

    let Body { temp_token, invite_code } = call.body()?;
    let account = account_of_session(work, &temp_token)?;
    require_invite(work, &invite_code)?;
    // A repeated call answers as the first did.
    let user = match users::find(work.db, &account.user_id)? {
        Some(user) => user,
        None => store_owner(work, &account)?,
    };
    session(work, temp_token, &user)
}

fn account_of_session(work: &Work<'_>, temp_token: &str) -> Result<Account, Failure> {
    let account = match work.app.tokens.subject(temp_token) {
        Ok(user_id) => accounts::of_user(work.db, &user_id)?,
        Err(_) => None,
    };
    account.ok_or_else(|| Failure::bad_request("会话已过期，请重新验证邮箱"))
}

fn store_owner(work: &Work<'_>, account: &Account) -> Result<User, Failure> {
    let user = User {
        id: account.user_id.clone(),
        kind: UserType::Human,
        name: account.email.split('@').next().unwrap_or_default().to_owned(),
        is_guest: false,
        email: Some(account.email.clone()),
        mycel_id: Some(accounts::next_mycel_id(work.db)?),
        owner_user_id: None,
    };
    users::insert(work.db, &user)?;
    for name in FIRST_AGENTS {
        agents::create(work.db, &user, name, "", "active")?;
    }
    Ok(user)
}

fn login(work: &mut Work<'_>, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        identifier: String,
        password: String,
    }

    let Body { identifier, password } = call.body()?;
    let identifier = python::strip(&identifier);
    let is_mycel_id = !identifier.is_empty() && identifier.bytes().all(|byte| byte.is_ascii_digit());
    let email = if is_mycel_id {
        accounts::email_of_mycel_id(work.db, identifier)?.ok_or_else(|| refused("用户不存在"))?
    } else {
        identifier.to_owned()
    };
    let account = accounts::log_in(work.db, &email, &password)?.ok_or_else(|| refused("邮箱或密码错误"))?;
    // The address was proven, and registration not completed.
    let user = users::find(work.db, &account.user_id)?.ok_or_else(|| refused("账号数据异常，请联系支持"))?;
    session(work, work.app.tokens.for_session(&user.id, &account.email)?, &user)
}

fn refused(detail: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, detail)
}
