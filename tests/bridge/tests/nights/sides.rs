//! The sides of a night: processes that are killed, and networks between them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use m8tes_local_backend::{BASE_PATH, DEFAULT_API_KEY};
use muxi_local_backend::CLIENT_KEY;
use muxi_sdk::FormationClient;
use mycel_sdk::{ChatId, Client, RetryPolicy, UserId};
use tempfile::TempDir;
use test_harness::{Dice, Network, Program, Weather};
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// Who is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    M8tes,
    Muxi,
}

/// All sides.
pub(crate) struct Sides {
    pub(crate) kind: Kind,
    folder: TempDir,
    mycel: Program,
    lent: Program,
    /// `None` while it is killed.
    bridge: Option<Child>,
    variables: Vec<(&'static str, String)>,
    /// From the bridge to Mycel, from people to Mycel, and from the bridge to who is lent.
    networks: [Network; 3],
    people: [Client; 2],
    pub(crate) agent: UserId,
    chats: [ChatId; 3],
    /// How often the bridge, Mycel, and who is lent were killed.
    pub(crate) kills: [usize; 3],
}

impl Sides {
    pub(crate) async fn start(kind: Kind, dice: &mut Dice) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).into_os_string();
        let data = |name: &str| [OsString::from("--data"), file(name)];
        let mycel = Program::start(env!("CARGO_BIN_EXE_night-mycel"), data("mycel")).await;
        let program = match kind {
            Kind::M8tes => env!("CARGO_BIN_EXE_night-m8tes"),
            Kind::Muxi => env!("CARGO_BIN_EXE_night-muxi"),
        };
        let turns = [OsString::from("--turns"), file("turns")];
        let lent = Program::start(program, data("lent").into_iter().chain(turns)).await;
        let networks = [
            Network::start(mycel.address(), dice.below(u64::MAX)).await,
            Network::start(mycel.address(), dice.below(u64::MAX)).await,
            Network::start(lent.address(), dice.below(u64::MAX)).await,
        ];

