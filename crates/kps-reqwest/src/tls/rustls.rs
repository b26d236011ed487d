//! TLS by rustls with ring, whatever provider other crates of the program install.

use std::sync::{Arc, OnceLock};

use kps_core::{Error, HttpOptions};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

pub(crate) fn config(options: &HttpOptions) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::config(format!("TLS cannot be set up: {error}")))?;
    let config = match options.root_certificates() {
        Some(pem) => config.with_root_certificates(roots(pem)?),
        None => {
            let verifier = OnFirstUse { provider, platform: OnceLock::new() };
            config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    let Some((chain, key)) = options.client_certificate() else { return Ok(config.with_no_client_auth()) };
    let chain = certificates("the client certificate", chain)?;
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
        .map_err(|_| Error::config("the key of the client certificate is no private key in PEM"))?;
    config
        .with_client_auth_cert(chain, key)
        .map_err(|error| Error::config(format!("the client certificate cannot be used: {error}")))
}

fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let none = || Error::config(format!("{what}: there is no certificate in PEM"));
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| none())?;
    if all.is_empty() { Err(none()) } else { Ok(all) }
}

fn roots(pem: &[u8]) -> Result<RootCertStore, Error> {
    const WHAT: &str = "the root certificates";
    let mut roots = RootCertStore::empty();
    for certificate in certificates(WHAT, pem)? {
        roots.add(certificate).map_err(|error| Error::config(format!("{WHAT}: {error}")))?;
    }
    Ok(roots)
}

/// The platform's verifier, made when the first certificate is to be judged: it loads the certificates of the
/// machine, which takes milliseconds, and fails on a machine that has none, though `http` may be all it needs.
#[derive(Debug)]
struct OnFirstUse {
    provider: Arc<CryptoProvider>,
    platform: OnceLock<Result<Verifier, rustls::Error>>,
}

impl OnFirstUse {
    fn platform(&self) -> Result<&Verifier, rustls::Error> {
        self.platform.get_or_init(|| Verifier::new(self.provider.clone())).as_ref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for OnFirstUse {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.platform()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.platform()?.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.platform()?.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
