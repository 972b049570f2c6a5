//! How much memory a process has and how much processor time it has used, as Linux tells it.

use std::time::Duration;

/// Megabytes (10⁶ bytes) that are resident now.
pub fn resident(pid: u32) -> f64 {
    status(pid, "VmRSS:")
}

/// The most megabytes that were ever resident.
pub fn most_resident(pid: u32) -> f64 {
    status(pid, "VmHWM:")
}

fn status(pid: u32, name: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process has a status");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("it tells its memory");
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024.0 / 1e6
}

/// The processor time that it has used on all cores.
pub fn processor_time(pid: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("the process has threads");
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
        // A thread may end while we look; what it used is then lost, which is little.
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    threads.filter_map(of_thread).sum()
}
