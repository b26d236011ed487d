//! How many connections are kept.

use kps_core::HttpOptions;

use crate::given::{COLOURS, Given};
use crate::server::{NO_KEY_PAIRS, Server};

#[test]
fn as_many_connections_are_kept_as_is_said() {
    for (idle, connections) in [(None, 1), (Some(1), 1), (Some(0), 4)] {
        for colour in COLOURS {
            let server = Server::start(NO_KEY_PAIRS);
            let mut given = Given::endpoints([server.http()]);
            given.http =
                given.http.map(|http| idle.into_iter().fold(http, HttpOptions::with_idle_connections));
            let kps = given.over_http(colour).unwrap();
            for _ in 0..4 {
                kps.list().unwrap();
            }
            assert_eq!(server.heads().len(), 4, "{colour:?} {idle:?}");
            assert_eq!(server.connections(), connections, "{colour:?} {idle:?}");
        }
    }
}
