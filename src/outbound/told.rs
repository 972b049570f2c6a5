//! Servers that are told of something that happened here, or asked for what strangers have there. Applications choose them, and
//! strangers may choose applications: one that does not answer must not keep the others waiting.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::OutboundError;

/// How long a server that has kept a call waiting to the end of its time is left alone.
const REST: Duration = Duration::from_secs(30);

/// What is under way to whom.
pub struct Told {
    /// Calls of one server at the same time.
    at_once: usize,
    servers: Mutex<HashMap<String, Server>>,
}

/// A server, for as long as there is something to remember of it: those that are called now, and those that rest, which are
/// as many as there are calls in that time.
#[derive(Default)]
struct Server {
    under_way: usize,
    rests_until: Option<Instant>,
}

/// A call that is under way.
pub struct Turn<'a> {
    told: &'a Told,
    server: &'a str,
}

impl Told {
    /// Nobody is called. One server has `at_once` calls at the same time.
    pub fn new(at_once: usize) -> Self {
        Self { at_once, servers: Mutex::default() }
    }

    /// A turn of this server.
    ///
    /// # Errors
    /// [`OutboundError::Busy`] when it has enough, and [`OutboundError::Resting`] when it let one wait in vain a moment ago.
    pub fn turn<'a>(&'a self, host: &'a str) -> Result<Turn<'a>, OutboundError> {
        let now = Instant::now();
        let mut servers = self.servers();
        servers.retain(|_, server| server.under_way > 0 || server.rests_until.is_some_and(|until| until > now));
        let server = servers.entry(host.to_owned()).or_default();
        if server.rests_until.is_some_and(|until| until > now) {
            return Err(OutboundError::Resting { host: host.to_owned() });
        }
        if server.under_way >= self.at_once {
            return Err(OutboundError::Busy { host: host.to_owned() });
        }
        server.under_way += 1;
        Ok(Turn { told: self, server: host })
    }

    fn servers(&self) -> MutexGuard<'_, HashMap<String, Server>> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// It kept the call waiting to the end of its time.
    pub fn hung(&self) {
        if let Some(server) = self.told.servers().get_mut(self.server) {
            server.rests_until = Some(Instant::now() + REST);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(server) = self.told.servers().get_mut(self.server) {
            server.under_way = server.under_way.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_has_so_many_calls_at_once_and_the_others_have_theirs() {
        let told = Told::new(4);
        let turns: Vec<_> = (0..4).map(|_| told.turn("slow.example:443").ok().unwrap()).collect();
        assert!(matches!(told.turn("slow.example:443"), Err(OutboundError::Busy { .. })));
        assert!(told.turn("quick.example:443").is_ok());
        drop(turns);
        assert!(told.turn("slow.example:443").is_ok());
        assert!(told.turn("slow.example:443").is_ok(), "none of them is remembered as under way");
    }

    #[test]
    fn one_that_let_a_call_wait_in_vain_rests() {
        let told = Told::new(4);
        told.turn("slow.example:443").ok().unwrap().hung();
        assert!(matches!(told.turn("slow.example:443"), Err(OutboundError::Resting { .. })));
        assert!(told.turn("quick.example:443").is_ok());
        told.servers().get_mut("slow.example:443").unwrap().rests_until = Some(Instant::now());
        assert!(told.turn("slow.example:443").is_ok());
        assert_eq!(told.servers().len(), 1, "nothing is remembered of those that answer");
    }
}
