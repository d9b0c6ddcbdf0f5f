//! What an application that uses the SDK pays at each build.

use crate::Result;
use crate::applications::{Application, BARE, OTHERS, OURS, Profile, Ready, SDKS, Tree, release_build, stripped_size};
use crate::figure::{Pairs, Row, Samples, Target, Unit};
use crate::measure::{alone, seconds};

/// The most crates that ours may be built from.
const MOST_CRATES: f64 = 150.0;

/// Cold debug builds, and how many crates they are of.
pub(super) fn debug(runs: usize) -> Result<Vec<Row>> {
    let mut rows = cold(Profile::Debug, runs, std::iter::once(&BARE).chain(OTHERS))?;
    let ready = OURS.prepare()?;
    let crates = Samples::new([ready.crates()? as f64]);
    rows.push(Row::alone(
        "crates that it is built from",
        Unit::Count("crates"),
        crates,
        Target::Below(MOST_CRATES + 1.0),
    ));
    Ok(rows)
}

/// Cold debug builds of applications of the other SDKs and of all three beside Mycel's, and their crates.
pub(super) fn sdks(runs: usize) -> Result<Vec<Row>> {
    Tree::copy()?;
    let mycel = OURS.prepare()?;
    let others: Vec<(Ready, f64)> =
        SDKS.iter().map(|(application, most)| Ok((application.prepare()?, *most))).collect::<Result<_>>()?;
    let mut measured = vec![Vec::new(); others.len()];
    for _ in 0..runs {
        let of_mycel = cold_build(&mycel, Profile::Debug)?;
        for ((other, _), pairs) in others.iter().zip(&mut measured) {
            pairs.push((cold_build(other, Profile::Debug)?, of_mycel));
        }
    }
    let crates_of_mycel = mycel.crates()? as f64;
    let mut rows = Vec::new();
    for ((other, most), pairs) in others.iter().zip(measured) {
        let (name, most) = (other.name, Target::AtMost(*most));
        let what = format!("cold debug build of an application of {name}");
        rows.push(Row::compared(what, Unit::Seconds, &Pairs::new(pairs), mycel.name, most));
        let crates = Pairs::new(vec![(other.crates()? as f64, crates_of_mycel)]);
        let what = format!("crates that an application of {name} is built from");
        rows.push(Row::compared(what, Unit::Count("crates"), &crates, mycel.name, most));
    }
    Ok(rows)
}

/// Cold release builds, and how large the programs are.
pub(super) fn release(runs: usize) -> Result<Vec<Row>> {
    let mut rows = cold(Profile::Release, runs, [&BARE])?;
    let sizes = [&OURS, &BARE].map(|application| {
        let ready = application.prepare()?;
        ready.build(Profile::Release)?;
        ready.stripped_size()
    });
    let [ours, bare] = sizes;
    let pairs = Pairs::new(vec![(ours? as f64, bare? as f64)]);
    rows.push(Row::compared("its program, stripped", Unit::Bytes, &pairs, BARE.name, Target::Stated));

    let built = release_build(&["-p", "mycel-sdk", "--example", "quickstart"])?;
    let size = Samples::new([stripped_size(&built.join("examples/quickstart"))? as f64]);
    rows.push(Row::alone("the quickstart with its local backend, stripped", Unit::Bytes, size, Target::Stated));
    Ok(rows)
}

/// A build of an application after a change in the facade.
pub(super) fn incremental(runs: usize) -> Result<Vec<Row>> {
    let tree = Tree::copy()?;
    let ready = OURS.prepare()?;
    ready.build(Profile::Debug)?;
    let changed = tree.file("sdk/mycel/src/lib.rs");
    let unchanged = std::fs::read_to_string(&changed)?;
    let mut change = 0;
    let samples = alone(runs, || {
        change += 1;
        let text = format!("{unchanged}\n/// Changed.\npub fn change() -> u32 {{\n    {change}\n}}\n");
        std::fs::write(&changed, text)?;
        seconds(|| ready.build(Profile::Debug))
    })?;
    std::fs::write(&changed, unchanged)?;
    Ok(vec![Row::alone("debug build after a change in the facade", Unit::Seconds, samples, Target::Below(3.0))])
}

/// Builds ours and the others again and again, in turns, with nothing built before.
fn cold<'a>(profile: Profile, runs: usize, others: impl IntoIterator<Item = &'a Application>) -> Result<Vec<Row>> {
    Tree::copy()?;
    let ours = OURS.prepare()?;
    let others: Vec<Ready> = others.into_iter().map(Application::prepare).collect::<Result<_>>()?;
    let mut measured = vec![Vec::new(); others.len()];
    let mut rows = Vec::new();
    for _ in 0..runs {
        let of_ours = cold_build(&ours, profile)?;
        for (other, pairs) in others.iter().zip(&mut measured) {
            pairs.push((of_ours, cold_build(other, profile)?));
        }
        // All runs take an hour: what there is so far is told.
        rows = compared(profile, &others, &measured)?;
        rows.iter().for_each(|row| eprintln!("  so far: {row}"));
    }
    Ok(rows)
}

fn compared(profile: Profile, others: &[Ready], measured: &[Vec<(f64, f64)>]) -> Result<Vec<Row>> {
    let what = match profile {
        Profile::Debug => "cold debug build of an application",
        Profile::Release => "cold release build of an application",
    };
    let rows = others.iter().zip(measured).map(|(other, pairs)| {
        let target = if other.name.starts_with("async-openai") { Target::Stated } else { Target::AtMost(1.0) };
        let baseline = format!("{}, {} crates", other.name, other.crates()?);
        Ok(Row::compared(what, Unit::Seconds, &Pairs::new(pairs.clone()), baseline, target))
    });
    rows.collect()
}

fn cold_build(application: &Ready, profile: Profile) -> Result<f64> {
    application.clean()?;
    eprintln!("  building {}", application.name);
    seconds(|| application.build(profile))
}
