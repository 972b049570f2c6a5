//! How much memory a process has, as Linux tells it.

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