        let direct = far(networks[1].url());
        let ada = direct.auth().create_guest_owner().display_name("Ada").await.unwrap();
        let bob = direct.auth().create_guest_owner().display_name("Bob").await.unwrap();
        let people = [direct.with_auth_token(ada.token), direct.with_auth_token(bob.token)];
        let agent = people[0].users().create_external("lent", "Lent").await.unwrap();
        let chats = [
            people[0].chats().ensure_direct(&agent.user.id).await.unwrap().id,
            people[1].chats().ensure_direct(&agent.user.id).await.unwrap().id,
            people[0].chats().create([agent.user.id.clone()]).title("Group").group().await.unwrap().id,
        ];
        let mut variables = vec![
            ("MYCEL", networks[0].url().to_owned()),
            ("TOKEN", agent.token.expose_secret().to_owned()),
            ("STATE", folder.path().join("state.json").to_str().unwrap().to_owned()),
        ];
        match kind {
            Kind::M8tes => {
                let client = m8tes_sdk::Client::builder(DEFAULT_API_KEY).base_url(lent.url()).build().unwrap();
                let teammate = client.teammates().create().name("Lent").await.unwrap().id;
                variables.push(("M8TES", format!("{}{BASE_PATH}", networks[2].url())));
                variables.push(("TEAMMATE", teammate.to_string()));
            }
            Kind::Muxi => {
                variables.push(("MUXI", networks[2].url().to_owned()));
                if dice.below(2) == 0 {
                    variables.push(("FORMATION", "echo-bot".to_owned()));
                }
            }
        }
        let (agent, kills) = (agent.user.id, [0; 3]);
        let mut sides =
            Self { kind, folder, mycel, lent, bridge: None, variables, networks, people, agent, chats, kills };
        sides.start_bridge();
        sides
    }

    fn start_bridge(&mut self) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_night-bridge"));
        program.env_clear().envs(self.variables.iter().cloned()).stdin(Stdio::null()).stderr(Stdio::null());
        if std::env::var_os("NIGHT_SEED").is_some() {
            program.stderr(Stdio::inherit());
        }
        self.bridge = Some(program.kill_on_drop(true).spawn().unwrap());
    }

    /// The chats, and who writes in each.
    pub(crate) fn chats(&self) -> Vec<(ChatId, Client)> {
        self.chats.iter().cloned().zip([&self.people[0], &self.people[1], &self.people[0]].map(Clone::clone)).collect()
    }

    /// The networks are bad, and the sides are killed; at last all is well.
    pub(crate) async fn trouble(&mut self, dice: &mut Dice) {
        let weather =
            |network: &Network, is_bad: bool| network.set(if is_bad { Weather::Storm } else { Weather::Calm });
        for network in &self.networks {
            weather(network, dice.below(8) > 0);
        }
        for _ in 0..3 + dice.below(5) {
            sleep(dice.millis(300)).await;
            let who = dice.size(3);
            self.kills[who] += 1;
            match who {
                0 => {
                    self.bridge.as_mut().unwrap().kill().await.unwrap();
                    sleep(dice.millis(40)).await;
                    self.start_bridge();
                }
                1 => {
                    self.networks[..2].iter().for_each(|network| network.lead_to(None));
                    self.mycel.kill().await;
                    sleep(dice.millis(40)).await;
                    self.mycel.restart_elsewhere().await;
                    self.networks[..2].iter().for_each(|network| network.lead_to(Some(self.mycel.address())));
                }
                _ => {
                    self.networks[2].lead_to(None);
                    self.lent.kill().await;
                    sleep(dice.millis(40)).await;
                    self.lent.restart_elsewhere().await;
                    self.networks[2].lead_to(Some(self.lent.address()));
                }
            }
        }
        sleep(dice.millis(1_000)).await;
        self.networks.iter().for_each(|network| network.set(Weather::Calm));
        assert!(self.bridge.as_mut().unwrap().try_wait().unwrap().is_none(), "the bridge has ended by itself");
    }

    /// How often a turn was begun with each message.
    pub(crate) fn turns(&self) -> BTreeMap<String, usize> {
        let mut turns = BTreeMap::new();
        for turn in fs::read_to_string(self.folder.path().join("turns")).unwrap_or_default().lines() {
            *turns.entry(turn.to_owned()).or_default() += 1;
        }
        turns
    }

    pub(crate) async fn expect_one_session_for_each_chat(&self) {
        match self.kind {
            Kind::M8tes => {
                let client = m8tes_sdk::Client::builder(DEFAULT_API_KEY).base_url(self.lent.url()).build().unwrap();
                let runs = client.runs().list().await.unwrap().data;
                assert!(runs.len() <= self.chats.len(), "{} runs", runs.len());
                for run in runs {
                    let all = client.runs().permissions(run.id).await.unwrap();
                    let mut inputs: Vec<_> = all.iter().map(|request| format!("{:?}", request.tool_input)).collect();
                    inputs.sort();
                    inputs.dedup();
                    assert_eq!(inputs.len(), all.len(), "something was asked for twice: {all:?}");
                }
            }
            Kind::Muxi => {
                let formation = FormationClient::direct(self.lent.url()).client_key(CLIENT_KEY).build().unwrap();
                for chat in &self.chats {
                    let sessions = formation.sessions().list().user(format!("mycel-{chat}")).await.unwrap();
                    assert!(sessions.len() <= 1, "{sessions:?}");
                }
            }
        }
    }
}

/// A person's client, without patience.
fn far(url: &str) -> Client {
    let limit = Duration::from_millis(400);
    let pause = Duration::from_millis(5);
    let quick = RetryPolicy::default().base_delay(pause).max_delay(8 * pause);
    let client = Client::builder(url).retry(quick);
    client.connect_timeout(limit).attempt_timeout(limit).overall_timeout(3 * limit).build().unwrap()
}
