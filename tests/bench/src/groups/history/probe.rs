//! A program that reads so much and no more: its instructions and its memory are counted from outside.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use super::reading::{self, Order, Reader};
use crate::Result;
use crate::bare::Message;
use crate::measure;

/// The argument that has the program be this one.
pub(crate) const ROLE: &str = "history-probe";

/// Is given who reads (`ours`, `bare`, `raw`, or `decoding` what came once), what (`page` or `history`), the peer's
/// URL, the number of messages, and how often. Prints the most memory that it had resident, where that is told.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<()> {
    let arguments: Option<Vec<&str>> = arguments.iter().map(|argument| argument.to_str()).collect();
    let Some([who, what, url, length, times]) = arguments.as_deref() else {
        return Err("a probe is told who, what, URL, length and how often".into());
    };
    let (length, times): (u32, u32) = (length.parse()?, times.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let reader = match *who {
            "ours" => Reader::ours(url)?,
            "bare" => Reader::bare(url)?,
            "raw" => Reader::raw(url)?,
            _ => return decode(&reading::bytes(url, length).await?, times),
        };
        for _ in 0..times {
            match *what {
                "page" => reader.page(length).await?,
                _ => reader.history(length, Order::NewestFirst).await?,
            }
        }
        Ok(())
    })?;
    if let Some(bytes) = measure::most_resident() {
        println!("{bytes}");
    }
    Ok(())
}

fn decode(page: &[u8], times: u32) -> Result<()> {
    for _ in 0..times {
        let messages: Vec<Message> = serde_json::from_slice(page)?;
        std::hint::black_box(messages);
    }
    Ok(())
}

/// Of a process of its own that reads a history of this length with the SDK.
pub(super) fn resident(url: &str, length: u32) -> Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .args([ROLE, "ours", "history", url, &length.to_string(), "1"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
