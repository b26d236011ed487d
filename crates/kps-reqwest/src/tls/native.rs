//! TLS by the library of the system.

use kps_core::{Error, HttpOptions};
use native_tls::{Certificate, Identity, TlsConnector};

pub(crate) fn connector(options: &HttpOptions) -> Result<TlsConnector, Error> {
    let mut builder = TlsConnector::builder();
    if let Some(pem) = options.root_certificates() {
        let none = || Error::config("the root certificates: there is no certificate in PEM");
        let roots = Certificate::stack_from_pem(pem).map_err(|_| none())?;
        if roots.is_empty() {
            return Err(none());
        }
        builder.disable_built_in_roots(true);
        for root in roots {
            builder.add_root_certificate(root);
        }
    }
    if let Some((chain, key)) = options.client_certificate() {
        let identity = Identity::from_pkcs8(chain, key.expose().as_bytes()).map_err(|_| {
            Error::config(
                "the client certificate cannot be used: the system's TLS library wants a chain in PEM and a key in \
                 PKCS#8 (`BEGIN PRIVATE KEY`)",
            )
        })?;
        builder.identity(identity);
    }
    builder.build().map_err(|error| Error::config(format!("TLS cannot be set up: {error}")))
}
