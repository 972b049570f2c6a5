//! The most that this machine could do of what cannot be avoided: the same code on every core, and nothing else.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use latchkey::crypto::password::WorkArea;
use latchkey::crypto::{Algorithm, GeneratedKey, SigningKey};
use latchkey::foundation::SecretString;

/// Verified passwords a second, with the parameters that Latchkey has, each core in its own work area.
pub fn passwords(time: Duration) -> f64 {
    let password = SecretString::new("correct horse battery staple".to_owned());
    let stored = WorkArea::default().hash(&password, [7; 16]).expect("it hashes");
    on_every_core(time, || {
        let mut area = WorkArea::default();
        let (password, stored) = (&password, &stored);
        move || assert!(area.verify(password, Some(stored)).is_ok_and(|verified| verified.matches))
    })
}

/// RS256 signatures a second.
pub fn signatures(time: Duration) -> f64 {
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
