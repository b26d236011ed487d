//! Who may steer an emulator: it can show private keys and turn off checks, so no page of another site may, whatever
//! name it has made the browser take for this machine.

use std::net::SocketAddr;

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, StatusCode};

use super::Complaint;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request whose `Host` is not where it listens, or which another site's page has sent.
pub(crate) fn admit(headers: &HeaderMap, address: SocketAddr) -> Result<(), Complaint> {
    let host = single(headers, &HOST)?.unwrap_or_default().to_ascii_lowercase();
    if !is_here(&host, address) {
        let what = "the Host is not the address it listens on";
        return Err(refused(what, "the header host", format!("ask http://{address}/_emulator/")));
    }
    if single(headers, &ORIGIN)?.is_some_and(|origin| !origin.eq_ignore_ascii_case(&format!("http://{host}")))
    {
        let what = "the request comes from a page of another site";
        return Err(refused(what, "the header origin", "ask from elsewhere than a page"));
    }
    if single(headers, &SEC_FETCH_SITE)?.is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        let what = "the request comes from a page of another site";
        return Err(refused(what, "the header sec-fetch-site", "ask from elsewhere than a page"));
    }
    Ok(())
}

/// The value of a header that may come once.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Complaint> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str());
    match (value, values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(refused("the header is not one text", format!("the header {name}"), "send it once")),
    }
}

/// Whether a host is this address, with its port. Where it listens on all interfaces, any address is: a page can make
/// the browser take a name for this machine, but no number.
fn is_here(host: &str, address: SocketAddr) -> bool {
    let (ip, port) = (address.ip(), address.port());
    let host = if port == 80 && !host.ends_with(":80") { &format!("{host}:80") } else { host };
    let is_local = ip.is_loopback() || ip.is_unspecified();
    if is_local && *host == format!("localhost:{port}") {
        return true;
    }
    let named = host.parse::<SocketAddr>();
    named.is_ok_and(|named| named == address || ip.is_unspecified() && named.port() == port)
}

fn refused(what: &str, place: impl Into<String>, cure: impl Into<String>) -> Complaint {
    Complaint::new(StatusCode::FORBIDDEN, what, place, cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            sent.append(*name, value.parse().unwrap());
        }
        let complaint = admit(&sent, address.parse().unwrap()).err()?;
        assert_eq!(complaint.status, 403);
        Some(complaint.place)
    }

    #[test]
    fn it_answers_to_its_own_address_alone() {
        for (address, here, elsewhere) in [
            (
                "127.0.0.1:8650",
                &["127.0.0.1:8650", "localhost:8650", "LocalHost:8650"][..],
                &[
                    "127.0.0.1",
                    "localhost",
                    "127.0.0.1:8651",
                    "localhost:80",
                    "[::1]:8650",
                    "127.0.0.2:8650",
                    "evil.example:8650",
                    "localhost.evil.example:8650",
                    "evil.example",
                    "",
                    "127.0.0.1:8650.evil",
                    "user@127.0.0.1:8650",
                    "localhost:8650/",
                    "192.168.0.7:8650",
                    "0x7f000001:8650",
                    "2130706433:8650",
                ][..],
            ),
            ("[::1]:8650", &["[::1]:8650", "localhost:8650"], &["127.0.0.1:8650", "::1:8650", "[::2]:8650"]),
            ("192.168.0.7:8650", &["192.168.0.7:8650"], &["localhost:8650", "127.0.0.1:8650", "kps:8650"]),
            (
                "127.0.0.1:80",
                &["127.0.0.1", "localhost", "localhost:80"],
                &["localhost:8650", "evil.example"],
            ),
            (
                "0.0.0.0:8650",
                &["localhost:8650", "127.0.0.1:8650", "192.168.0.7:8650", "[::1]:8650"],
                &["evil.example:8650", "192.168.0.7", "localhost"],
            ),
            ("[::]:8650", &["localhost:8650", "[::1]:8650", "192.168.0.7:8650"], &["evil.example:8650"]),
        ] {
            for host in here {
                assert_eq!(place(address, &[("host", host)]), None, "{address} {host}");
            }
            for host in elsewhere {
                assert_eq!(
                    place(address, &[("host", host)]).as_deref(),
                    Some("the header host"),
                    "{address} {host}"
                );
            }
        }
    }

    #[test]
    fn no_page_of_another_site_is_answered() {
        let host = ("host", "localhost:8650");
        for (headers, refused) in [
            (&[][..], None),
            (&[("origin", "http://localhost:8650")], None),
            (&[("origin", "http://localhost:8650"), ("sec-fetch-site", "same-origin")], None),
            (&[("sec-fetch-site", "none")], None),
            (&[("origin", "http://127.0.0.1:8650")], Some("the header origin")),
            (&[("origin", "http://localhost:3000")], Some("the header origin")),
            (&[("origin", "https://localhost:8650")], Some("the header origin")),
            (&[("origin", "http://evil.example")], Some("the header origin")),
            (&[("origin", "null")], Some("the header origin")),
            (&[("origin", "")], Some("the header origin")),
            (
                &[("origin", "http://localhost:8650"), ("origin", "http://evil.example")],
                Some("the header origin"),
            ),
            (&[("origin", "http://localhost:8650é")], Some("the header origin")),
            (&[("sec-fetch-site", "cross-site")], Some("the header sec-fetch-site")),
            (&[("sec-fetch-site", "same-site")], Some("the header sec-fetch-site")),
            (&[("host", "evil.example")], Some("the header host")),
        ] {
            let headers = [&[host], headers].concat();
            assert_eq!(place("127.0.0.1:8650", &headers).as_deref(), refused, "{headers:?}");
        }
        assert_eq!(place("127.0.0.1:8650", &[]).as_deref(), Some("the header host"));
    }
}
