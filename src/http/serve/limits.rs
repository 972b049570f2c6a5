//! How much of the server one client, and all of them together, can take.

use std::time::Duration;

/// Limits for clients.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most connections served at one time. When they are all taken, silent and idle ones are closed; while there
    /// are none of these, new ones wait in the operating system's queue.
    pub connections: u32,
    /// The most connections of one network (an IPv4 address, an IPv6 /64).
    pub connections_of_one_network: u32,
    /// Time for the TLS handshake.
    pub handshake: Duration,
    /// Time from the connection to the end of the first request's headers.
    pub first_request: Duration,
    /// Time from a request's headers to its answer: far longer than the deadlines of the handlers.
    pub request: Duration,
    /// Time from one answer to the end of the next request's headers, after which the connection is closed. Longer than
    /// the idle limit of proxies, so that they close first: a proxy that sends a request while we close answers 502.
    pub idle: Duration,
    /// The most bytes of a request's headers.
    pub headers: u32,
    /// Time for requests in progress once nothing new is accepted.
    pub grace: Duration,
    /// How often the certificate's files are looked at.
    pub certificate_check: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_of_one_network: 5_000,
            handshake: Duration::from_secs(5),
            first_request: Duration::from_secs(10),
            request: Duration::from_secs(60),
            idle: Duration::from_secs(3700),
            headers: 32 * 1024,
            grace: Duration::from_secs(20),
            certificate_check: Duration::from_secs(10),
        }
    }
}
