//! Certificates for tests, and tests of files that hold no authority.

use std::path::PathBuf;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

use super::*;

/// A self-signed certificate and its key, in files that vanish with it.
pub struct TestFiles {
    folder: tempfile::TempDir,
    /// The certificate, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

impl TestFiles {
    /// A certificate for `name` and 127.0.0.1.
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
        let names =
            SubjectAlternativeName::new().dns(name).ip("127.0.0.1").build(&cert.x509v3_context(None, None)).unwrap();
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
fn the_authorities_of_the_extra_file_are_trusted_beside_the_systems() {
    let files = TestFiles::new("localhost");
    let system = roots(None).unwrap().len();
    assert_eq!(roots(Some(&files.cert)).unwrap().len(), system + 1);
}

#[test]
fn a_file_that_holds_no_authority_is_refused_by_name() {
    let files = TestFiles::new("localhost");
    std::fs::write(&files.cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for path in [&files.cert, &files.key, &PathBuf::from("/nonexistent")] {
        let error = authorities(Some(path)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot use the CA file {}", path.display())), "{error}");
    }
}
