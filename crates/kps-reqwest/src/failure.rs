//! What an error of reqwest says about the request.

use std::collections::TryReserveError;
use std::error::Error as StdError;

use kps_core::{Failure, FailureKind, Sent};
use reqwest::Error;

pub(crate) fn too_large(cap: usize) -> Failure {
    Failure::new(FailureKind::TooLarge, Sent::Maybe, format!("more than {cap} bytes"))
}

/// Of an answer of so many bytes as it states.
pub(crate) fn no_room(error: TryReserveError) -> Failure {
    Failure::new(FailureKind::TooLarge, Sent::Maybe, error)
}

pub(crate) fn from(error: Error) -> Failure {
    let (kind, sent) = judge(&error);
    // The operation is named above; the address would only make the line long.
    Failure::new(kind, sent, error.without_url())
}

fn judge(error: &Error) -> (FailureKind, Sent) {
    let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Maybe };
    let kind = match error {
        _ if error.is_timeout() => FailureKind::Timeout,
        _ if is_tls(error) => FailureKind::Tls,
        _ if error.is_connect() => FailureKind::Connect,
        _ if error.is_builder() => FailureKind::Other,
        _ => FailureKind::Interrupted,
    };
    (kind, sent)
}

fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    // An I/O error does not show what it wraps among its sources, and may wrap another.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
    is_of_tls_library(error)
        || wrapped.is_some_and(|wrapped| is_tls(wrapped))
        || error.source().is_some_and(is_tls)
}

fn is_of_tls_library(error: &(dyn StdError + 'static)) -> bool {
    #[cfg(feature = "rustls")]
    if error.is::<rustls::Error>() {
        return true;
    }
    #[cfg(feature = "native-tls")]
    if error.is::<native_tls::Error>() {
        return true;
    }
    let _ = error;
    false
}
