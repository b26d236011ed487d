//! TLS by one of the libraries that are compiled in.

#[cfg(feature = "native-tls")]
mod native;
#[cfg(feature = "rustls")]
mod rustls;

use kps_core::{Error, HttpOptions, Tls};
use reqwest::ClientBuilder;

use crate::transport::TLS;

/// Sets it up on a client.
pub(crate) fn set(builder: ClientBuilder, options: &HttpOptions) -> Result<ClientBuilder, Error> {
    Ok(match options.tls_of(TLS)? {
        #[cfg(feature = "rustls")]
        Some(Tls::Rustls) => builder.tls_backend_preconfigured(rustls::config(options)?),
        #[cfg(feature = "native-tls")]
        Some(Tls::Native) => builder.tls_backend_preconfigured(native::connector(options)?),
        _ => builder,
    })
}
