//! The certificate, when we serve https ourselves.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerConfig;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::signal::unix::Signal;
use tokio::time::{MissedTickBehavior, interval};

/// A certificate and its key, from PEM files that can be read again while we serve.
pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    config: ArcSwap<ServerConfig>,
    in_use: Mutex<Fingerprint>,
}

/// The hash of both files' bytes.
type Fingerprint = [u8; 32];

/// The outcome of reading the files again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// Another certificate, in use from now on.
    Replaced,
    /// The certificate that is in use already.
    Same,
}

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file is missing or may not be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// A file does not hold what it should.
    #[error("{0} is not PEM with a {1}: {2}")]
    Pem(PathBuf, &'static str, #[source] pem::Error),
    /// Key and certificate do not belong together, or are of a kind that TLS cannot use.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Certificate {
    /// Reads the chain `cert` and its private key `key`.
    ///
    /// # Errors
    /// When a file cannot be read, is not PEM, or both do not belong together.
    pub fn read(cert: PathBuf, key: PathBuf) -> Result<Self, CertificateError> {
        let files = Files::read(&cert, &key)?;
        let config = ArcSwap::from_pointee(config(&cert, &key, &files)?);
        Ok(Self { cert, key, config, in_use: Mutex::new(files.fingerprint()) })
    }

    /// Reads the same files again, for the connections that begin from now on.
    ///
    /// # Errors
    /// As [`Certificate::read`]; the certificate in use stays in use.
    pub fn reload(&self) -> Result<Reloaded, CertificateError> {
        let files = Files::read(&self.cert, &self.key)?;
        let fingerprint = files.fingerprint();
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        if *in_use == fingerprint {
            return Ok(Reloaded::Same);
        }
        self.config.store(Arc::new(config(&self.cert, &self.key, &files)?));
        *in_use = fingerprint;
        Ok(Reloaded::Replaced)
    }

    /// What the next handshake uses.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }
}

/// Reads the certificate again on SIGHUP, and whenever its files have changed: Kubernetes and certbot send no signal.
/// Contents are compared, because only a link further up the path may have changed. A pair that does not fit (yet) is
/// logged once and tried again. Without a certificate, SIGHUP changes nothing.
pub async fn follow(certificate: Option<Arc<Certificate>>, mut hangups: Signal, every: Duration) -> Infallible {
    let mut looks = interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = None;
    loop {
        let asked = tokio::select! {
            Some(()) = hangups.recv() => true,
            _ = looks.tick() => false,
        };
        let Some(certificate) = certificate.clone() else {
            if asked {
                tracing::info!("SIGHUP: there is no certificate to read again");
            }
            continue;
        };
        let reloaded = match tokio::task::spawn_blocking(move || certificate.reload()).await {
            Ok(reloaded) => reloaded,
            // The runtime is ending.
            Err(_) => continue,
        };
        match news(reloaded, asked, &mut failing) {
            News::Replaced => tracing::info!("new certificate in use"),
            News::Same => tracing::info!("certificate read again: it is the one in use"),
            News::Refused(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "certificate not replaced, the old one stays in use"
            ),
            News::None => {}
        }
    }
}

/// What the log is told of a look at the files.
#[derive(Debug)]
enum News {
    /// There is another certificate.
    Replaced,
    /// Somebody asked, and it is the same.
    Same,
    /// The files cannot be used, for this reason.
    Refused(CertificateError),
    /// Nothing has happened, or what is wrong was told before.
    None,
}

/// `failing` is the reason that was told last, as long as it holds.
fn news(reloaded: Result<Reloaded, CertificateError>, asked: bool, failing: &mut Option<String>) -> News {
    let before = std::mem::replace(failing, reloaded.as_ref().err().map(ToString::to_string));
    match reloaded {
        Ok(Reloaded::Replaced) => News::Replaced,
        Ok(Reloaded::Same) if asked => News::Same,
        Err(error) if asked || before != *failing => News::Refused(error),
        Ok(Reloaded::Same) | Err(_) => News::None,
    }
}

