//! Which cores a process runs on: what is measured on some, the load on the others.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

/// A command that starts this same program on these cores, or on any.
pub fn this_program_on(cores: Option<&str>) -> Command {
    let program = std::env::current_exe().expect("this program has a path");
    match cores {
        None => Command::new(program),
        Some(cores) => {
            let mut command = Command::new("taskset");
            command.args(["-c", cores]).arg(program);
            command
        }
    }
}

/// A script in `folder` that runs `program` on these cores.
pub fn program_on(cores: Option<&str>, program: &str, folder: &Path) -> PathBuf {
    let Some(cores) = cores else { return program.into() };
    let script = folder.join("latchkey-on-cores");
    fs::write(&script, format!("#!/bin/sh\nexec taskset -c {cores} '{program}' \"$@\"\n")).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("it may be run");
    script
}

/// Leaves these cores to the servers.
pub fn leave(cores: &str) {
    let all = thread::available_parallelism().map_or(1, usize::from);
    let theirs: Vec<usize> = cores.split(',').flat_map(range).collect();
    let ours: Vec<String> = (0..all).filter(|core| !theirs.contains(core)).map(|core| core.to_string()).collect();
    assert!(!ours.is_empty(), "--cores {cores} leaves no core to the load");
    let own = std::process::id().to_string();
    let done = Command::new("taskset").args(["-a", "-p", "-c", &ours.join(","), &own]).output();
    assert!(done.is_ok_and(|done| done.status.success()), "taskset does not work");
}

fn range(part: &str) -> Vec<usize> {
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let number = |text: &str| text.trim().parse::<usize>().expect("--cores is a list like 0,2-3");
    (number(first)..=number(last)).collect()
}
