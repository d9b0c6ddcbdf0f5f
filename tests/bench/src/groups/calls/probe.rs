//! So many calls, for who counts what they take.

use std::ffi::OsString;

use mycel_sdk::Client;

use super::floor::Floor;
use super::{TOKEN, send_bare, send_ours};
use crate::Result;
use crate::bare::BareClient;

/// The argument that has the program make calls: the side, the peer's URL and the number follow.
pub(crate) const ROLE: &str = "calls-probe";

pub(crate) fn run(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Vec<String> = arguments.into_iter().filter_map(|argument| argument.into_string().ok()).collect();
    let [side, url, times] = arguments.as_slice() else { return Err("a side, a URL and a number are needed".into()) };
    let times = times.parse()?;
    let runtime = super::runtime()?;
    match side.as_str() {
        "ours" => runtime.block_on(send_ours(&Client::builder(url).auth_token(TOKEN).build()?, times)),
        "bare" => runtime.block_on(send_bare(&BareClient::new(url, TOKEN)?, times)),
        "floor" => {
            let mut floor = Floor::new(url.trim_start_matches("http://"))?;
            (0..times).try_for_each(|_| floor.call())
        }
        other => Err(format!("there is no side {other:?}").into()),
    }
}
