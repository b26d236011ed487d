//! The project that is looked up.

use std::sync::{Arc, Mutex};

use kps_model::ListKeypairs;

use super::{answer, home, script};
use crate::{Agency, Credentials, CredentialsSource, Environment, Prepared, Region, blocking};

#[test]
fn a_project_is_looked_up_or_the_candidates_are_named() {
    const BY_NAME: &str = "GET https://iam.cn-north-4.myhuaweicloud.com/v3/projects?name=cn-north-4 - 10";
    const OWN: &str = "GET https://iam.cn-north-4.myhuaweicloud.com/v3/auth/projects - 10";
    let one = r#"{"projects":[{"id":"p1","name":"cn-north-4","enabled":true,"is_domain":false}]}"#;
    let two = r#"{"projects":[{"id":"p1","name":"cn-north-4"},{"id":"p2","name":"cn-north-4"}]}"#;
    let others = r#"{"links":{},"projects":[{"id":"p3","name":"cn-north-1"},{"id":"p1","name":"cn-north-4","enabled":false}]}"#;
    for (answers, asked, expected) in [
        (vec![answer(200, one)], vec![BY_NAME], Ok("p1")),
        (vec![answer(403, "{}"), answer(200, one)], vec![BY_NAME, OWN], Ok("p1")),
        (vec![answer(200, "{}"), answer(200, one)], vec![BY_NAME, OWN], Ok("p1")),
        (
            vec![answer(200, two)],
            vec![BY_NAME],
            Err("there are several projects of cn-north-4: p1, p2; set HUAWEICLOUD_SDK_PROJECT_ID, or name"),
        ),
        (
            vec![answer(200, "{}"), answer(200, others)],
            vec![BY_NAME, OWN],
            Err(
                "there is no project of cn-north-4, there are cn-north-1 (p3), cn-north-4 (p1, disabled); set",
            ),
        ),
        (
            vec![answer(200, "{}"), answer(200, r#"{"projects":[]}"#)],
            vec![BY_NAME, OWN],
            Err("there is no project of cn-north-4; set HUAWEICLOUD_SDK_PROJECT_ID"),
        ),
        (vec![answer(403, "{}"), answer(403, "{}")], vec![BY_NAME, OWN], Err("the look-up of the project: ")),
        (vec![answer(401, "{}")], vec![BY_NAME], Err("status 401")),
        (vec![answer(200, "<html>")], vec![BY_NAME], Err("the look-up of the project: at `$`")),
    ] {
        let (transport, noted) = script(answers.into_iter().map(Ok).collect());
        let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4);
        let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
        match (kps.prepare(ListKeypairs::new()), expected) {
            (Ok(prepared), Ok(expected)) => assert_eq!(prepared.headers()["x-project-id"], expected),
            (Err(error), Err(reason)) => {
                assert!(error.to_string().contains(reason), "{reason}: {error}");
                assert_eq!(error.is_no_project(), reason.starts_with("there is no project"), "{error}");
            }
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
        assert_eq!(*noted.lock().unwrap(), asked);
    }
}

#[test]
fn the_project_of_the_region_can_be_meant_whatever_others_tell() {
    let one = r#"{"projects":[{"id":"p1","name":"cn-north-4"}]}"#;
    let file = "[basic]\nak = AK\nsk = SK\nproject_id = of-the-file\n";
    let environment = || {
        Environment::from([("HOME", "/h"), ("HUAWEICLOUD_SDK_PROJECT_ID", "of-the-variable")])
            .with_file("/h/.huaweicloud/credentials", file)
    };
    for (by_region, expected) in [(false, "of-the-variable"), (true, "p1")] {
        for source in [None, Some(CredentialsSource::file())] {
            let (transport, noted) = script(vec![Ok(answer(200, one))]);
            let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4);
            let kps = kps.environment(environment());
            let kps = if by_region { kps.project_by_region() } else { kps };
            let kps = match source {
                Some(source) => kps.credentials(source),
                None => kps,
            };
            let prepared = kps.build().unwrap().prepare(ListKeypairs::new()).unwrap();
            assert_eq!(prepared.headers()["x-project-id"], expected);
            assert_eq!(noted.lock().unwrap().len(), usize::from(by_region));
        }
    }
    let nowhere = blocking::Client::builder(|_: Prepared| Ok(answer(200, one)))
        .endpoint("https://kms.example.com")
        .credentials(CredentialsSource::file())
        .environment(environment())
        .project_by_region()
        .build();
    assert!(nowhere.unwrap_err().to_string().contains("set a region to look it up"));
}

#[test]
fn a_refusal_of_the_identity_service_is_told_with_its_trace() {
    let refusal = |_: Prepared| {
        let mut answer = answer(401, r#"{"error":{"code":401,"message":"no"}}"#);
        answer.headers_mut().insert("x-iam-trace-id", "token_cn-north-4_1".parse().unwrap());
        Ok(answer)
    };
    let kps = blocking::Client::builder(refusal).region(Region::CN_NORTH_4);
    let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    assert_eq!(kps.prepare(ListKeypairs::new()).unwrap_err().request_id(), Some("token_cn-north-4_1"));
}

/// Also through an agency, which is of the same cloud.
#[test]
fn the_project_is_looked_up_where_the_file_says() {
    const KEYS: &str = "[basic]\nak=AK\nsk=SK\niam_endpoint=http://iam.file\n";
    const ID_TOKEN: &str = "[basic]\nidp_id=i\nid_token_file=/t\niam_endpoint=iam.file:444\n";
    let agency = || CredentialsSource::agency(CredentialsSource::file(), Agency::new("n", "acc"));
    for (source, text, argument, expected) in [
        (CredentialsSource::file(), KEYS, false, vec!["http://iam.file"]),
        (CredentialsSource::default_chain(), KEYS, false, vec!["http://iam.file"]),
        (agency(), KEYS, false, vec!["http://iam.file"; 2]),
        (CredentialsSource::file(), ID_TOKEN, false, vec!["https://iam.file:444"; 3]),
        (CredentialsSource::file(), KEYS, true, vec!["https://iam.arg"]),
        (agency(), KEYS, true, vec!["https://iam.arg"; 2]),
        (Credentials::access_key("AK", "SK").into(), KEYS, false, vec!["https://iam.env"]),
    ] {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        let transport = move |request: Prepared| {
            let uri = request.uri();
            noted.lock().unwrap().push(format!("{}://{}", uri.scheme().unwrap(), uri.authority().unwrap()));
            if uri.path() == "/v3/projects" {
                return Ok(answer(200, r#"{"projects":[{"id":"p1","name":"cn-north-4"}]}"#));
            }
            let mut answer = answer(201, super::KEYS);
            answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
            Ok(answer)
        };
        let environment = home([("HUAWEICLOUD_SDK_IAM_ENDPOINT", "iam.env")]).with_file("/t", "t");
        let environment = environment.with_file("/h/.huaweicloud/credentials", text);
        let builder = blocking::Client::builder(transport).region(Region::CN_NORTH_4);
        let builder = if argument { builder.iam_endpoint("iam.arg") } else { builder };
        let kps = builder.credentials(source).environment(environment).build().unwrap();
        assert_eq!(kps.prepare(ListKeypairs::new()).unwrap().headers()["x-project-id"], "p1");
        assert_eq!(*asked.lock().unwrap(), expected, "{text}");
    }
}
