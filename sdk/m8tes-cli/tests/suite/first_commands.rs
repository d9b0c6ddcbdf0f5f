//! The commands that the README begins with, as they stand there, one behind the other.

use crate::common::{Said, World, run_reading};
use crate::logins::{PASSWORD, register, without_key};

/// The words of a line, as a shell has them.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_commands_of_the_readme_do_what_they_say() {
    let (_, commands) = include_str!("../../README.md").split_once("```sh\n").unwrap();
    let (commands, _) = commands.split_once("```").unwrap();
    let [install, login, create, task] = commands.lines().collect::<Vec<_>>()[..] else { panic!("{commands}") };
    assert_eq!(install, "cargo install --path sdk/m8tes-cli");

    let world = World::new().await;
    assert_eq!(register(&world, "ada@example.com", &["--no-save"]).await.code, Some(0));
    let told = async |line: &str, stdin: String| -> Said {
        let words = words(line);
        assert_eq!(words[0], "m8tes", "{line}");
        // The account is strict, as the README says.
        run_reading(without_key(&world, &[&words[1..], &["--user-id", "cust_123"]].concat()), &stdin).await
    };
    let said = told(login, format!("ada@example.com\n{PASSWORD}\n")).await;
    assert!(said.good().contains("Logged in as ada@example.com"), "{said:?}");
    let said = told(create, String::new()).await;
    assert!(said.good().contains("support bot"), "{said:?}");
    // The id is the one that was told.
    let (task, comment) = task.split_once("# ").unwrap();
    assert_eq!(comment, "by the id that the line before has told");
    let id = said.out.split(|letter: char| !letter.is_ascii_digit()).find(|number| !number.is_empty()).unwrap();
    let said = told(&task.replace(" 7 ", &format!(" {id} ")), String::new()).await;
    assert!(said.good().contains("You said: close resolved tickets"), "{said:?}");
}
