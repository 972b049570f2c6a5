//! One of the targets under libFuzzer: which one, `FUZZ_TARGET` says. One program for all, since linking it takes longer than most
//! things that a target finds.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../targets/mod.rs"]
mod targets;

static CHOSEN: OnceLock<fn(&[u8])> = OnceLock::new();

fn choose() {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names the target");
    let target = targets::ALL.iter().find(|target| target.name == name).expect("FUZZ_TARGET is a target");
    CHOSEN.set(target.run).expect("it is chosen once");
}

fuzz_target!(init: choose(), |data: &[u8]| {
    let run = CHOSEN.get().expect("it was chosen");
    run(data);
});
