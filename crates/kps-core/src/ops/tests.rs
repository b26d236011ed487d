//! The requests of all operations, byte for byte, and where an answer's secrets must not go.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer,
    ClearPrivateKey, CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, Description,
    DisassociateKeypair, Encryption, ExportPrivateKey, ImportPrivateKey, KeypairName, KeypairType, KmsKey,
    KmsKeyId, KmsKeyName, Limit, ListFailedTask, ListKeypairDetail, ListKeypairTask, ListKeypairs,
    ListRunningTask, Login, Offset, Port, PrivateKey, ProjectId, PublicKey, Scope, Server, ServerId, TaskId,
    UpdateKeypairDescription, UserId,
};

use crate::{Credentials, ErrorKind, Operation, Paged, Prepared, Region, blocking};

const PEM: &str = "-----BEGIN RSA PRIVATE KEY-----\nTOPSECRET\n-----END RSA PRIVATE KEY-----\n";

fn name(text: &str) -> KeypairName {
    KeypairName::new(text).unwrap()
}

fn pem() -> PrivateKey {
    PrivateKey::new(PEM).unwrap()
}

fn public() -> PublicKey {
    PublicKey::new("ssh-rsa AAAA a@b").unwrap()
}

fn task() -> TaskId {
    TaskId::new("4b7e19ac-d053-4c68-8f21-a9e6037dc5b4").unwrap()
}

fn server() -> ServerId {
    ServerId::new("s-1").unwrap()
}

fn client(transport: impl crate::Transport + 'static) -> blocking::Client {
    blocking::Client::builder(transport)
        .region(Region::CN_NORTH_4)
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap()
}

/// Method, path with its query, content type and body.
fn written<O: Operation>(operation: O) -> String {
    let unused = |_: Prepared| Ok(http::Response::default());
    let prepared = client(unused).prepare(operation).unwrap();
    let request = prepared.as_http();
    format!(
        "{} {} {} {}",
        request.method(),
        request.uri().path_and_query().unwrap(),
        request.headers()["content-type"].to_str().unwrap(),
        std::str::from_utf8(request.body()).unwrap(),
    )
}

