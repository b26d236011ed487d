//! How far a request comes: the name, the connection, TLS; and the clock of who answers.

use std::time::Duration;

use kps_ureq::{Client, ErrorKind};

use crate::commands::doctor::Doctor;
use crate::commands::doctor::finding::Finding;
use crate::machine;
use crate::stop::Exit;

const NAME: &str = "name";

/// The service refuses a signature that is 15 minutes off.
const FAR_OFF: u64 = 14 * 60;
/// Clocks that are kept are closer.
const OFF: u64 = 60;

impl Doctor<'_> {
    /// Tells whether the endpoint answers.
    pub(super) fn network(&mut self, kps: &Client) -> bool {
        let Some(left) = self.left(NAME) else { return false };
        self.name(&kps.endpoint(), left);
        let Some(kps) = self.in_time("connection", kps) else { return false };
        let is_https = kps.endpoint().starts_with("https:");
        match kps.contact() {
            Ok(contact) => {
                let millis = contact.took.as_millis();
                self.note(Finding::ok(
                    "connection",
                    format!("answered with status {} in {millis} ms", contact.status),
                ));
                self.note(match is_https {
                    _ if self.context.is_demo() => Finding::skipped("TLS", "none, within this program"),
                    true => Finding::ok("TLS", "the certificate is trusted"),
                    false => plain(&kps.endpoint()),
                });
                self.clock(contact.clock_ahead);
                true
            }
            Err(error) if error.kind() == ErrorKind::Tls => {
                self.note(Finding::ok("connection", "it is reached"));
                self.note(Finding::error("TLS", &error).cure(
                    "a proxy that looks into TLS, or a name of one's own, needs its certificate among those this machine trusts",
                ));
                false
            }
            Err(error) => {
                self.note(
                    Finding::error("connection", &error)
                        .cure("see whether a firewall is between, and whether HTTPS_PROXY has to be set"),
                );
                false
            }
        }
    }

    fn name(&mut self, endpoint: &str, limit: Duration) {
        if self.context.is_demo() {
            self.note(Finding::skipped(NAME, "the service of --demo is in this program"));
            return;
        }
        let authority = authority(endpoint);
        self.note(match machine::resolve(&authority, limit) {
            Ok(1) => Finding::ok(NAME, format!("{authority} has an address")),
            Ok(addresses) => Finding::ok(NAME, format!("{authority} has {addresses} addresses")),
            Err(error) => {
                let found = format!("{authority} has no address: {}", machine::reason(&error));
                let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
                let has_proxy = variables
                    .iter()
                    .any(|name| self.context.environment().get(name).is_ok_and(|value| value.is_some()));
                match has_proxy {
                    // It is the proxy that looks it up.
                    true => Finding::warn(NAME, found),
                    false => Finding::failed(NAME, Exit::Network, found)
                        .cure("see whether the region is right and the name servers of this machine answer"),
                }
            }
        });
    }

    fn clock(&mut self, ahead: Option<i64>) {
        const CHECK: &str = "clock";
        let Some(seconds) = ahead else {
            self.note(Finding::skipped(CHECK, "the answer tells no time"));
            return;
        };
        let side = if seconds < 0 { "behind" } else { "ahead of" };
        let off = seconds.unsigned_abs();
        let found = format!("{off} s {side} the service's");
        self.note(match off {
            0..OFF => Finding::ok(CHECK, found),
            OFF..FAR_OFF => Finding::warn(CHECK, found).cure("set the clock of this machine"),
            _ => Finding::failed(CHECK, Exit::Failed, found)
                .cure("set the clock of this machine: what it signs is refused"),
        });
    }
}

/// Nothing is encrypted, which is meant where it does not leave the machine.
fn plain(endpoint: &str) -> Finding {
    let authority = authority(endpoint);
    let local = ["127.", "[::1]:", "localhost:"].iter().any(|local| authority.starts_with(local));
    match local {
        true => Finding::skipped("TLS", "none, on this machine"),
        false => Finding::warn("TLS", "none: tokens and passwords are sent for all to read")
            .cure("give --endpoint an address with https"),
    }
}

/// Host and port.
fn authority(endpoint: &str) -> String {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or(("https", endpoint));
    let authority = rest.split('/').next().unwrap_or_default();
    let after_address = authority.rsplit(']').next().unwrap_or_default();
    match after_address.contains(':') {
        true => authority.to_owned(),
        false => format!("{authority}:{}", if scheme == "http" { 80 } else { 443 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_has_a_port() {
        for (endpoint, expected) in [
            ("https://kms.cn-north-4.myhuaweicloud.com", "kms.cn-north-4.myhuaweicloud.com:443"),
            ("http://a.example/path", "a.example:80"),
            ("https://a.example:8443", "a.example:8443"),
            ("https://[2001:db8::1]", "[2001:db8::1]:443"),
            ("https://[2001:db8::1]:9443/", "[2001:db8::1]:9443"),
        ] {
            assert_eq!(authority(endpoint), expected);
        }
    }
}
