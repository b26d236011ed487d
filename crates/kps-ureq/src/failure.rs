//! What an error of ureq says about the request.

use std::collections::TryReserveError;
use std::io::{self, ErrorKind};

use kps_core::{Failure, FailureKind, Sent};
use ureq::{Error, Timeout};

pub(crate) fn too_large(cap: usize) -> Failure {
    Failure::new(FailureKind::TooLarge, Sent::Maybe, format!("more than {cap} bytes"))
}

/// Of an answer of so many bytes as it states.
pub(crate) fn no_room(error: TryReserveError) -> Failure {
    Failure::new(FailureKind::TooLarge, Sent::Maybe, error)
}

pub(crate) fn from(error: Error) -> Failure {
    let (kind, sent) = judge(&error);
    Failure::new(kind, sent, error)
}

fn judge(error: &Error) -> (FailureKind, Sent) {
    match error {
        Error::HostNotFound | Error::ConnectionFailed | Error::ConnectProxyFailed(_) => {
            (FailureKind::Connect, Sent::No)
        }
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => (FailureKind::Timeout, Sent::No),
        Error::Timeout(_) => (FailureKind::Timeout, Sent::Maybe),
        Error::Tls(_) | Error::TlsRequired => (FailureKind::Tls, Sent::No),
        // It comes from the handshake only: what fails later is an I/O error.
        #[cfg(feature = "native-tls")]
        Error::NativeTls(_) => (FailureKind::Tls, Sent::No),
        #[cfg(feature = "rustls")]
        Error::Rustls(error) => of_rustls(error),
        Error::Io(error) => of_io(error),
        Error::BodyExceedsLimit(_) => (FailureKind::TooLarge, Sent::Maybe),
        // The cap is not on the head: one that ureq does not take is no HTTP to it, nor is a body that it gives up.
        Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::BodyStalled => {
            (FailureKind::Interrupted, Sent::Maybe)
        }
        Error::BadUri(_) | Error::Http(_) | Error::InvalidProxyUrl => (FailureKind::Other, Sent::No),
        _ => (FailureKind::Other, Sent::Maybe),
    }
}

/// ureq does not tell in which phase a socket failed, but some errors come from connecting only.
fn of_io(error: &io::Error) -> (FailureKind, Sent) {
    #[cfg(feature = "rustls")]
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_rustls(error);
    }
    match error.kind() {
        ErrorKind::ConnectionRefused
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => (FailureKind::Connect, Sent::No),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => (FailureKind::Timeout, Sent::Maybe),
        _ if is_name_lookup(error) => (FailureKind::Connect, Sent::No),
        _ => (FailureKind::Interrupted, Sent::Maybe),
    }
}

/// The standard library has no kind for a name that was not found: it is known by its text, on Windows by the
/// numbers of its resolver's errors.
fn is_name_lookup(error: &io::Error) -> bool {
    let windows = cfg!(windows) && matches!(error.raw_os_error(), Some(11001..=11004));
    windows || error.to_string().starts_with("failed to lookup address information")
}

/// A certificate is judged before anything is sent, and so is whether both sides speak alike; a broken record may come
/// at any time.
#[cfg(feature = "rustls")]
fn of_rustls(error: &rustls::Error) -> (FailureKind, Sent) {
    use rustls::{AlertDescription as Alert, Error};

    match error {
        Error::AlertReceived(
            Alert::HandshakeFailure
            | Alert::InsufficientSecurity
            | Alert::NoApplicationProtocol
            | Alert::ProtocolVersion
            | Alert::UnrecognisedName,
        ) => (FailureKind::Tls, Sent::No),
        Error::InvalidCertificate(_)
        | Error::NoCertificatesPresented
        | Error::UnsupportedNameType
        | Error::PeerIncompatible(_)
        | Error::General(_) => (FailureKind::Tls, Sent::No),
        _ => (FailureKind::Tls, Sent::Maybe),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_from_connecting_was_surely_not_sent() {
        let io = |kind| Error::Io(io::Error::from(kind));
        for (error, expected) in [
            (Error::HostNotFound, (FailureKind::Connect, Sent::No)),
            (io(ErrorKind::ConnectionRefused), (FailureKind::Connect, Sent::No)),
            (io(ErrorKind::NetworkUnreachable), (FailureKind::Connect, Sent::No)),
            (io(ErrorKind::ConnectionReset), (FailureKind::Interrupted, Sent::Maybe)),
            (io(ErrorKind::UnexpectedEof), (FailureKind::Interrupted, Sent::Maybe)),
            (io(ErrorKind::BrokenPipe), (FailureKind::Interrupted, Sent::Maybe)),
            (io(ErrorKind::TimedOut), (FailureKind::Timeout, Sent::Maybe)),
            (Error::Timeout(Timeout::Connect), (FailureKind::Timeout, Sent::No)),
            (Error::Timeout(Timeout::RecvResponse), (FailureKind::Timeout, Sent::Maybe)),
            (Error::BodyExceedsLimit(7), (FailureKind::TooLarge, Sent::Maybe)),
            (Error::LargeResponseHeader(7, 6), (FailureKind::Interrupted, Sent::Maybe)),
            (Error::BodyStalled, (FailureKind::Interrupted, Sent::Maybe)),
            (Error::BadUri("x".into()), (FailureKind::Other, Sent::No)),
        ] {
            assert_eq!(judge(&error), expected, "{error}");
        }
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn a_refused_certificate_is_found_within_an_io_error() {
        let refused = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let error = Error::Io(io::Error::new(ErrorKind::InvalidData, refused));
        assert_eq!(judge(&error), (FailureKind::Tls, Sent::No));
        let broken = Error::Io(io::Error::new(ErrorKind::InvalidData, rustls::Error::DecryptError));
        assert_eq!(judge(&broken), (FailureKind::Tls, Sent::Maybe));
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn a_server_that_gives_up_the_handshake_has_seen_no_request() {
        use rustls::AlertDescription as Alert;

        for (alert, sent) in [
            (Alert::HandshakeFailure, Sent::No),
            (Alert::ProtocolVersion, Sent::No),
            (Alert::UnrecognisedName, Sent::No),
            // A client certificate is judged when the request may be on its way.
            (Alert::CertificateRequired, Sent::Maybe),
            (Alert::InternalError, Sent::Maybe),
        ] {
            let error = io::Error::new(ErrorKind::InvalidData, rustls::Error::AlertReceived(alert));
            assert_eq!(judge(&Error::Io(error)), (FailureKind::Tls, sent), "{alert:?}");
        }
    }
}