/// What the files hold.
struct Files {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(cert: &Path, key: &Path) -> Result<Self, CertificateError> {
        let file =
            |path: &Path| std::fs::read(path).map_err(|error| CertificateError::Unreadable(path.to_owned(), error));
        Ok(Self { cert: file(cert)?, key: file(key)? })
    }

    fn fingerprint(&self) -> Fingerprint {
        let of_each = [&self.cert, &self.key].map(Sha256::digest);
        Sha256::digest(of_each.concat()).into()
    }
}

/// TLS 1.3 and 1.2 (RFC 9325 §3.1.1), HTTP/2 preferred.
fn config(cert: &Path, key: &Path, files: &Files) -> Result<ServerConfig, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(&files.cert)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| CertificateError::Pem(cert.to_owned(), "certificate", error))?;
    let private = PrivateKeyDer::from_pem_slice(&files.key)
        .map_err(|error| CertificateError::Pem(key.to_owned(), "private key", error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::trust::tests::TestFiles;

    #[test]
    fn reading_again_takes_a_new_certificate_and_keeps_the_old_one_if_that_fails() {
        let files = TestFiles::new("localhost");
        let certificate = Certificate::read(files.cert.clone(), files.key.clone()).unwrap();
        let first = certificate.config();
        assert_eq!(certificate.reload().unwrap(), Reloaded::Same);
        assert!(Arc::ptr_eq(&first, &certificate.config()));
        files.renew("localhost");
        assert_eq!(certificate.reload().unwrap(), Reloaded::Replaced);
        let second = certificate.config();
        assert!(!Arc::ptr_eq(&first, &second));
        std::fs::write(&files.cert, "not PEM").unwrap();
        assert!(matches!(certificate.reload(), Err(CertificateError::Pem(..))));
        assert!(Arc::ptr_eq(&second, &certificate.config()));
    }

    #[test]
    fn files_that_cannot_be_used_are_told_of_once_and_again_when_somebody_asks_or_the_reason_changes() {
        let (files, other) = (TestFiles::new("localhost"), TestFiles::new("localhost"));
        let good = (std::fs::read(&files.cert).unwrap(), std::fs::read(&other.cert).unwrap());
        let certificate = Certificate::read(files.cert.clone(), files.key.clone()).unwrap();
        let (first, mut failing) = (certificate.config(), None);
        let mut look = |asked| news(certificate.reload(), asked, &mut failing);
        assert!(matches!(look(false), News::None));
        assert!(matches!(look(true), News::Same));
        // Half-written: the new certificate, and the old key.
        std::fs::write(&files.cert, &good.1).unwrap();
        assert!(matches!(look(false), News::Refused(CertificateError::Unusable(_))));
        assert!(matches!(look(false), News::None));
        assert!(matches!(look(true), News::Refused(CertificateError::Unusable(_))));
        std::fs::write(&files.cert, "").unwrap();
        assert!(matches!(look(false), News::Refused(CertificateError::Pem(..))));
        std::fs::remove_file(&files.cert).unwrap();
        assert!(matches!(look(false), News::Refused(CertificateError::Unreadable(..))));
        assert!(Arc::ptr_eq(&first, &certificate.config()), "the old one stays in use");
        std::fs::write(&files.cert, &good.0).unwrap();
        assert!(matches!(look(false), News::None), "it is the one in use");
        std::fs::write(&files.cert, "").unwrap();
        assert!(matches!(look(false), News::Refused(_)), "a fault that comes again is told of again");
        files.renew("localhost");
        assert!(matches!(look(false), News::Replaced));
        assert!(!Arc::ptr_eq(&first, &certificate.config()));
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let (a, b) = (TestFiles::new("localhost"), TestFiles::new("localhost"));
        let mixed = Certificate::read(a.cert.clone(), b.key.clone());
        assert!(matches!(mixed, Err(CertificateError::Unusable(_))));
        let absent = Certificate::read(a.cert.clone(), "/nonexistent".into());
        assert!(absent.err().unwrap().to_string().starts_with("cannot read /nonexistent"));
    }
}
