//! The most password logins that this machine could do: nothing but the hash, on every core.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use latchkey::crypto::password::WorkArea;
use latchkey::foundation::SecretString;

/// Verified passwords a second with the parameters and the code that Latchkey has, each core in its own work area.
pub fn per_second(time: Duration) -> f64 {
    let password = SecretString::new("correct horse battery staple".to_owned());
    let stored = WorkArea::default().hash(&password, [7; 16]).expect("it hashes");
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut area = WorkArea::default();
                while !stop.load(Ordering::Relaxed) {
                    assert!(area.verify(&password, Some(&stored)).is_ok_and(|verified| verified.matches));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
    done.load(Ordering::Relaxed) as f64 / time.as_secs_f64()
}