#[test]
fn requests_are_written_byte_for_byte() {
    const NONE: &str = "application/json ";
    const JSON: &str = "application/json;charset=UTF-8 ";
    let key = r#"-----BEGIN RSA PRIVATE KEY-----\nTOPSECRET\n-----END RSA PRIVATE KEY-----\n"#;
    let kms = KmsKey::name(KmsKeyName::new("kps/default").unwrap());
    let kms_id = KmsKeyId::new("0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864").unwrap();
    let running = || Server::running(server(), Login::password(r#"pass"word"#));
    let limit = |number| Limit::new(number).unwrap();
    for (found, expected) in [
        (
            written(CreateKeypair::new(name("a"))),
            format!(r#"POST /v3/0a1b/keypairs {JSON}{{"keypair":{{"name":"a"}}}}"#),
        ),
        (
            written(
                CreateKeypair::new_hosted(name("a"), Encryption::Kms(kms.clone()))
                    .with_type(KeypairType::Ssh)
                    .with_scope(Scope::User)
                    .with_user_id(UserId::new("5f0c").unwrap()),
            ),
            format!(
                r#"POST /v3/0a1b/keypairs {JSON}{{"keypair":{{"name":"a","type":"ssh","scope":"user","user_id":"5f0c","key_protection":{{"encryption":{{"type":"kms","kms_key_name":"kps/default"}}}}}}}}"#
            ),
        ),
        (
            written(CreateKeypair::import(name("a"), public())),
            format!(
                r#"POST /v3/0a1b/keypairs {JSON}{{"keypair":{{"name":"a","public_key":"ssh-rsa AAAA a@b"}}}}"#
            ),
        ),
        (
            written(CreateKeypair::import_hosted(name("a"), public(), pem(), Encryption::Default)),
            format!(
                r#"POST /v3/0a1b/keypairs {JSON}{{"keypair":{{"name":"a","public_key":"ssh-rsa AAAA a@b","key_protection":{{"private_key":"{key}","encryption":{{"type":"default"}}}}}}}}"#
            ),
        ),
        (written(ListKeypairs::new()), format!("GET /v3/0a1b/keypairs {NONE}")),
        (
            written(ListKeypairs::new().with_limit(limit(50)).with_marker("a b/..")),
            format!("GET /v3/0a1b/keypairs?limit=50&marker=a%20b%2F.. {NONE}"),
        ),
        (written(ListKeypairs::new().with_marker("")), format!("GET /v3/0a1b/keypairs {NONE}")),
        (written(ListKeypairDetail::new(name("a"))), format!("GET /v3/0a1b/keypairs/a {NONE}")),
        (
            written(UpdateKeypairDescription::new(name("a"), Description::new("").unwrap())),
            format!(r#"PUT /v3/0a1b/keypairs/a {JSON}{{"keypair":{{"description":""}}}}"#),
        ),
        (written(DeleteKeypair::new(name("a"))), format!("DELETE /v3/0a1b/keypairs/a {NONE}")),
        (
            written(
                ImportPrivateKey::new(name("a"), pem(), Encryption::Kms(kms.with_id(kms_id)))
                    .with_user_id(UserId::new("5f0c").unwrap()),
            ),
            format!(
                r#"POST /v3/0a1b/keypairs/private-key/import {JSON}{{"keypair":{{"name":"a","user_id":"5f0c","key_protection":{{"private_key":"{key}","encryption":{{"type":"kms","kms_key_name":"kps/default","kms_key_id":"0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864"}}}}}}}}"#
            ),
        ),
        (
            written(ExportPrivateKey::new(name("a"))),
            format!(r#"POST /v3/0a1b/keypairs/private-key/export {JSON}{{"keypair":{{"name":"a"}}}}"#),
        ),
        (written(ClearPrivateKey::new(name("a"))), format!("DELETE /v3/0a1b/keypairs/a/private-key {NONE}")),
        (
            written(BatchImportKeypair::new([CreateKeypair::import(name("a"), public())]).unwrap()),
            format!(
                r#"POST /v3/0a1b/keypairs/batch-import {JSON}[{{"keypair":{{"name":"a","public_key":"ssh-rsa AAAA a@b"}}}}]"#
            ),
        ),
        (
            written(BatchExportPrivateKey::new([name("a"), name("b")]).unwrap()),
            format!(
                r#"POST /v3/0a1b/keypairs/private-key/batch-export {JSON}[{{"keypair":{{"name":"a"}}}},{{"keypair":{{"name":"b"}}}}]"#
            ),
        ),
        (
            written(
                AssociateKeypair::new(name("a"), running().with_port(Port::new(2222).unwrap()))
                    .with_disable_password(true),
            ),
            format!(
                r#"POST /v3/0a1b/keypairs/associate {JSON}{{"keypair_name":"a","server":{{"id":"s-1","auth":{{"type":"password","key":"pass\"word"}},"disable_password":true,"port":2222}}}}"#
            ),
        ),
        (
            written(AssociateKeypair::new(name("a"), Server::stopped(server()))),
            format!(
                r#"POST /v3/0a1b/keypairs/associate {JSON}{{"keypair_name":"a","server":{{"id":"s-1"}}}}"#
            ),
        ),
        (
            written(
                BatchAssociateKeypair::new(
                    name("a"),
                    [BatchServer::new(server(), "p").with_port(Port::DEFAULT).with_disable_password(false)],
                )
                .unwrap(),
            ),
            format!(
                r#"POST /v3/0a1b/keypairs/batch-associate {JSON}{{"batch_keypairs":[{{"keypair_name":"a","server":{{"id":"s-1","auth":{{"type":"password","key":"p"}},"disable_password":false,"port":22}}}}]}}"#
            ),
        ),
        (
            written(DisassociateKeypair::new(Server::running(server(), Login::private_key(pem())))),
            format!(
                r#"POST /v3/0a1b/keypairs/disassociate {JSON}{{"server":{{"id":"s-1","auth":{{"type":"keypair","key":"{key}"}}}}}}"#
            ),
        ),
        (
            written(ListKeypairTask::new(task())),
            format!("GET /v3/0a1b/tasks/4b7e19ac-d053-4c68-8f21-a9e6037dc5b4 {NONE}"),
        ),
        (written(ListRunningTask::new()), format!("GET /v3/0a1b/running-tasks {NONE}")),
        (
            written(ListRunningTask::new().with_offset(Offset::new(14).unwrap()).with_limit(limit(7))),
            format!("GET /v3/0a1b/running-tasks?limit=7&offset=14 {NONE}"),
        ),
        (
            written(ListFailedTask::new().with_offset(Offset::START)),
            format!("GET /v3/0a1b/failed-tasks?offset=0 {NONE}"),
        ),
        (
            written(DeleteFailedTask::new(TaskId::new("a/b").unwrap())),
            format!("DELETE /v3/0a1b/failed-tasks/a%2Fb {NONE}"),
        ),
        (written(DeleteAllFailedTask::new()), format!("DELETE /v3/0a1b/failed-tasks {NONE}")),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_secret_that_is_quoted_in_a_refusal_is_redacted() {
    let echo = |request: Prepared| {
        let mut answer = http::Response::new(request.as_http().body().clone());
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
        Ok(answer)
    };
    let running = || Server::running(server(), Login::private_key(pem()));
    let import = || CreateKeypair::import_hosted(name("a"), public(), pem(), Encryption::Default);
    let kps = client(echo);
    let batch = BatchAssociateKeypair::new(name("a"), [BatchServer::new(server(), "TOPSECRET")]).unwrap();
    for error in [
        kps.send(import()).unwrap_err(),
        kps.send(BatchImportKeypair::new([import()]).unwrap()).unwrap_err(),
        kps.send(ImportPrivateKey::new(name("a"), pem(), Encryption::Default)).unwrap_err(),
        kps.send(AssociateKeypair::new(name("a"), running())).unwrap_err(),
        kps.send(AssociateKeypair::new(name("a"), Server::running(server(), Login::password("TOPSECRET"))))
            .unwrap_err(),
        kps.send(DisassociateKeypair::new(running())).unwrap_err(),
        kps.send(batch).unwrap_err(),
    ] {
        let all = format!("{error} {error:?} {} {:?}", error.report(), error.error_body());
        assert!(all.contains("<redacted>") && !all.contains("TOPSECRET"), "{all}");
    }
}

#[test]
fn a_long_refusal_is_redacted_before_it_is_cut() {
    let lines: Vec<String> = (0..40).map(|n| format!("TOPSECRET{n:02}{}", "x".repeat(53))).collect();
    let pem =
        format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n", lines.join("\n"));
    for before in 0..70 {
        let echo = move |request: Prepared| {
            let body = [&b" ".repeat(before), &request.as_http().body()[..]].concat();
            let mut answer = http::Response::new(Bytes::from([b"<", &body[..]].concat()));
            *answer.status_mut() = http::StatusCode::BAD_REQUEST;
            Ok(answer)
        };
        let key = PrivateKey::new(pem.as_str()).unwrap();
        let request = CreateKeypair::import_hosted(name("a"), public(), key, Encryption::Default);
        let error = client(echo).send(request).unwrap_err();
        assert!(!error.to_string().contains("TOPSECRET"), "{before}: {error}");
    }
}

#[test]
fn a_refusal_with_a_status_of_success_is_redacted_too() {
    let server = Server::running(server(), Login::password("TOPSECRET"));
    let bind = || AssociateKeypair::new(name("a"), server.clone());
    let refused = |_: Prepared| {
        let body =
            r#"{"status":"FAILED","error_code":"KPS.0002","error_msg":"cannot log in with TOPSECRET"}"#;
        Ok(http::Response::new(Bytes::from_static(body.as_bytes())))
    };
    let receipt = client(refused).send(bind()).unwrap();
    assert_eq!(receipt.error_msg.as_deref(), Some("cannot log in with <redacted>"));
    assert!(!format!("{receipt:?} {}", receipt.accepted().unwrap_err()).contains("TOPSECRET"));

    let unreadable = |_: Prepared| Ok(http::Response::new(Bytes::from_static(b"\"with TOPSECRET\"")));
    let error = client(unreadable).send(bind()).unwrap_err();
    assert!(!format!("{error} {error:?} {}", error.report()).contains("TOPSECRET"), "{error}");
}

#[test]
fn an_empty_password_is_not_sent() {
    let kps = client(|_: Prepared| panic!("nothing is sent"));
    let server = || Server::running(server(), Login::password(""));
    let batch = BatchAssociateKeypair::new(name("a"), [BatchServer::new(self::server(), "")]).unwrap();
    for error in [
        kps.send(AssociateKeypair::new(name("a"), server())).unwrap_err(),
        kps.send(DisassociateKeypair::new(server())).unwrap_err(),
        kps.send(batch).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().ends_with("the password of server s-1 is empty"), "{error}");
    }
}

#[test]
fn an_answer_with_a_secret_that_cannot_be_read_is_not_quoted() {
    let answer = |_: Prepared| Ok(http::Response::new(Bytes::from_static(br#"{"keypair":"TOPSECRET"}"#)));
    let kps = client(answer);
    for error in [
        kps.send(CreateKeypair::new(name("a"))).unwrap_err(),
        kps.send(ExportPrivateKey::new(name("a"))).unwrap_err(),
        kps.send(ImportPrivateKey::new(name("a"), pem(), Encryption::Default)).unwrap_err(),
    ] {
        let all = format!("{error} {error:?} {}", error.report());
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(all.contains("at `keypair`") && !all.contains("TOPSECRET"), "{all}");
    }
}

#[test]
fn no_draft_shows_its_body() {
    let draft =
        CreateKeypair::import_hosted(name("a"), public(), pem(), Encryption::Default).encode().unwrap();
    assert!(!format!("{draft:?}").contains("TOPSECRET"), "{draft:?}");
}

/// The names listed and how the list ended, and the markers asked for.
fn listed(pages: &'static [&'static str]) -> (Vec<String>, Vec<String>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    let transport = move |request: Prepared| {
        let mut noted = noted.lock().unwrap();
        noted.push(request.as_http().uri().query().unwrap_or_default().to_owned());
        Ok(http::Response::new(Bytes::from_static(pages[noted.len() - 1].as_bytes())))
    };
    let names = client(transport)
        .items(ListKeypairs::new())
        .map(|keypair| keypair.map_or_else(|error| error.to_string(), |keypair| keypair.name.to_string()))
        .collect();
    let asked = asked.lock().unwrap().clone();
    (names, asked)
}

#[test]
fn key_pairs_are_followed_by_marker() {
    let (names, asked) = listed(&[
        r#"{"keypairs":[{"keypair":{"name":"a"}},{"keypair":{"name":"b"}}],"page_info":{"next_marker":"b&c"}}"#,
        r#"{"keypairs":[],"page_info":{"next_marker":"d"}}"#,
        r#"{"keypairs":[{"keypair":{"name":"e"}}],"page_info":{"next_marker":""}}"#,
    ]);
    assert_eq!(names, ["a", "b", "e"]);
    assert_eq!(asked, ["", "marker=b%26c", "marker=d"]);

    let (names, _) = listed(&[
        r#"{"keypairs":[{"keypair":{"name":"a"}}],"page_info":{"next_marker":"a"}}"#,
        r#"{"keypairs":[{"keypair":{"name":"b"}}],"page_info":{"next_marker":"a"}}"#,
    ]);
    let circle = "ListKeypairs: the list goes in circles: marker \"a\" leads to a page that was read already";
    assert_eq!(names, ["a", "b", circle]);
}

#[test]
fn after_an_error_a_list_has_ended() {
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    let transport = move |_: Prepared| {
        *count.lock().unwrap() += 1;
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = http::StatusCode::NOT_IMPLEMENTED;
        Ok(answer)
    };
    let mut pages = client(transport).pages(ListKeypairs::new());
    assert_eq!(pages.next().unwrap().unwrap_err().status(), Some(501));
    assert!(pages.next().is_none() && pages.next().is_none());
    assert_eq!(*asked.lock().unwrap(), 1);
}

#[test]
fn the_details_of_a_refusal_are_redacted_too() {
    let refused = |_: Prepared| {
        let body =
            r#"{"code":"P","message":"p","details":[{"error_code":"K","error_msg":"TOPSE\u0043RET"}]}"#;
        let mut answer = http::Response::new(Bytes::from_static(body.as_bytes()));
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
        Ok(answer)
    };
    let bind = AssociateKeypair::new(name("a"), Server::running(server(), Login::password("TOPSECRET")));
    let error = client(refused).send(bind).unwrap_err();
    let detail = error.error_body().unwrap().details[0].message.clone();
    assert_eq!(detail.as_deref(), Some("<redacted>"));
}

#[test]
fn the_next_page_is_the_same_request_at_another_place() {
    let next = crate::Position::Marker("m".into());
    let request = ListKeypairs::new().with_limit(Limit::new(7).unwrap());
    assert_eq!(request.at(&next), request.clone().with_marker("m"));
    let next = crate::Position::Offset(Offset::new(7).unwrap());
    let request = ListRunningTask::new().with_limit(Limit::new(7).unwrap());
    assert_eq!(request.at(&next), request.clone().with_offset(Offset::new(7).unwrap()));
    let request = ListFailedTask::new().with_limit(Limit::new(7).unwrap());
    assert_eq!(request.at(&next), request.clone().with_offset(Offset::new(7).unwrap()));
}
