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

/// Processor time that a process has used.
#[derive(Clone, Copy, Default)]
pub struct Processor {
    /// In its own code.
    pub user: Duration,
    /// In the kernel, on its behalf.
    pub system: Duration,
}

impl Processor {
    /// Of a process on all cores, also by threads that have ended; in steps of 10 ms.
    pub fn of(pid: u32) -> Self {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process has a status");
        // After the name, which may hold anything, and a state: the 14th and 15th of all fields, in hundredths of a second.
        let (_, fields) = text.rsplit_once(") ").expect("a name in parentheses");
        let ticks: Vec<u64> =
            fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse().expect("a number")).collect();
        Self { user: Duration::from_millis(ticks[0] * 10), system: Duration::from_millis(ticks[1] * 10) }
    }

    /// What was used since `before`, for each of `units`.
    pub fn each(self, before: Self, units: usize) -> Self {
        let share = |now: Duration, before: Duration| now.saturating_sub(before).div_f64(units as f64);
        Self { user: share(self.user, before.user), system: share(self.system, before.system) }
    }

    /// Both together.
    pub fn whole(self) -> Duration {
        self.user + self.system
    }
}
