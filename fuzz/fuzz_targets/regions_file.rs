//! The regions file, in the place where the official clients have it.
#![no_main]

use kps_core::{Credentials, Environment, ListKeypairs, Prepared, ProjectId, Region, blocking};
use kps_fuzz::{check, now};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let environment = Environment::from([("HOME", "/h"), ("NO_PROXY", "*")])
        .with_file("/h/.huaweicloud/regions.yaml", text);
    let kps = blocking::Client::builder((|_: Prepared| Ok(http::Response::default()), now))
        .environment(environment)
        .region(Region::CN_NORTH_4)
        .credentials(Credentials::token("a-token"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build();
    match kps {
        Ok(kps) => {
            let request = kps.prepare(ListKeypairs::new()).unwrap();
            let host = request.headers()["host"].to_str().unwrap();
            assert_eq!(request.uri().authority().map(|authority| authority.as_str()), Some(host));
        }
        Err(error) => check(&error),
    }
});
