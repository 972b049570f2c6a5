//! Which certificate authorities we trust when we connect to a server.

use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The certificate authorities that the machine trusts, and those in the PEM file `extra`.
///
/// # Errors
/// When that file cannot be read, holds no certificate, or holds an unusable one; the text names the file.
pub fn authorities(extra: Option<&Path>) -> io::Result<Vec<CertificateDer<'static>>> {
    // Faults in the system's store are ignored: a server's certificate verifies with the rest, or fails.
    let system = rustls_native_certs::load_native_certs().certs;
    let mut all: Vec<_> = system.into_iter().filter(is_usable).collect();
    if let Some(path) = extra {
        all.extend(in_file(path)?);
    }
    Ok(all)
}

/// The authorities in the PEM file at `path`.
///
/// # Errors
/// As [`authorities`].
pub fn in_file(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let unusable = |reason: &dyn std::fmt::Display| {
        io::Error::other(format!("cannot use the CA file {}: {reason}", path.display()))
    };
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = read.map_err(|error| unusable(&error))?;
    if certificates.is_empty() {
        return Err(unusable(&"it holds no certificate"));
    }
    if !certificates.iter().all(is_usable) {
        return Err(unusable(&"one of its certificates is not an authority's"));
    }
    Ok(certificates)
}

/// The authorities of [`authorities`], as rustls takes them.
///
/// # Errors
/// As [`authorities`].
pub fn roots(extra: Option<&Path>) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities(extra)?);
    Ok(roots)
}

fn is_usable(certificate: &CertificateDer<'_>) -> bool {
    RootCertStore::empty().add(certificate.clone().into_owned()).is_ok()
}

#[cfg(test)]
pub mod tests;
