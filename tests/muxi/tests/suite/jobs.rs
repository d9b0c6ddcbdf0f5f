//! Jobs at set times.

use muxi_sdk::{ErrorKind, FormationClient, JobStatus, RetryPolicy, Schedule, Timestamp};
use muxi_tests::{fresh, world};
use test_harness::{Peer, Reply};

#[tokio::test]
async fn a_job_is_made_paused_and_taken_away() {
    let world = world().await;
    let user = fresh("jobs-1");
    let formation = world.formation.for_user(&user);
    let daily = Schedule::cron("0 9 * * *");
    let job = formation.jobs().create("Generate daily summary", daily.clone()).await.unwrap();
    assert_eq!(
        (job.message.as_str(), job.schedule(), &job.status),
        ("Generate daily summary", Some(daily.clone()), &JobStatus::Active)
    );
    assert_eq!(
        (job.user_id.as_ref().unwrap().as_str(), job.total_runs, job.malformed.is_empty()),
        (user.as_str(), Some(0), true)
    );

    let time: Timestamp = "2040-01-01T01:00:00+02:00".parse().unwrap();
    let once = formation.jobs().create("Happy new year", Schedule::at(time)).await.unwrap();
    assert_eq!(once.schedule(), Some(Schedule::At(time)));

    let jobs = formation.jobs().list().await.unwrap();
    assert_eq!(jobs.iter().map(|job| &job.id).collect::<Vec<_>>(), [&once.id, &job.id]);
    assert!(formation.jobs().list().user("jobs-2").await.unwrap().is_empty());
    assert!(world.formation.jobs().list().await.unwrap().len() >= 2, "of everybody");

    assert_eq!(formation.jobs().pause(&job.id).await.unwrap(), JobStatus::Paused);
    let error = formation.jobs().pause(&job.id).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("RESOURCE_NOT_FOUND")));
    assert_eq!(formation.jobs().get(&job.id).await.unwrap().status, JobStatus::Paused);
    assert_eq!(formation.jobs().resume(&job.id).await.unwrap(), JobStatus::Active);
    formation.jobs().delete(&job.id).await.unwrap();
    assert_eq!(formation.jobs().get(&job.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_schedule_that_is_none_is_refused() {
    let world = world().await;
    for schedule in [Schedule::cron("every day"), Schedule::at("2001-01-01T00:00:00Z".parse().unwrap())] {
        let error = world.formation.jobs().create("x", schedule).user("jobs-3").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status(), error.code()),
            (ErrorKind::Rejected, Some(422), Some("VALIDATION_ERROR"))
        );
        assert_eq!(error.detail_object().unwrap()["field"], "schedule");
    }
    let error = world.formation.jobs().create("", Schedule::cron("0 9 * * *")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn all_attempts_carry_one_key_so_that_they_make_one_job() {
    let done = r#"{"success":true,"data":{"id":"job_1","status":"ACTIVE"}}"#;
    let peer = Peer::start([Reply::cut_off("{"), Reply::json("201 Created", done)]).await;
    let quick = RetryPolicy::default().base_delay(std::time::Duration::from_millis(1));
    let formation = FormationClient::direct(peer.url()).admin_key("ak").retry(quick).build().unwrap();
    formation.jobs().create("x", Schedule::cron("0 9 * * *")).await.unwrap();
    let requests = peer.requests();
    let keys: Vec<_> = requests
        .iter()
        .map(|request| request.lines().find(|line| line.to_lowercase().starts_with("x-muxi-idempotency-key:")))
        .collect();
    assert!(keys.len() == 2 && keys[0].is_some() && keys[0] == keys[1], "{keys:?}");
}

#[tokio::test]
async fn a_job_is_changed_and_becomes_another_where_it_is_told_something_else() {
    let world = world().await;
    let formation = world.formation.for_user(fresh("jobs-4"));
    let job = formation.jobs().create("tick", Schedule::cron("*/5 * * * *")).await.unwrap();
    let weekdays = Schedule::cron("30 8 * * 1-5");
    let changed = formation.jobs().update(&job.id).title("Morning").schedule(weekdays.clone()).await.unwrap();
    assert_eq!((&changed.id, changed.title.as_deref(), changed.schedule()), (&job.id, Some("Morning"), Some(weekdays)));

    let error = formation.jobs().update(&job.id).title("Mine").user("jobs-5").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::BackendFailed, 1));
    let other = formation.jobs().update(&job.id).message("tock").await.unwrap();
    assert_eq!((other.message.as_str(), other.id == job.id), ("tock", false));
    assert_eq!(formation.jobs().get(&job.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(formation.jobs().get(&other.id).await.unwrap().message, "tock");
    formation.jobs().delete(&other.id).await.unwrap();
}

#[tokio::test]
async fn a_schedule_is_what_its_text_is_and_in_utc() {
    let job = r#"{"success":true,"data":{"id":"job_1","status":"ACTIVE"}}"#;
    let mut replies = vec![Reply::json("201 Created", job); 5];
    replies.push(Reply::json("200 OK", job));
    let peer = Peer::start(replies).await;
    let formation = muxi_tests::client(peer.url());
    let time: Timestamp = "2040-01-01T01:00:00+02:00".parse().unwrap();
    for schedule in [
        Schedule::from("0 9 * * *"),
        "2040-01-01T01:00:00+02:00".into(),
        "2039-12-31T23:00:00".into(),
        Schedule::from("2039-12-31T23:00:00Z".to_owned()),
        time.into(),
    ] {
        formation.jobs().create("x", schedule).idempotency_key("once").await.unwrap();
    }
    formation.jobs().update("job_1").schedule(time).title("New").await.unwrap();
    let sent: Vec<serde_json::Value> = peer.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!((&sent[0]["type"], &sent[0]["schedule"]), (&"recurring".into(), &"0 9 * * *".into()));
    for once in &sent[1..5] {
        assert_eq!((&once["type"], &once["schedule"]), (&"one_time".into(), &"2039-12-31T23:00:00Z".into()));
    }
    assert_eq!(sent[5], serde_json::json!({"schedule": "2039-12-31T23:00:00Z", "title": "New"}));
    for request in &peer.requests()[..5] {
        assert!(request.to_lowercase().contains("x-muxi-idempotency-key: once\r\n"), "{request}");
    }
}
