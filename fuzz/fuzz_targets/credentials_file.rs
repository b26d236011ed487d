//! The credentials file, in the place where the official clients have it.
#![no_main]

use bytes::Bytes;
use http::Response;
use kps_core::{Environment, Failure, ListKeypairs, Prepared, Region, Retries, blocking};
use kps_fuzz::{check, now};
use libfuzzer_sys::fuzz_target;

const IAM: &str = r#"{"token":{"expires_at":"2026-05-01T00:00:00.000Z"},"projects":[{"id":"0a1b","name":"cn-north-4"}],
    "credential":{"access":"AK","secret":"SK","securitytoken":"ST","expires_at":"2026-05-01T00:00:00.000Z"}}"#;

/// Who is asked for a token or a project, which a file may lead to.
fn identity(_: Prepared) -> Result<Response<Bytes>, Failure> {
    let mut answer = Response::new(Bytes::from_static(IAM.as_bytes()));
    answer.headers_mut().insert("x-subject-token", http::HeaderValue::from_static("a-token"));
    Ok(answer)
}

fuzz_target!(|text: &str| {
    let environment = Environment::from([("HOME", "/h"), ("NO_PROXY", "*")])
        .with_file("/h/.huaweicloud/credentials", text)
        .with_file("/t", "an ID token");
    let kps = blocking::Client::builder((identity, now))
        .environment(environment)
        .region(Region::CN_NORTH_4)
        .retries(Retries::none())
        .build()
        .unwrap();
    match kps.prepare(ListKeypairs::new()) {
        Ok(request) => assert!(
            request.headers().contains_key("authorization") != request.headers().contains_key("x-auth-token")
        ),
        Err(error) => check(&error),
    }
});
