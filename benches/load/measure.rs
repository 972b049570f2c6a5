//! How a number is taken on a machine that other things run on: all take turns, and the median counts.

use crate::generator::{Outcome, Script, Target, load};
use crate::options::Options;

/// A server and what it is asked.
pub type Contender<S> = (Target, Vec<S>);

/// What came of each contender, measured in turns: the round whose rate is the median.
pub async fn in_turns<S: Script + 'static>(options: &Options, contenders: Vec<Contender<S>>) -> Vec<Outcome> {
    let mut contenders: Vec<_> =
        contenders.into_iter().map(|(target, scripts)| (target, scripts, Vec::new())).collect();
    for _ in 0..options.rounds {
        for (target, scripts, outcomes) in &mut contenders {
            let (outcome, back) = load(*target, std::mem::take(scripts), options.time).await;
            *scripts = back;
            outcomes.push(outcome);
        }
    }
    contenders.into_iter().map(|(_, _, outcomes)| median(outcomes)).collect()
}

/// The round whose rate is the median.
pub fn median(mut outcomes: Vec<Outcome>) -> Outcome {
    outcomes.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    outcomes[outcomes.len() / 2]
}
