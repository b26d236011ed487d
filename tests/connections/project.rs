//! Which project is meant, and that it is looked up once.

use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use http::StatusCode;
use kps_core::{Client, CredentialsSource, ListKeypairs, Password, Prepared, blocking};

use crate::given::{COLOURS, Given, no_key_pairs, status};

pub(crate) const ONE: &str = r#"{"projects":[{"id":"p1","name":"cn-north-4","enabled":true}]}"#;

const TWO: &str = r#"{"projects":[{"id":"p1","name":"cn-north-4"},{"id":"p2","name":"cn-north-4"}]}"#;
const OTHERS: &str = r#"{"projects":[{"id":"p3","name":"cn-north-1"},{"id":"p4","name":"cn-north-4_team"}]}"#;

const BY_NAME: &str = "https://iam.cn-north-4.myhuaweicloud.com/v3/projects?name=cn-north-4";
const OWN: &str = "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/projects";

fn key_pairs_of(project: &str) -> String {
    format!("https://kms.cn-north-4.myhuaweicloud.com/v3/{project}/keypairs")
}

#[test]
fn the_project_is_the_one_that_is_named_or_that_comes_with_the_credentials() {
    const AK: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "AK");
    const PROJECT: (&str, &str) = ("HUAWEICLOUD_SDK_PROJECT_ID", "of-variable");
    let given = || Given::region("cn-north-4");
    let file = "[basic]\nak=AK\nsk=SK\nproject_id=of-file\n";
    let with_file =
        |given: Given| given.source(CredentialsSource::file()).file("/h/.huaweicloud/credentials", file);
    for (given, project, lookups) in [
        (with_file(given().environment([("HOME", "/h"), PROJECT])).project("argued"), "argued", 0),
        (with_file(given().environment([("HOME", "/h"), PROJECT])), "of-variable", 0),
        (with_file(given()), "of-file", 0),
        (given().environment([AK]), "p1", 1),
        (given().environment([("HUAWEICLOUD_SDK_PROJECT_ID", "")]), "p1", 1),
    ] {
        for colour in COLOURS {
            let (outcome, asked) = given.asked(colour, |request: &Prepared| {
                let projects = request.uri().path() == "/v3/projects";
                Ok(status(StatusCode::OK, if projects { ONE } else { r#"{"keypairs":[]}"# }))
            });
            assert_eq!(outcome.unwrap(), 0, "{colour:?} {given:?}");
            assert_eq!(asked.len(), 1 + lookups, "{colour:?}: {asked:?}");
            assert_eq!(asked[lookups], key_pairs_of(project), "{colour:?}");
        }
    }
    // The token of a password names its project.
    let user = given().source(CredentialsSource::password(Password::new("a", "u", "p")));
    for colour in COLOURS {
        let (outcome, asked) =
            user.clone().environment([("HOME", "/h")]).asked(colour, |request: &Prepared| {
                if request.uri().path() != "/v3/auth/tokens" {
                    return no_key_pairs(request);
                }
                let body = r#"{"token":{"expires_at":"2099-01-01T00:00:00Z","project":{"id":"of-token"}}}"#;
                let mut answer = status(StatusCode::CREATED, body);
                answer.headers_mut().insert("x-subject-token", "TOKEN".parse().unwrap());
                Ok(answer)
            });
        assert_eq!(outcome.unwrap(), 0);
        assert_eq!(asked[1..], [key_pairs_of("of-token")], "{colour:?}");
    }
}

#[test]
fn a_look_up_of_the_project_finds_one_or_names_the_candidates() {
    const OK: StatusCode = StatusCode::OK;
    const NONE: &str = r#"{"projects":[]}"#;
    const DISABLED: &str = r#"{"projects":[{"id":"p5","name":"cn-north-4","enabled":false}]}"#;
    let forbidden = (StatusCode::FORBIDDEN, "{}");
    for (by_name, own, asked_own, expected) in [
        ((OK, ONE), forbidden, false, Ok("p1")),
        (forbidden, (OK, ONE), true, Ok("p1")),
        ((OK, NONE), (OK, ONE), true, Ok("p1")),
        ((OK, "{}"), (OK, ONE), true, Ok("p1")),
        (
            (OK, TWO),
            forbidden,
            false,
            Err(
                "there are several projects of cn-north-4: p1, p2; set HUAWEICLOUD_SDK_PROJECT_ID, or name the \
                 project with `project_id`",
            ),
        ),
        ((OK, NONE), (OK, TWO), true, Err("there are several projects of cn-north-4: p1, p2; ")),
        (
            forbidden,
            (OK, OTHERS),
            true,
            Err("there is no project of cn-north-4, there are cn-north-1 (p3), cn-north-4_team (p4); set \
                 HUAWEICLOUD_SDK_PROJECT_ID, or name the project with `project_id`"),
        ),
        (
            (OK, NONE),
            (OK, NONE),
            true,
            Err("there is no project of cn-north-4; set HUAWEICLOUD_SDK_PROJECT_ID"),
        ),
        (
            (OK, NONE),
            (OK, DISABLED),
            true,
            Err("there is no project of cn-north-4, there are cn-north-4 (p5, disabled)"),
        ),
        (forbidden, forbidden, true, Err("the look-up of the project: the service answered status 403")),
        ((StatusCode::UNAUTHORIZED, "{}"), forbidden, false, Err("status 401")),
    ] {
        for colour in COLOURS {
            let (outcome, mut asked) =
                Given::region("cn-north-4").environment([("HOME", "/h")]).asked(colour, move |request| {
                    Ok(match request.uri().path() {
                        "/v3/projects" => status(by_name.0, by_name.1),
                        "/v3/auth/projects" => status(own.0, own.1),
                        _ => status(OK, r#"{"keypairs":[]}"#),
                    })
                });
            match (outcome, expected) {
                (Ok(_), Ok(project)) => assert_eq!(asked.pop(), Some(key_pairs_of(project)), "{colour:?}"),
                (Err(error), Err(reason)) => {
                    assert!(error.to_string().contains(reason), "{colour:?} {reason}: {error}");
                }
                (outcome, expected) => panic!("{colour:?}: {outcome:?}, not {expected:?}"),
            }
            let expected = if asked_own { vec![BY_NAME, OWN] } else { vec![BY_NAME] };
            assert_eq!(asked, expected, "{colour:?}");
        }
    }
}

/// Whatever a client is told for some calls.
#[test]
fn clients_made_of_one_share_one_look_up() {
    for colour in COLOURS {
        let lookups: Arc<Mutex<usize>> = Arc::default();
        let noted = lookups.clone();
        let given = Given::region("cn-north-4").environment([("HOME", "/h")]);
        let kps = given.in_process(colour, move |request: &Prepared| {
            if request.uri().path() != "/v3/projects" {
                assert!(request.uri().path().starts_with("/v3/p1/"));
                return no_key_pairs(request);
            }
            *noted.lock().unwrap() += 1;
            Ok(status(StatusCode::OK, ONE))
        });
        let kps = kps.unwrap();
        let minute = std::time::Duration::from_secs(60);
        let clone = kps.with(|kps| Ok(kps.clone()), |kps| Ok(kps.clone())).unwrap();
        let hasty = kps.with(|kps| Ok(kps.with_timeout(minute)), |kps| Ok(kps.with_timeout(minute))).unwrap();
        // The one that is made for a single call looks it up for all.
        for kps in [kps.with_header("x-language", "en-us").unwrap(), kps, clone, hasty] {
            kps.list().unwrap();
        }
        assert_eq!(*lookups.lock().unwrap(), 1, "{colour:?}");
    }
}

#[test]
fn threads_share_one_look_up() {
    let lookups: Arc<Mutex<usize>> = Arc::default();
    let noted = lookups.clone();
    // All threads are under way before any of them may look it up.
    let all = Barrier::new(8);
    let kps = Given::region("cn-north-4").environment([("HOME", "/h")]);
    let kps = kps.on(blocking::Client::builder(move |request: Prepared| {
        if request.uri().path() == "/v3/projects" {
            *noted.lock().unwrap() += 1;
            return Ok(status(StatusCode::OK, ONE));
        }
        no_key_pairs(&request)
    }));
    let kps = kps.build().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                all.wait();
                kps.send(ListKeypairs::new()).unwrap();
            });
        }
    });
    assert_eq!(*lookups.lock().unwrap(), 1);
}

#[tokio::test]
async fn tasks_share_one_look_up() {
    let lookups: Arc<Mutex<usize>> = Arc::default();
    let noted = lookups.clone();
    let kps = Given::region("cn-north-4").environment([("HOME", "/h")]);
    let kps = kps.on(Client::builder(move |request: Prepared| {
        let noted = noted.clone();
        async move {
            if request.uri().path() != "/v3/projects" {
                return no_key_pairs(&request);
            }
            *noted.lock().unwrap() += 1;
            // The others get to where they wait.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            Ok(status(StatusCode::OK, ONE))
        }
    }));
    let kps = kps.build().unwrap();
    let call = || {
        let kps = kps.clone();
        tokio::spawn(async move { kps.send(ListKeypairs::new()).await.map(|page| page.keypairs.len()) })
    };
    let calls: Vec<_> = (0..8).map(|_| call()).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), 0);
    }
    assert_eq!(*lookups.lock().unwrap(), 1);
}
