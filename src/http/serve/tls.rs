//! The certificate, when we serve https ourselves.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerConfig;
use thiserror::Error;

/// A certificate and its key, from PEM files that can be read again while we serve.
pub struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    config: ArcSwap<ServerConfig>,
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
        let config = ArcSwap::from_pointee(read(&cert, &key)?);
        Ok(Self { cert, key, config })
    }

    /// Reads the same files again, for the connections that begin from now on.
    ///
    /// # Errors
    /// As [`Certificate::read`]; the certificate in use stays in use.
    pub fn reload(&self) -> Result<(), CertificateError> {
        self.config.store(Arc::new(read(&self.cert, &self.key)?));
        Ok(())
    }

    /// What the next handshake uses.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.config.load_full()
    }
}

/// TLS 1.3 and 1.2 (RFC 9325 §3.1.1), HTTP/2 preferred.
fn read(cert: &PathBuf, key: &PathBuf) -> Result<ServerConfig, CertificateError> {
    let file = |path: &PathBuf| std::fs::read(path).map_err(|error| CertificateError::Unreadable(path.clone(), error));
    let chain = CertificateDer::pem_slice_iter(&file(cert)?)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| CertificateError::Pem(cert.clone(), "certificate", error))?;
    let private = PrivateKeyDer::from_pem_slice(&file(key)?)
        .map_err(|error| CertificateError::Pem(key.clone(), "private key", error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
pub(super) mod tests {
    //! Certificates for tests, and that broken ones are refused.

    use openssl::asn1::Asn1Time;
    use openssl::bn::BigNum;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::PKey;
    use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
    use openssl::x509::{X509, X509NameBuilder};
    use rustls::RootCertStore;

    use super::*;

    /// A self-signed certificate and its key, in files that vanish with it.
    pub struct Files {
        folder: tempfile::TempDir,
        pub cert: PathBuf,
        pub key: PathBuf,
    }

    impl Files {
        pub fn new(name: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
            let files = Self { folder, cert, key };
            files.renew(name);
            files
        }

        /// Replaces both files.
        pub fn renew(&self, name: &str) {
            assert!(self.folder.path().exists());
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
            let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
            let mut subject = X509NameBuilder::new().unwrap();
            subject.append_entry_by_text("CN", name).unwrap();
            let subject = subject.build();
            let mut cert = X509::builder().unwrap();
            cert.set_version(2).unwrap();
            cert.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
            cert.set_subject_name(&subject).unwrap();
            cert.set_issuer_name(&subject).unwrap();
            cert.set_pubkey(&key).unwrap();
            cert.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
            cert.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
            let names = SubjectAlternativeName::new().dns(name).build(&cert.x509v3_context(None, None)).unwrap();
            cert.append_extension(names).unwrap();
            cert.append_extension(BasicConstraints::new().build().unwrap()).unwrap();
            cert.sign(&key, MessageDigest::sha256()).unwrap();
            std::fs::write(&self.cert, cert.build().to_pem().unwrap()).unwrap();
            std::fs::write(&self.key, key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        }

        /// A store that trusts this certificate.
        pub fn roots(&self) -> RootCertStore {
            let mut roots = RootCertStore::empty();
            let pem = std::fs::read(&self.cert).unwrap();
            roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
            roots
        }
    }

    #[test]
    fn reading_again_takes_a_new_certificate_and_keeps_the_old_one_if_that_fails() {
        let files = Files::new("localhost");
        let certificate = Certificate::read(files.cert.clone(), files.key.clone()).unwrap();
        let first = certificate.config();
        files.renew("localhost");
        certificate.reload().unwrap();
        let second = certificate.config();
        assert!(!Arc::ptr_eq(&first, &second));
        std::fs::write(&files.cert, "not PEM").unwrap();
        assert!(matches!(certificate.reload(), Err(CertificateError::Pem(..))));
        assert!(Arc::ptr_eq(&second, &certificate.config()));
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let (a, b) = (Files::new("localhost"), Files::new("localhost"));
        let mixed = Certificate::read(a.cert.clone(), b.key.clone());
        assert!(matches!(mixed, Err(CertificateError::Unusable(_))));
        let absent = Certificate::read(a.cert.clone(), "/nonexistent".into());
        assert!(absent.err().unwrap().to_string().starts_with("cannot read /nonexistent"));
    }
}
