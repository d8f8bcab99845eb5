//! Encrypted connections: with a server that proves its name, or not at all.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::LedgerError;

/// A connector that trusts whom the platform trusts, or only the certificates of a file.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, LedgerError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = match roots {
        Some(file) => of_file(file, &provider)?,
        None => of_platform(&provider)?,
    };
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(problem)?;
    let config = versions.dangerous();
    let config = config.with_custom_certificate_verifier(verifier);
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn of_platform(provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, LedgerError> {
    let verifier = rustls_platform_verifier::Verifier::new(provider.clone());
    Ok(Arc::new(verifier.map_err(problem)?))
}

fn of_file(
    file: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, LedgerError> {
    let unusable = |problem: String| LedgerError::File {
        place: file.display().to_string(),
        source: std::io::Error::other(problem),
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file);
    for certificate in found.map_err(|error| unusable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        let added = roots.add(certificate);
        added.map_err(|error| unusable(error.to_string()))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone());
    let verifier = verifier.build();
    Ok(verifier.map_err(|error| unusable(error.to_string()))?)
}

fn problem(error: rustls::Error) -> LedgerError {
    LedgerError::Tls {
        problem: error.to_string(),
    }
}
