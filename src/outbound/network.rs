//! Name lookups and connections. Tests use a scripted network, in which they decide what a name resolves to and every
//! address leads to their own server.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};

/// The most lookups at one time. A lookup can take half a minute and cannot be stopped.
const LOOKUPS: usize = 8;

/// Where names are looked up and connections made.
pub enum Network {
    /// The system's hosts file, name servers and routes.
    System {
        /// A permit for each lookup.
        places: Arc<Semaphore>,
    },
    /// A test's network.
    #[cfg(test)]
    Scripted(super::tests::Script),
}

impl Network {
    /// The system's network.
    pub fn system() -> Self {
        Self::System { places: Arc::new(Semaphore::new(LOOKUPS)) }
    }

    /// The addresses of a name, at this moment.
    pub async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System { places } => look_up(name.to_owned(), Arc::clone(places)).await,
            #[cfg(test)]
            Self::Scripted(script) => Ok(script.look_up()),
        }
    }

    /// A connection to `address`.
    pub async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        match self {
            Self::System { .. } => TcpStream::connect(address).await,
            #[cfg(test)]
            Self::Scripted(script) => TcpStream::connect(script.detour(address)).await,
        }
    }
}

/// Uses a thread of its own: a name whose servers do not answer must not occupy one that the database and the passwords
/// need. The thread goes on when the caller gives up, so the place stays taken until it ends.
async fn look_up(name: String, places: Arc<Semaphore>) -> io::Result<Vec<IpAddr>> {
    let place = places.acquire_owned().await.map_err(io::Error::other)?;
    let (tell, told) = oneshot::channel();
    let ask = move || {
        let found = (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|found| found.ip()).collect());
        drop((place, tell.send(found)));
    };
    std::thread::Builder::new().name("lookup".into()).spawn(ask)?;
    told.await.map_err(io::Error::other)?
}
