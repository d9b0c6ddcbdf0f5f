//! The program's arguments.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::Result;
use crate::groups::{GROUPS, ROLES, Role};
use crate::report::Settings;

/// What the program was started for.
pub(crate) enum Arguments {
    /// To tell how it is started.
    Help(String),
    /// To measure.
    Measure(Settings),
    /// To do a part of it beside the program that measures.
    Role(Role, Vec<OsString>),
}

impl Arguments {
    pub(crate) fn read() -> Result<Self> {
        let mut given = std::env::args_os().skip(1);
        if let Some(first) = given.next()
            && let Some((_, role)) = ROLES.iter().find(|(name, _)| *name == first)
        {
            return Ok(Self::Role(*role, given.collect()));
        }
        Self::parse(lexopt::Parser::from_env())
    }

    fn parse(mut parser: lexopt::Parser) -> Result<Self> {
        let mut settings = Settings { groups: Vec::new(), runs: 5, record: false };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("help") | Short('h') => return Ok(Self::Help(help())),
                // Cargo says so to every bench.
                Long("bench") => {}
                Long("record") => settings.record = true,
                Long("runs") => settings.runs = parser.value()?.parse()?,
                Value(name) => {
                    let known = GROUPS.iter().find(|group| group.name == name);
                    settings.groups.push(known.ok_or_else(|| format!("no group is named {name:?}\n\n{}", help()))?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if settings.runs == 0 {
            return Err("nothing is measured by no runs".into());
        }
        if settings.groups.is_empty() {
            settings.groups.extend(GROUPS);
        }
        Ok(Self::Measure(settings))
    }
}

fn help() -> String {
    let groups: String = GROUPS.iter().map(|group| format!("  {:12}{}\n", group.name, group.title)).collect();
    format!(
        "cargo bench -p bench -- [GROUP…] [--runs N] [--record]\n\n\
         Measures the groups that are named, or all of them:\n{groups}\n\
         --runs N   how often each figure is measured; 5 unless given, and some take more by themselves\n\
         --record   writes the tables into BENCH.md\n\n\
         Ends with status 1 if a target is missed."
    )
}
