//! The most that this machine could do of what cannot be avoided: the same code on every core, and nothing else. It is
//! this same binary, started again on the cores that the servers have.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::cores;
use latchkey::crypto::password::WorkArea;
use latchkey::crypto::{Algorithm, GeneratedKey, SigningKey};
use latchkey::foundation::SecretString;

/// The argument that makes this binary do the work; then what, and for how many seconds.
pub const COMMAND: &str = "raw";

/// Verified passwords a second on these cores.
pub fn passwords_on(cores: Option<&str>, time: Duration) -> f64 {
    again(cores, "passwords", time)
}

/// RS256 signatures a second on these cores.
pub fn signatures_on(cores: Option<&str>, time: Duration) -> f64 {
    again(cores, "signatures", time)
}

fn again(cores: Option<&str>, work: &str, time: Duration) -> f64 {
    let seconds = time.as_secs_f64().to_string();
    let output = cores::this_program_on(cores).args([COMMAND, work, &seconds]).output().expect("it runs");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints a rate")
}

/// Does the work and returns its rate.
pub fn run(work: &str, seconds: &str) -> f64 {
    let time = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    if work == "passwords" { passwords(time) } else { signatures(time) }
}

/// Verified passwords a second, with the parameters that Latchkey has, each core in its own work area.
fn passwords(time: Duration) -> f64 {
    let password = SecretString::new("correct horse battery staple".to_owned());
    let stored = WorkArea::default().hash(&password, [7; 16]).expect("it hashes");
    on_every_core(time, || {
        let mut area = WorkArea::default();
        let (password, stored) = (&password, &stored);
        move || assert!(area.verify(password, Some(stored)).is_ok_and(|verified| verified.matches))
    })
}

/// RS256 signatures a second.
fn signatures(time: Duration) -> f64 {
    let key = GeneratedKey::generate(Algorithm::Rs256).expect("a key can be made");
    let key = SigningKey::from_der(Algorithm::Rs256, key.jwk.kid(), &key.private_der).expect("the key can sign");
    on_every_core(time, || || assert!(key.sign("JWT", &"claims").is_ok()))
}

/// How often a second all cores together do the work; each makes it ready for itself.
fn on_every_core<W: FnMut()>(time: Duration, ready: impl Fn() -> W + Sync) -> f64 {
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut work = ready();
                while !stop.load(Ordering::Relaxed) {
                    work();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
    done.load(Ordering::Relaxed) as f64 / time.as_secs_f64()
}
