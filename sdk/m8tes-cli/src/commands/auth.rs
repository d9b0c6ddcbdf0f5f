//! `m8tes auth …`

use m8tes_sdk::Secret;
use serde_json::json;

use crate::args::auth::Auth;
use crate::failure::Failure;
use crate::keys::KeyStore;
use crate::output::Fields;
use crate::prompts;
use crate::session::Session;

pub(super) async fn run(session: &mut Session<'_>, command: Auth) -> Result<(), Failure> {
    match command {
        Auth::Register { email, first_name, last_name, no_save } => {
            register(session, email, first_name, last_name, no_save).await
        }
        Auth::Login { email, no_save } => login(session, email, no_save).await,
        Auth::Status => status(session).await,
        Auth::Usage => usage(session).await,
        Auth::ResendVerify => {
            let notice = session.client()?.account().resend_verification().await?;
            if session.screen.is_json() { session.screen.json(&notice) } else { session.screen.line(&notice.message) }
        }
        Auth::Logout => logout(session),
    }
}

async fn register(
    session: &mut Session<'_>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    no_save: bool,
) -> Result<(), Failure> {
    let client = session.client_without_key()?;
    let store = store_of_new_key(session, no_save)?;
    let screen = &mut session.screen;
    let email = given_or_asked(screen, email, "E-mail address").await?;
    let password = prompts::secret(screen, "Password").await?;
    let again = prompts::secret(screen, "The same password again").await?;
    if password.expose_secret() != again.expose_secret() {
        return Err(Failure::failed("the two passwords differ; nothing was sent"));
    }
    let first_name = given_or_asked(screen, first_name, "First name").await?;
    let mut request = client.auth().sign_up(email, first_name).password(password);
    if let Some(last_name) = last_name {
        request = request.last_name(last_name);
    }
    let account = request.await?;
    session.screen.note(&account.message);
    keep(session, store.as_ref(), &account.api_key, &account.email)
}

async fn login(session: &mut Session<'_>, email: Option<String>, no_save: bool) -> Result<(), Failure> {
    let client = session.client_without_key()?;
    let store = store_of_new_key(session, no_save)?;
    let screen = &mut session.screen;
    screen.note("Logging in makes a new API key: the key that the account has now stops working everywhere.");
    let email = given_or_asked(screen, email, "E-mail address").await?;
    let password = prompts::secret(screen, "Password").await?;
    let token = client.auth().token(email, password).await?;
    keep(session, store.as_ref(), &token.api_key, &token.email)
}

async fn given_or_asked(
    screen: &mut crate::screen::Screen,
    given: Option<String>,
    question: &str,
) -> Result<String, Failure> {
    match given {
        Some(given) => Ok(given),
        None => prompts::line(screen, question).await,
    }
}

/// Where a key that is yet to be made is to be stored, if anywhere. No key is told twice: logins that can not be read are found
/// out before.
fn store_of_new_key(session: &Session<'_>, no_save: bool) -> Result<Option<KeyStore>, Failure> {
    let store = if no_save { None } else { Some(session.keys()?) };
    store.as_ref().map(KeyStore::base_url).transpose()?;
    Ok(store)
}

/// Stores a key, or prints it where it is not to be stored.
fn keep(session: &mut Session<'_>, store: Option<&KeyStore>, key: &Secret, email: &str) -> Result<(), Failure> {
    session.screen.hide(key);
    let Some(store) = store else {
        let screen = &mut session.screen;
        return match screen.is_json() {
            true => screen.json(&json!({"api_key": key.expose_secret(), "email": email})),
            false => screen.line(key.expose_secret()),
        };
    };
    let base_url = session.said_base_url();
    let place = store.save(key, base_url.as_deref())?;
    if session.screen.is_json() {
        let place = place.to_string();
        return session.screen.json(&json!({"email": email, "profile": store.profile(), "stored_in": place}));
    }
    session.screen.line(&format!("Logged in as {email}; the key is in {place}."))
}

async fn status(session: &mut Session<'_>) -> Result<(), Failure> {
    let profile = session.keys()?.profile().to_owned();
    let Some((_, source)) = session.key()? else {
        let fields = Fields::default().add("logged in", "no").add("profile", &profile);
        return fields.show(&mut session.screen, &json!({"logged_in": false, "profile": profile}));
    };
    let client = session.client()?;
    let verification = client.account().verification_status().await?;
    let is_verified =
        if verification.is_verified { "yes" } else { "no; m8tes auth resend-verify sends the e-mail again" };
    let value = json!({
        "logged_in": true,
        "is_verified": verification.is_verified,
        "key_from": source.to_string(),
        "profile": profile,
        "base_url": client.base_url(),
    });
    Fields::default()
        .add("logged in", "yes")
        .add("verified", is_verified)
        .add("key from", &source)
        .add("profile", &profile)
        .add("m8tes at", client.base_url())
        .show(&mut session.screen, &value)
}

async fn usage(session: &mut Session<'_>) -> Result<(), Failure> {
    let usage = session.client()?.account().usage().await?;
    Fields::default()
        .add("plan", &usage.plan)
        .add("runs", format!("{} of {}", usage.runs_used, usage.runs_limit))
        .add("cost", format!("${} of ${}", usage.cost_used, usage.cost_limit))
        .add("until", &usage.period_end)
        .add_some("subscription", usage.subscription_status.as_deref())
        .add("runs at work", usage.concurrent_runs)
        .show(&mut session.screen, &usage)
}

fn logout(session: &mut Session<'_>) -> Result<(), Failure> {
    let store = session.keys()?;
    let was_stored = store.forget()?;
    if session.screen.is_json() {
        return session.screen.json(&json!({"profile": store.profile(), "was_stored": was_stored}));
    }
    let line = match was_stored {
        true => "Logged out: the stored key is forgotten. It stays valid; a new login ends it.",
        false => "No login is stored.",
    };
    session.screen.line(line)
}
