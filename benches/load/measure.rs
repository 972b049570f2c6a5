//! How a number is taken on a machine that other things run on: both sides take turns, and the median counts.

use crate::generator::{Outcome, Script, Target, load};
use crate::options::Options;

/// The medians of both sides, which were measured in turns.
pub async fn side_by_side<A: Script + 'static, B: Script + 'static>(
    options: &Options,
    (baseline, mut theirs): (Target, Vec<A>),
    (latchkey, mut ours): (Target, Vec<B>),
) -> (Outcome, Outcome) {
    let (mut baselines, mut outcomes) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let outcome;
        (outcome, theirs) = load(baseline, theirs, options.time).await;
        baselines.push(outcome);
        let outcome;
        (outcome, ours) = load(latchkey, ours, options.time).await;
        outcomes.push(outcome);
    }
    (median(baselines), median(outcomes))
}

/// The median of one side, where there is nothing to compare with.
pub async fn alone<S: Script + 'static>(options: &Options, target: Target, mut scripts: Vec<S>) -> Outcome {
    let mut outcomes = Vec::new();
    for _ in 0..options.rounds {
        let outcome;
        (outcome, scripts) = load(target, scripts, options.time).await;
        outcomes.push(outcome);
    }
    median(outcomes)
}

/// The round whose rate is the median.
pub fn median(mut outcomes: Vec<Outcome>) -> Outcome {
    outcomes.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    outcomes[outcomes.len() / 2]
}
