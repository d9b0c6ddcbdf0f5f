//! Nights: seeded rounds in which answers are cut at every kind of place and the backend is killed.
//!
//! `NIGHT_SEED=7` is one of them; `NIGHT_FIRST` and `NIGHT_ROUNDS` say from which seed on and how many.

mod network;

use std::collections::BTreeMap;

use futures::StreamExt;
use tokio::time::sleep;

pub use network::{Cuts, CuttingNetwork, Frames, How, Place};

use crate::network::Dice;
use crate::note::note;
use crate::program::Program;
use crate::seeds::seeds;
use crate::totals;

/// How many nights there are, and how many of them at once.
const NIGHTS: u64 = 200;
const AT_ONCE: usize = 8;

/// What came of a night: how often answers were cut, and counts by what they count, each of which may not be 0 in all nights.
#[derive(Clone, Debug, Default)]
pub struct Dawn {
    /// The cuts.
    pub cuts: Cuts,
    /// The counts.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Dawn {
    /// Counts some.
    pub fn count(&mut self, what: &'static str, count: usize) {
        *self.counts.entry(what).or_default() += count;
    }
}

/// Makes a platform's nights by their seeds, and expects that each comes to its end and that in all of them everything
/// happened.
pub async fn nights<N>(platform: &str, of: &str, night: impl Fn(u64) -> N)
where
    N: Future<Output = Dawn> + Send + 'static,
{
    let seeds = seeds(NIGHTS);
    let count = seeds.end - seeds.start;
    let begun = futures::stream::iter(seeds).map(|seed| {
        let night = tokio::spawn(night(seed));
        async move { (seed, night.await) }
    });
    let ended: Vec<_> = begun.buffer_unordered(AT_ONCE).collect().await;
    let (mut all, mut failed) = (Dawn::default(), Vec::new());
    for (seed, dawn) in ended {
        match dawn {
            Ok(Dawn { cuts, counts }) => {
                cuts.into_iter().for_each(|(kind, count)| *all.cuts.entry(kind).or_default() += count);
                counts.into_iter().for_each(|(what, count)| all.count(what, count));
            }
            Err(_) => failed.push(seed),
        }
    }
    assert!(failed.is_empty(), "failed; run one alone with NIGHT_SEED={}: {failed:?}", failed[0]);
    let by = |is_of: &dyn Fn(&(Place, How)) -> bool| -> usize {
        all.cuts.iter().filter(|(kind, _)| is_of(kind)).map(|(_, count)| count).sum()
    };
    let places: Vec<_> = network::places().map(|place| (place, by(&|(at, _)| *at == place))).collect();
    let ways: BTreeMap<_, _> = network::WAYS.into_iter().map(|way| (way, by(&|(_, how)| *how == way))).collect();
    note(&format!("nights: {count} of {of}, with {:?}", all.counts));
    note(&format!("nights: answers were cut {places:?}, and {ways:?}"));
    if count >= NIGHTS {
        assert!(places.iter().all(|(_, count)| *count > 0), "{places:?}");
        assert!(ways.values().all(|count| *count > 0), "{ways:?}");
        assert!(all.counts.values().all(|count| *count > 0), "{:?}", all.counts);
    }
    let cuts: usize = all.cuts.values().sum();
    totals::record(platform, "nights", &format!("{count} of {of}, {cuts} cuts, {:?}", all.counts));
}

/// Kills a backend up to twice, and lets the networks lead to where it is then; how often. `back` is told each time that it is
/// there again. At last all is calm.
pub async fn trouble(
    program: &mut Program,
    networks: &[&CuttingNetwork],
    dice: &mut Dice,
    mut back: impl FnMut(),
) -> usize {
    let kills = dice.size(3);
    for _ in 0..kills {
        sleep(dice.millis(120)).await;
        networks.iter().for_each(|network| network.lead_nowhere());
        program.kill().await;
        sleep(dice.millis(40)).await;
        program.restart_elsewhere().await;
        networks.iter().for_each(|network| network.lead_to(program.address()));
        back();
    }
    sleep(dice.millis(400)).await;
    networks.iter().for_each(|network| network.calm());
    kills
}
