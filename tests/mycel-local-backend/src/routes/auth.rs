//! Guests, external users, and who am I.

use axum::http::Method;
use local_backend_kit::{CheckedRequest, python};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Handler::{Capable, Open, Signed},
    Route,
};
use crate::{
    app::Work,
    auth::Capability,
    error::{Answer, Failure},
    store::users::{self, User, UserType},
};

pub(super) const ROUTES: &[Route] = &[
    (Method::POST, "/api/auth/guest", Open(create_guest_owner)),
    (Method::GET, "/api/auth/me", Signed(me)),
    (Method::POST, "/api/auth/external-users", Capable(Capability::CreateExternalUser, create_external_user)),
];

/// A new user and the token that speaks for them.
#[derive(Serialize)]
struct Issued<U> {
    token: String,
    user: U,
}

fn create_guest_owner(work: &mut Work<'_>, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        display_name: Option<String>,
    }

    #[derive(Serialize)]
    struct Guest<'a> {
        id: &'a str,
        name: &'a str,
        #[serde(rename = "type")]
        kind: UserType,
        is_guest: bool,
        email: Option<&'a str>,
        mycel_id: Option<i64>,
        avatar: Option<&'a str>,
    }

    let Body { display_name } = call.body()?;
    let name = display_name.as_deref().map(python::strip).filter(|name| !name.is_empty()).unwrap_or("Guest");
    let user = User {
        id: format!("guest-{}", Uuid::new_v4()),
        kind: UserType::Human,
        name: name.to_owned(),
        is_guest: true,
        email: None,
        mycel_id: None,
        owner_user_id: None,
    };
    users::insert(work.db, &user)?;
    Answer::json(&Issued {
        token: work.app.tokens.for_guest(&user.id)?,
        user: Guest {
            id: &user.id,
            name: &user.name,
            kind: user.kind,
            is_guest: user.is_guest,
            email: None,
            mycel_id: None,
            avatar: None,
        },
    })
}

fn me(_: &mut Work<'_>, caller: &User, _: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Me<'a> {
        id: &'a str,
        name: &'a str,
        #[serde(rename = "type")]
        kind: UserType,
        email: Option<&'a str>,
        mycel_id: Option<i64>,
        is_guest: bool,
        avatar: Option<&'a str>,
    }

    Answer::json(&Me {
        id: &caller.id,
        name: &caller.name,
        kind: caller.kind,
        email: caller.email.as_deref(),
        mycel_id: caller.mycel_id,
        is_guest: caller.is_guest,
        avatar: None,
    })
}

fn create_external_user(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        user_id: String,
        display_name: String,
    }

    #[derive(Serialize)]
    struct External<'a> {
        id: &'a str,
        name: &'a str,
        #[serde(rename = "type")]
        kind: UserType,
        created_by_user_id: &'a str,
    }

    let Body { user_id, display_name } = call.body()?;
    let (user_id, display_name) = (python::strip(&user_id), python::strip(&display_name));
    if user_id.is_empty() {
        return Err(Failure::bad_request("external user_id is required"));
    }
    if display_name.is_empty() {
        return Err(Failure::bad_request("external display_name is required"));
    }
    if users::find(work.db, user_id)?.is_some() {
        return Err(Failure::conflict(format!("external user already exists: {user_id}")));
    }
    let user = User {
        id: user_id.to_owned(),
        kind: UserType::External,
        name: display_name.to_owned(),
        is_guest: false,
        email: None,
        mycel_id: None,
        owner_user_id: Some(caller.id.clone()),
    };
    users::insert(work.db, &user)?;
    Answer::json(&Issued {
        token: work.app.tokens.for_external(&user.id, &caller.id)?,
        user: External { id: &user.id, name: &user.name, kind: user.kind, created_by_user_id: &caller.id },
    })
}
