//! What the system's TLS library asks for beyond rustls.

use kps_core::{Error, HttpOptions};
use native_tls::Identity;

/// ureq would only find it when it connects.
pub(crate) fn check(options: &HttpOptions) -> Result<(), Error> {
    let Some((chain, key)) = options.client_certificate() else { return Ok(()) };
    Identity::from_pkcs8(chain, key.expose().as_bytes()).map(drop).map_err(|_| {
        Error::config(
            "the client certificate cannot be used: the system's TLS library wants a chain in PEM and a key in PKCS#8 \
             (`BEGIN PRIVATE KEY`)",
        )
    })
}
