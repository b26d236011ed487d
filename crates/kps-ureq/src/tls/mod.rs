//! TLS by one of the libraries that are compiled in.

#[cfg(feature = "native-tls")]
mod native;

use kps_core::{Error, HttpOptions, Tls};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, TlsProvider, parse_pem};

use crate::transport::TLS;

pub(crate) fn config(options: &HttpOptions) -> Result<TlsConfig, Error> {
    let roots = match options.root_certificates() {
        None => RootCerts::PlatformVerifier,
        Some(pem) => RootCerts::new_with_certs(&certificates("the root certificates", pem)?),
    };
    let client = options.client_certificate().map(|(chain, key)| {
        let chain = certificates("the client certificate", chain)?;
        let key = PrivateKey::from_pem(key.expose().as_bytes())
            .map_err(|_| Error::config("the key of the client certificate is no private key in PEM"))?;
        Ok::<_, Error>(ClientCert::new_with_certs(&chain, key))
    });
    let config = TlsConfig::builder().root_certs(roots).client_cert(client.transpose()?);
    let config = match options.tls_of(TLS)? {
        #[cfg(feature = "rustls")]
        Some(Tls::Rustls) => config
            .provider(TlsProvider::Rustls)
            // Whatever provider other crates of the program install.
            .unversioned_rustls_crypto_provider(rustls::crypto::ring::default_provider().into()),
        #[cfg(feature = "native-tls")]
        Some(Tls::Native) => {
            native::check(options)?;
            config.provider(TlsProvider::NativeTls)
        }
        _ => config,
    };
    Ok(config.build())
}

fn certificates(what: &str, pem: &[u8]) -> Result<Vec<Certificate<'static>>, Error> {
    let none = || Error::config(format!("{what}: there is no certificate in PEM"));
    let mut all = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| none())? {
            all.push(certificate);
        }
    }
    if all.is_empty() { Err(none()) } else { Ok(all) }
}
