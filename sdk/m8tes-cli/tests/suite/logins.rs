//! Keys: where they come from, and where they are kept.

use std::process::Command;

use serde_json::Value;

use crate::common::{Said, World, run, run_reading};

pub const PASSWORD: &str = "pw-12345678A!";

/// The program without a key in its environment.
pub fn without_key(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    command.env_remove("M8TES_API_KEY");
    command
}

pub async fn register(world: &World, email: &str, options: &[&str]) -> Said {
    let stdin = format!("{email}\n{PASSWORD}\n{PASSWORD}\nAda\n");
    run_reading(without_key(world, &[&["auth", "register"], options].concat()), &stdin).await
}

async fn login(world: &World, email: &str, options: &[&str]) -> Said {
    run_reading(without_key(world, &[&["auth", "login"], options].concat()), &format!("{email}\n{PASSWORD}\n")).await
}

async fn is_logged_in(world: &World, options: &[&str]) -> bool {
    let said = run(without_key(world, &[&["auth", "status", "--output", "json"], options].concat())).await;
    said.code == Some(0) && said.good_json()[0]["logged_in"] == true
}

fn stored(world: &World) -> Value {
    serde_json::from_str(&std::fs::read_to_string(world.config().join("logins.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_and_its_key_is_stored_and_forgotten() {
    let world = World::new().await;
    let said = register(&world, "dev@example.com", &[]).await;
    assert!(said.good().contains("Logged in as dev@example.com"), "{said:?}");
    let key = stored(&world)["profiles"]["default"]["api_key"].as_str().unwrap().to_owned();
    assert!(!format!("{said:?}").contains(&key), "a key is in no output: {said:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(world.config().join("logins.json")), mode(world.config())), (0o600, 0o700));
    }
    let status = run(without_key(&world, &["auth", "status"])).await;
    assert!(status.good().contains("logins.json") && !status.out.contains(&key), "{status:?}");
    // Flag and environment come first.
    assert!(is_logged_in(&world, &[]).await && !is_logged_in(&world, &["--api-key", "m8_wrong"]).await);
    let said = run(without_key(&world, &["auth", "o"])).await;
    assert!(said.good().contains("forgotten"), "{said:?}");
    assert!(!is_logged_in(&world, &[]).await);
    assert!(run(without_key(&world, &["auth", "logout"])).await.good().contains("No login"));
    // The address is known.
    let said = register(&world, "dev@example.com", &[]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_makes_a_new_key() {
    let world = World::new().await;
    register(&world, "dev@example.com", &[]).await.good();
    let first = stored(&world);
    let said = login(&world, "dev@example.com", &[]).await;
    assert!(said.good().contains("Logged in as") && said.err.contains("stops working everywhere"), "{said:?}");
    assert!(stored(&world) != first && is_logged_in(&world, &[]).await);
    // One that is not stored is printed, alone on stdout; what was stored is dead then, and stays.
    let said = login(&world, "dev@example.com", &["--no-save"]).await;
    let key = said.good().trim_end().to_owned();
    assert!(key.starts_with("m8_") && !said.err.contains(&key), "{said:?}");
    assert!(!is_logged_in(&world, &[]).await && is_logged_in(&world, &["--api-key", &key]).await);
    let said = run_reading(without_key(&world, &["auth", "l", "--email", "dev@example.com"]), "wrong\n").await;
    assert!(said.code == Some(1) && said.out.is_empty() && !said.err.contains("wrong\n"), "{said:?}");
    let said = run_reading(without_key(&world, &["auth", "register"]), "a@example.com\none\nother\n").await;
    assert!(said.err.contains("the two passwords differ"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_profile_is_a_login_of_its_own_and_knows_where_it_is() {
    let world = World::new().await;
    register(&world, "a@example.com", &["--profile", "work", "--no-save"]).await.good();
    assert!(!world.config().exists(), "--no-save stores nothing");
    register(&world, "b@example.com", &["--profile", "work"]).await.good();
    assert!(is_logged_in(&world, &["--profile", "work"]).await && !is_logged_in(&world, &[]).await);
    let mut command = without_key(&world, &["auth", "status", "--output", "json"]);
    // The URL is that of the login.
    command.env("M8TES_PROFILE", "work").env_remove("M8TES_BASE_URL");
    let said = run(command).await;
    assert_eq!(said.good_json()[0]["base_url"], world.backend.base_url());
    let said = run(without_key(&world, &["auth", "status", "--profile", "../x"])).await;
    assert!(said.failed(2).contains("a profile is named"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_keyring_it_is_a_file() {
    let world = World::new().await;
    let nowhere = |mut command: Command| {
        // A machine without one: there is no bus to ask.
        command.env_remove("M8TES_KEYRING");
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command
    };
    let stdin = format!("dev@example.com\n{PASSWORD}\n{PASSWORD}\nAda\n");
    if cfg!(any(target_os = "macos", windows)) {
        return;
    }
    let said = run_reading(nowhere(without_key(&world, &["auth", "register"])), &stdin).await;
    assert!(said.good().contains("logins.json"), "{said:?}");
    let said = run(nowhere(without_key(&world, &["auth", "status"]))).await;
    assert!(said.good().contains("logins.json"), "{said:?}");
    assert!(run(nowhere(without_key(&world, &["auth", "logout"]))).await.good().contains("forgotten"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_a_key_from_being_stored_is_told_before_the_old_key_stops_working() {
    let world = World::new().await;
    register(&world, "dev@example.com", &[]).await.good();
    let file = world.config().join("logins.json");
    let logins = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, "{").unwrap();
    assert_ne!(login(&world, "dev@example.com", &[]).await.code, Some(0));
    assert_ne!(register(&world, "other@example.com", &[]).await.code, Some(0));
    std::fs::write(&file, logins).unwrap();
    assert_eq!(login(&world, "dev@example.com", &["--profile", "a b"]).await.code, Some(2));
    assert!(is_logged_in(&world, &[]).await);
    register(&world, "other@example.com", &["--profile", "other"]).await.good();
}
