//! Through which proxy requests go.

use kps_core::{Environment, HttpOptions, Proxy};

use crate::given::{COLOURS, Given, no_key_pairs};
use crate::server::{NO_KEY_PAIRS, Server};

/// One that somebody set up has a proxy of its own, or none.
#[test]
fn a_transport_that_is_handed_in_has_nothing_to_do_with_the_variables_of_proxies() {
    let socks = [("HTTPS_PROXY", "socks5://127.0.0.1:9")];
    let given = Given::region("cn-north-4").project("0a1b").environment(socks);
    for colour in COLOURS {
        assert_eq!(given.asked(colour, no_key_pairs).0.unwrap(), 0, "{colour:?}");
        let error = given.over_http(colour).err().unwrap();
        assert!(
            error.to_string().contains("HTTPS_PROXY must be like http://host:port"),
            "{colour:?}: {error}"
        );
    }
}

#[test]
fn requests_go_through_the_proxy_that_is_meant() {
    const PASSWORD: &str = "proxy-authorization: basic dxnlcjpwyxnz\r\n";
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Way {
        Proxy,
        Direct,
    }
    use Way::{Direct, Proxy as Proxied};
    for colour in COLOURS {
        let (proxy, server) = (Server::start(NO_KEY_PAIRS), Server::start(NO_KEY_PAIRS));
        let address = format!("http://user:pass@{}", proxy.address);
        let bare = format!("user:pass@{}", proxy.address);
        let (named, system) = (Proxy::Url(address.clone()), Proxy::System);
        for (proxy_option, variables, way) in [
            (system.clone(), vec![("HTTP_PROXY", &*address)], Proxied),
            (system.clone(), vec![("http_proxy", &*address)], Proxied),
            (system.clone(), vec![("HTTP_PROXY", &*bare)], Proxied),
            (system.clone(), vec![("ALL_PROXY", &*address)], Proxied),
            (system.clone(), vec![("ALL_PROXY", &*address), ("NO_PROXY", "10.0.0.0/8,.example")], Proxied),
            (system.clone(), vec![("HTTPS_PROXY", &*address)], Direct),
            (system.clone(), vec![("ALL_PROXY", &*address), ("NO_PROXY", "127.0.0.0/8")], Direct),
            (system.clone(), vec![("HTTP_PROXY", &*address), ("no_proxy", "*")], Direct),
            (system.clone(), vec![("HTTP_PROXY", &*address), ("REQUEST_METHOD", "GET")], Direct),
            (system, vec![], Direct),
            (Proxy::None, vec![("HTTP_PROXY", &*address)], Direct),
            (named.clone(), vec![], Proxied),
            (named, vec![("NO_PROXY", "*")], Proxied),
        ] {
            let mut given = Given::endpoints([server.http()]);
            given.http = Some(HttpOptions::new().with_proxy(proxy_option.clone()));
            given.environment = Some(table(&variables));
            let before = (proxy.heads().len(), server.heads().len());
            given.over_http(colour).unwrap().list().unwrap();
            let through = proxy.heads().split_off(before.0);
            let direct = server.heads().split_off(before.1);
            let what = format!("{colour:?} {proxy_option:?} {variables:?}: {through:?} {direct:?}");
            match way {
                Proxied => {
                    assert!(direct.is_empty(), "{what}");
                    assert!(through[0].contains(&server.address), "{what}");
                    assert!(through[0].contains(PASSWORD), "{what}");
                    let head = through.last().unwrap();
                    assert!(head.contains("authorization: sdk-hmac-sha256"), "{what}");
                }
                Direct => {
                    assert!(through.is_empty(), "{what}");
                    assert_eq!(direct.len(), 1, "{what}");
                    assert!(!direct[0].contains("proxy-"), "{what}");
                }
            }
        }
    }
}

/// That a tunnel is asked for is enough.
#[test]
fn a_tunnel_is_asked_of_the_proxy_that_is_meant_for_https() {
    for colour in COLOURS {
        let proxy =
            Server::with_tunnel(NO_KEY_PAIRS, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
        let address = proxy.http();
        for (variables, asked) in [
            (vec![("HTTPS_PROXY", &*address)], true),
            (vec![("https_proxy", &*address)], true),
            (vec![("ALL_PROXY", &*address), ("HTTPS_PROXY", "http://127.0.0.1:9")], false),
            (vec![("HTTP_PROXY", &*address), ("HTTPS_PROXY", "http://127.0.0.1:9")], false),
        ] {
            let mut given = Given::endpoints(["https://127.0.0.1:9".to_owned()]);
            given.http = Some(HttpOptions::new());
            given.environment = Some(table(&variables));
            let before = proxy.heads().len();
            given.over_http(colour).unwrap().list().unwrap_err();
            let through = proxy.heads().split_off(before);
            let connects = through.iter().any(|head| head.starts_with("connect 127.0.0.1:9 "));
            assert_eq!(connects, asked, "{colour:?} {variables:?}: {through:?}");
        }
    }
}

/// At most two variables.
fn table(variables: &[(&str, &str)]) -> Environment {
    let at = |index| variables.get(index).copied().unwrap_or(("HOME", "/h"));
    Environment::from([at(0), at(1)])
}
