//! The bridge of a night: without patience. It is set up by variables: `MYCEL`, `TOKEN` and `STATE`; and `M8TES` with
//! `TEAMMATE`, or `MUXI` and, behind a management server, `FORMATION`.

use std::env;
use std::error::Error;
use std::time::Duration;

use agent_bridge::{Bridge, Lent, Pace, Store};
use m8tes_local_backend::DEFAULT_API_KEY;
use m8tes_sdk::TeammateId;
use muxi_local_backend::CLIENT_KEY;
use muxi_sdk::FormationClient;
use mycel_sdk::ListenSettings;

/// How long anything may take.
const LIMIT: Duration = Duration::from_millis(400);

/// Long enough for a message to arrive that is on its way, on the busiest machine.
const SETTLES_AFTER: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(5);

fn lent() -> Result<Lent, Box<dyn Error>> {
    if let Ok(url) = env::var("MUXI") {
        let retry = muxi_sdk::RetryPolicy::default().base_delay(PAUSE).max_delay(8 * PAUSE);
        let formation = match env::var("FORMATION") {
            Ok(formation) => FormationClient::builder(url).formation(formation),
            Err(_) => FormationClient::direct(url),
        };
        let formation = formation.client_key(CLIENT_KEY).retry(retry);
        return Ok(Lent::muxi(
            formation.connect_timeout(LIMIT).attempt_timeout(LIMIT).overall_timeout(LIMIT * 3).build()?,
        ));
    }
    let retry = m8tes_sdk::RetryPolicy::default().base_delay(PAUSE).max_delay(8 * PAUSE);
    let client = m8tes_sdk::Client::builder(DEFAULT_API_KEY).base_url(env::var("M8TES")?).retry(retry);
    let client = client.connect_timeout(LIMIT).attempt_timeout(LIMIT).overall_timeout(LIMIT * 3).build()?;
    Ok(Lent::m8tes(client, env::var("TEAMMATE")?.parse::<TeammateId>()?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let retry = mycel_sdk::RetryPolicy::default().base_delay(PAUSE).max_delay(8 * PAUSE);
    let mycel = mycel_sdk::Client::builder(env::var("MYCEL")?).auth_token(env::var("TOKEN")?).retry(retry);
    let mycel = mycel.connect_timeout(LIMIT).attempt_timeout(LIMIT).overall_timeout(LIMIT * 3).build()?;
    let listening = ListenSettings::default()
        .base_delay(PAUSE)
        .max_delay(12 * PAUSE)
        .stable_after(LIMIT / 2)
        .silence(LIMIT)
        .drain_every(30 * PAUSE);
    let pace = Pace::default().longest_pause(20 * PAUSE).settles_after(SETTLES_AFTER).silence(LIMIT);
    let store = Store::open(env::var("STATE")?)?;
    Bridge::new(mycel, lent()?, store).pace(pace).listen_with(listening).run().await?;
    Ok(())
}
