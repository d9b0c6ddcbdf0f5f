//! The backend's file against what its clients know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mycel_sdk::ChatId;
use rusqlite::{Connection, Row};
use test_harness::load::{Fate, count, open_sound};

use crate::record::Record;

/// Fails where the file is damaged, has lost something, or has something that nobody did.
pub fn audit(file: &Path, record: &Record) {
    let database = open_sound(file);
    let (sent, ..) = count(record.sends.iter().map(|(.., fate)| fate));
    let (written, ..) = count(record.workflows.iter().map(|(.., fate)| fate));
    assert!(sent > 0 && written > 0 && !record.tasks.is_empty(), "nothing was acknowledged: {record}");
    messages(&database, record);
    workflows(&database, record);
    tasks(&database, record);
    relationships(&database, record);
}

fn rows<T>(database: &Connection, query: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    database.prepare(query).unwrap().query_map([], read).unwrap().map(Result::unwrap).collect()
}

fn chat(row: &Row<'_>) -> rusqlite::Result<ChatId> {
    row.get::<_, String>(0).map(ChatId::from)
}

fn messages(database: &Connection, record: &Record) {
    let stored: BTreeMap<(ChatId, u64), String> = rows(database, "SELECT chat_id, seq, content FROM messages", |row| {
        Ok(((chat(row)?, row.get::<_, i64>(1)?.cast_unsigned()), row.get(2)?))
    })
    .into_iter()
    .collect();
    let gaps = rows(
        database,
        "SELECT chats.id FROM chats LEFT JOIN messages ON messages.chat_id = chats.id GROUP BY chats.id
         HAVING next_seq <> count(seq) + 1 OR next_seq <> coalesce(max(seq), 0) + 1",
        chat,
    );
    assert_eq!(gaps, [""; 0], "numbers were left out in these chats");

    let mut numbers: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for ((_, seq), content) in &stored {
        numbers.entry(content).or_default().push(*seq);
    }
    for (chat, text, fate) in &record.sends {
        let found = numbers.remove(text.as_str()).unwrap_or_default();
        match fate {
            Fate::Done(seq) => {
                assert_eq!(found, [*seq], "{text:?} was acknowledged in {chat}");
                assert_eq!(stored.get(&(chat.clone(), *seq)), Some(text));
            }
            Fate::Refused => assert_eq!(found, [0; 0], "{text:?} was refused"),
            Fate::Unknown => assert!(found.len() <= 1, "{text:?} was sent once, and is there as {found:?}"),
        }
    }
    assert!(numbers.is_empty(), "nobody sent {numbers:?}");
    for (place, content) in &record.seen {
        assert_eq!(stored.get(place), Some(content), "message {place:?} was seen");
    }
}

fn workflows(database: &Connection, record: &Record) {
    let stored = rows(database, "SELECT chat_id, state_version, state FROM workflows", |row| {
        Ok((chat(row)?, row.get::<_, i64>(1)?.cast_unsigned(), row.get::<_, String>(2)?))
    });
    for (chat, version, state) in stored {
        let of_chat = || record.workflows.iter().filter(|write| write.0 == chat);
        let (acknowledged, _, unknown) = count(of_chat().map(|write| &write.2));
        let range = acknowledged as u64..=(acknowledged + unknown) as u64;
        assert!(range.contains(&version), "{chat} is at version {version}, after {range:?} writes");
        let mut versions = BTreeSet::new();
        for (_, written, fate) in of_chat() {
            if let Fate::Done(seen) = fate {
                assert!(versions.insert(*seen) && *seen <= version, "version {seen} of {version} was given twice");
                assert!(*seen < version || state == *written, "{state:?} is stored in place of {written:?}");
            }
        }
        let writer = of_chat().find(|write| write.1 == state);
        let is_known = writer.is_none_or(|write| write.2 == Fate::Unknown || write.2 == Fate::Done(version));
        assert!(is_known && (writer.is_some() || version == 0), "{state:?} is stored, and {writer:?} was written");
    }
}

fn tasks(database: &Connection, record: &Record) {
    let stored = rows(database, "SELECT chat_id, subject FROM tasks", |row| Ok((chat(row)?, row.get::<_, String>(1)?)));
    let mut there: BTreeMap<(ChatId, String), usize> = BTreeMap::new();
    for task in stored {
        *there.entry(task).or_default() += 1;
    }
    for (chat, subject, fate) in &record.tasks {
        let found = there.remove(&(chat.clone(), subject.clone())).unwrap_or(0);
        let fits = match fate {
            Fate::Done(()) => found == 1,
            Fate::Refused => found == 0,
            Fate::Unknown => found <= 1,
        };
        assert!(fits, "the task {subject:?} is there {found} times, and is {fate:?}");
    }
    assert!(there.is_empty(), "nobody made {there:?}");
}

fn relationships(database: &Connection, record: &Record) {
    let stored: BTreeMap<String, String> =
        rows(database, "SELECT id, state FROM relationships", |row| Ok((row.get(0)?, row.get(1)?)))
            .into_iter()
            .collect();
    for (id, possible) in &record.relationships {
        let now = stored.get(id.as_str()).map_or("none", String::as_str);
        assert!(possible.contains(&now), "{id} is {now}, and can be {possible:?}");
    }
}
