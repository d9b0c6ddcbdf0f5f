//! Progress, logs and downloads of the management server, under faults that befall them behind their heads.

use std::time::Duration;

use futures::StreamExt;
use muxi_sdk::server::{FormationState, ProgressStream};
use muxi_sdk::{Error, ServerClient};
use muxi_tests::bundles::{bundle, packed};
use muxi_tests::servers_formation;
use test_harness::faults::{self, Flows, Read, Reading};
use test_harness::{fresh, soon, told};

use super::Server;

/// How many lines a formation writes while somebody listens.
const LINES: usize = 6;

impl Flows for Server {
    fn flows() -> Vec<&'static str> {
        vec![
            "deploy_formation",
            "update_formation",
            "start_formation",
            "restart_formation",
            "rollback_formation",
            "get_formation_logs",
            "download_formation",
        ]
    }

    async fn prepare_flow(&self, flow: &str) -> Reading<ServerClient> {
        macro_rules! progress {
            ($client:ident, $request:expr) => {
                Reading::new(async move |$client: ServerClient, silence| {
                    read($request.silence(silence).stream().await).await
                })
            };
        }
        let (id, direct) = (fresh("bot"), self.direct.clone());
        let (first, second) = (bundle(&id, "1.0.0"), bundle(&id, "2.0.0"));
        if flow == "download_formation" {
            return self.download().await;
        }
        if flow == "deploy_formation" {
            return progress!(client, client.deploy(first)).leaves_in_memory(done(direct, "Formation deployed", id));
        }
        direct.deploy(first).await.unwrap();
        match flow {
            "update_formation" => {
                progress!(client, client.update(second)).leaves_in_memory(done(direct, "Formation updated", id))
            }
            "start_formation" => {
                direct.stop(id.clone()).await.unwrap();
                let of = id.clone();
                // A second time it would be refused.
                progress!(client, client.start(id)).leaves_in_memory(soon(async move {
                    while direct.get(of.clone()).await.unwrap().status != FormationState::Running {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    1
                }))
            }
            "restart_formation" => {
                let of = id.clone();
                progress!(client, client.restart(id)).leaves_in_memory(soon(async move {
                    loop {
                        let count = direct.get(of.clone()).await.unwrap().restart_count.unwrap_or(0);
                        if count > 0 {
                            return count;
                        }
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }))
            }
            "rollback_formation" => {
                direct.update(second).await.unwrap();
                let of = id.clone();
                progress!(client, client.rollback(id)).leaves_in_memory(done(direct, "Formation rolled back", of))
            }
            "get_formation_logs" => {
                let formation = servers_formation(&self.backend, &id);
                Reading::new(async move |client: ServerClient, silence| {
                    let mut told = String::new();
                    let mut lines = match client.logs(id).silence(silence).follow().await {
                        Ok(lines) => lines,
                        Err(error) => return Read { told, end: Err(told!(error)) },
                    };
                    for number in 0..LINES {
                        // It is written down that this was asked for; there is none.
                        formation.agents().get(format!("agent-{number}")).await.unwrap_err();
                    }
                    for _ in 0..LINES {
                        match lines.next().await.unwrap() {
                            // What comes before is the time, or what another head has spoilt.
                            Ok(line) => {
                                told += &line.find("GET ").map_or(String::new(), |at| format!("{};", &line[at..]))
                            }
                            Err(error) => return Read { told, end: Err(told!(error)) },
                        }
                    }
                    Read { told, end: Ok(()) }
                })
            }
            other => panic!("tests/muxi/tests/faults/server/flows.rs does not prepare {other}"),
        }
    }
}

impl Server {
    /// The download of a formation that is always the same.
    async fn download(&self) -> Reading<ServerClient> {
        const ID: &str = "stays-as-it-is";
        let text = "All is well, and goes on.\n".repeat(2_000);
        let declared = format!("schema: 1.0.0\nid: {ID}\nname: It\ndescription: Large\nversion: 1.0.0\n");
        let bundle = packed(&[(&format!("{ID}/formation.afs"), &declared), (&format!("{ID}/long.txt"), &text)]);
        self.stays.get_or_init(async || drop(self.direct.deploy(bundle).await.unwrap())).await;
        Reading::new(async move |client: ServerClient, silence| {
            let mut read = Vec::new();
            let end = client.download(ID).silence(silence).to_writer(&mut read).await;
            // Whatever the bytes, each is a character.
            let told = read.into_iter().map(char::from).collect();
            Read { told, end: end.map(drop).map_err(|error| told!(error)) }
        })
    }
}

/// How often this was done to a formation, once it was. The server goes on with what it has begun, whoever listens, and says
/// in its log when it is done.
async fn done(direct: ServerClient, what: &'static str, id: String) -> i64 {
    soon(async {
        loop {
            let log = direct.server_logs().lines(10_000).await.unwrap();
            let lines = log.iter().filter(|line| line.contains(what) && line.contains(&format!("{id:?}")));
            match lines.count() {
                0 => tokio::time::sleep(Duration::from_millis(5)).await,
                count => return i64::try_from(count).unwrap(),
            }
        }
    })
    .await
}

/// All stages that a stream tells, and its end.
async fn read(stream: Result<ProgressStream, Error>) -> Read {
    let mut told = String::new();
    let mut stream = match stream {
        Ok(stream) => stream,
        Err(error) => return Read { told, end: Err(told!(error)) },
    };
    while let Some(progress) = stream.next().await {
        match progress {
            Ok(progress) => told += &format!("{};", progress.stage),
            Err(error) => return Read { told, end: Err(told!(error)) },
        }
    }
    match stream.finish().await {
        Ok(_) => Read { told: told + "[complete]", end: Ok(()) },
        Err(error) => Read { told, end: Err(told!(error)) },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_of_the_server_that_comes_in_pieces_under_every_fault() {
    faults::every_answer_that_comes_in_pieces_under_every_fault::<Server>().await;
}
