//! One round of a target: the inputs that were kept, and some that are made of them.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use super::mutation::Mutation;
use super::targets::{ALL, Target};

/// Runs a target on what was kept for it, and on random inputs.
///
/// # Panics
/// When a rule is broken: it says which input has broken it, and where that is now.
pub fn play(name: &str) {
    let target = ALL.iter().find(|target| target.name == name).expect("a target");
    let kept = kept_for(name);
    assert!(!kept.is_empty(), "no input is kept for {name}");
    for (path, input) in &kept {
        attempt(target, input, || format!("of {}", path.display()));
    }
    let seed = number("FUZZ_SEED").unwrap_or_else(|| usual_seed(name));
    let tries = number("FUZZ_TRIES").unwrap_or(target.tries as u64);
    let inputs: Vec<_> = kept.into_iter().map(|(_, input)| input).collect();
    let mut mutation = Mutation::new(seed, &inputs, target.longest);
    for _ in 0..tries {
        let input = mutation.next();
        attempt(target, &input, || format!("made with FUZZ_SEED={seed}, and kept as {}", keep(name, &input)));
    }
}

/// Another one each time; but where a change is judged, the same: what luck finds there is no fault of that change.
fn usual_seed(name: &str) -> u64 {
    match std::env::var("CI").as_deref() {
        Ok("true") => fnv(name.as_bytes()),
        _ => RandomState::new().hash_one(name),
    }
}

fn attempt(target: &Target, input: &[u8], whence: impl FnOnce() -> String) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        let whence = whence();
        eprintln!("{}: an input {whence}:\n{}", target.name, input.escape_ascii());
        resume_unwind(panic);
    }
}

/// Writes an input down, for `scripts/fuzz`, and for the corpus once it is mended.
fn keep(name: &str, input: &[u8]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz").join(name);
    let file = folder.join(format!("{:016x}", fnv(input)));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    kept.map_or_else(|error| format!("nothing: {error}"), |()| file.display().to_string())
}

/// A name for an input (Fowler, Noll and Vo).
fn fnv(input: &[u8]) -> u64 {
    input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn kept_for(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("an input"))).collect()
}

fn number(variable: &str) -> Option<u64> {
    Some(std::env::var(variable).ok()?.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn what_is_kept_is_small_and_of_a_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let (mut files, mut bytes) = (0, 0);
    for folder in fs::read_dir(root).expect("the corpus") {
        let name = folder.expect("a folder").file_name().into_string().expect("a name");
        let target = ALL.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("{name} is no target"));
        for (path, input) in kept_for(&name) {
            assert!(input.len() <= target.longest, "{} is longer than its target takes", path.display());
            (files, bytes) = (files + 1, bytes + input.len());
        }
    }
    assert!(files <= 600 && bytes <= 500_000, "{files} files with {bytes} bytes: scripts/fuzz shrink");
}
