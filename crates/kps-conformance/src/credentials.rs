//! The sources of credentials.

use std::time::Duration;

use kps_core::{
    Agency, Credentials, CredentialsSource, Environment, Error, ErrorKind, IdToken, ListKeypairs, Oidc,
    Password, StsAgency,
};
use kps_emulator::{AuthFault, Emulator};

use crate::{Stage, Subject, built_in, known};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    every_source_is_good_for_calls_and_asked_once(stage);
    every_source_tells_why_it_is_refused(stage);
    a_token_that_is_refused_as_expired_is_renewed_once(stage);
    a_refused_signature_is_never_repeated(stage);
    an_empty_chain_tells_what_to_do(stage);
    the_project_is_looked_up_by_the_name_of_the_region(stage);
}

const ID_TOKEN: &str = "IDemulatorIsPublicAndOpensNothing";
const TOKEN_FILE: &str = "/var/run/secrets/token";

/// Variables and files for every source that reads some.
fn environment(endpoint: &str) -> Environment {
    let pod = format!("{endpoint}/pod-identity/credentials");
    Environment::from([
        ("HOME", "/home/ann"),
        ("HUAWEICLOUD_SDK_AK", Emulator::ACCESS_KEY_ID),
        ("HUAWEICLOUD_SDK_SK", Emulator::SECRET_ACCESS_KEY),
        ("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::PROJECT_ID),
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", pod.as_str()),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/secrets/pod"),
    ])
    .with_file(TOKEN_FILE, format!("{ID_TOKEN}\n"))
    .with_file("/var/run/secrets/pod", "PTemulatorIsPublicAndOpensNothing\n")
    .with_file(
        "/home/ann/.huaweicloud/credentials",
        format!(
            "# made by hand\n[basic]\nak = {}\nsk={}\n\n[staging]\nAK: AKEMULATOR0000000002\nsk: \
             SKemulatorIsPublicAndOpensNothing0000002\nsecurity_token = STemulatorIsPublicAndOpensNothing\n\
             [federated]\nidp_id = emulator-idp\nid_token_file = {TOKEN_FILE}\niam_endpoint = {endpoint}\n",
            Emulator::ACCESS_KEY_ID,
            Emulator::SECRET_ACCESS_KEY,
        ),
    )
}

fn oidc() -> Oidc {
    let (provider, agency) = ("iam::emulator:oidcProvider:emulator", "iam::emulator:agency:deployers");
    Oidc::from_file(provider, agency, TOKEN_FILE)
}

fn password() -> Password {
    Password::new("emulator", "emulator", "PWemulatorIsPublicAndOpensNothing")
}

/// And then what it gave is kept.
pub fn every_source_is_good_for_calls_and_asked_once<S: Subject>(stage: &Stage<'_, S>) {
    let fixed = || CredentialsSource::from(known());
    let guarded = StsAgency::new("iam::emulator:agency:guarded", "suite").with_external_id("42");
    for (source, calls) in [
        (fixed(), 0),
        (CredentialsSource::environment(), 0),
        (CredentialsSource::file(), 0),
        (CredentialsSource::profile("staging"), 0),
        (CredentialsSource::profile("federated"), 2),
        (CredentialsSource::metadata(), 2),
        (CredentialsSource::id_token(IdToken::new("emulator-idp", TOKEN_FILE)), 2),
        (CredentialsSource::oidc(oidc().with_session_name("suite")), 1),
        (CredentialsSource::agency(fixed(), Agency::new("deployers", "emulator")), 1),
        (CredentialsSource::sts_agency(CredentialsSource::metadata(), guarded), 3),
        (CredentialsSource::pod_identity(), 1),
        (CredentialsSource::password(password()), 1),
        (CredentialsSource::default_chain(), 0),
        (CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::environment()]), 2),
    ] {
        let before = stage.emulator().identity_calls();
        let kps = stage.client_of(Some(built_in()), source.clone(), environment(stage.endpoint()));
        for _ in 0..3 {
            assert!(!kps.send(ListKeypairs::new()).unwrap().keypairs.is_empty());
        }
        assert_eq!(stage.emulator().identity_calls() - before, calls, "{source:?}");
    }

    // The token is for a project, which it names; so may a section of the file.
    let nowhere = || Environment::from([("HOME", "/home/nobody")]);
    let kps = stage.client_of(None, CredentialsSource::password(password()), nowhere());
    assert!(kps.send(ListKeypairs::new()).is_ok());
    let file = format!(
        "[basic]\nak={}\nsk={}\nproject_id={}\n",
        Emulator::ACCESS_KEY_ID,
        Emulator::SECRET_ACCESS_KEY,
        Emulator::PROJECT_ID,
    );
    let with_file = nowhere().with_file("/home/nobody/.huaweicloud/credentials", file);
    assert!(
        stage
            .client_of(None, CredentialsSource::default_chain(), with_file)
            .send(ListKeypairs::new())
            .is_ok()
    );
}

fn refused<S: Subject>(stage: &Stage<'_, S>, source: CredentialsSource) -> Error {
    let environment = environment(stage.endpoint()).with_file("/var/run/secrets/pod", "hidden-pod-token");
    let error = stage.client_of(Some(built_in()), source, environment).send(ListKeypairs::new()).unwrap_err();
    let all = format!("{error} {error:?} {}", error.report());
    assert!(!all.contains("hidden") && !all.contains(ID_TOKEN), "{all}");
    error
}

/// In the words of who refused it, and without what it was asked with.
pub fn every_source_tells_why_it_is_refused<S: Subject>(stage: &Stage<'_, S>) {
    let wrong = CredentialsSource::from(Credentials::access_key("AKCONFORMANCE", "wrong"));
    let unguarded = StsAgency::new("iam::emulator:agency:guarded", "suite");
    for (source, status, reason) in [
        (
            CredentialsSource::password(Password::new("emulator", "emulator", "hidden")),
            401,
            "code 401: The username or password is wrong.",
        ),
        (
            CredentialsSource::id_token(IdToken::new("other-idp", TOKEN_FILE)),
            401,
            "code 401: The ID token is invalid.",
        ),
        (
            CredentialsSource::oidc(Oidc::new("p", "a", "hidden-token")),
            401,
            "the exchange of an OpenID Connect token: the service answered status 401",
        ),
        (
            CredentialsSource::oidc(oidc().with_duration(Duration::from_secs(1))),
            400,
            "duration_seconds is out of its range.",
        ),
        (
            CredentialsSource::agency(known().into(), Agency::new("nobody", "emulator")),
            403,
            "code 403: The agency does not exist.",
        ),
        (CredentialsSource::agency(wrong.clone(), Agency::new("deployers", "emulator")), 401, "verify aksk"),
        (CredentialsSource::sts_agency(known().into(), unguarded.clone()), 403, "cannot be assumed"),
        (CredentialsSource::sts_agency(wrong, unguarded), 401, "verify aksk signature fail"),
        (CredentialsSource::pod_identity(), 401, "the pod identity: the service answered status 401"),
    ] {
        let error = refused(stage, source);
        assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(status)), "{error}");
        assert!(error.to_string().starts_with("ListKeypairs: "), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    stage.emulator().fail_next_identity_call(http::StatusCode::BAD_GATEWAY);
    let error = refused(stage, CredentialsSource::oidc(oidc()));
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(502)));
}

/// Whether it ended by the clock of the service, or was revoked.
pub fn a_token_that_is_refused_as_expired_is_renewed_once<S: Subject>(stage: &Stage<'_, S>) {
    for source in [CredentialsSource::password(password()), CredentialsSource::metadata()] {
        let kps = stage.client_of(Some(built_in()), source.clone(), environment(stage.endpoint()));
        assert!(kps.send(ListKeypairs::new()).is_ok());
        stage.emulator().advance(Duration::from_secs(25 * 3600));
        assert!(kps.send(ListKeypairs::new()).is_ok(), "{source:?} has ended");
        stage.emulator().revoke_issued();
        assert!(kps.send(ListKeypairs::new()).is_ok(), "{source:?} is revoked");

        for fault in [AuthFault::TokenExpired, AuthFault::TokenRevoked] {
            stage.emulator().fail_next_authentication(fault);
            stage.emulator().fail_next_authentication(fault);
            let error = kps.send(ListKeypairs::new()).unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(401)), "twice is enough");
            assert!(kps.send(ListKeypairs::new()).is_ok());
        }
    }
    // A token that was handed in cannot be renewed.
    let kps = stage.client(built_in(), Credentials::token(Emulator::TOKEN));
    stage.emulator().fail_next_authentication(AuthFault::TokenExpired);
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(401));
    assert!(kps.send(ListKeypairs::new()).is_ok());
}

/// Five of them lock the key.
pub fn a_refused_signature_is_never_repeated<S: Subject>(stage: &Stage<'_, S>) {
    for source in [CredentialsSource::metadata(), CredentialsSource::from(known())] {
        let kps = stage.client_of(Some(built_in()), source, environment(stage.endpoint()));
        assert!(kps.send(ListKeypairs::new()).is_ok());
        for (fault, reason) in [
            (AuthFault::Signature, "verify aksk signature fail"),
            (AuthFault::SignatureExpired, "signature expired"),
            (AuthFault::UnknownKey, "ak not exist"),
            (AuthFault::Locked, "failed to reach the limit"),
            (AuthFault::TokenUnreadable, "decrypt token fail"),
            (AuthFault::NoCredentials, "x-auth-token not found"),
        ] {
            stage.emulator().fail_next_authentication(fault);
            let error = kps.send(ListKeypairs::new()).unwrap_err();
            assert_eq!((error.status(), error.code()), (Some(401), Some("APIGW.0301")));
            assert!(error.message().unwrap().contains(reason), "{error}");
            assert!(kps.send(ListKeypairs::new()).is_ok());
        }
    }
}

/// Of each source what was looked for.
pub fn an_empty_chain_tells_what_to_do<S: Subject>(stage: &Stage<'_, S>) {
    stage.emulator().fail_next_identity_call(http::StatusCode::NOT_FOUND);
    stage.emulator().fail_next_identity_call(http::StatusCode::NOT_FOUND);
    let environment = Environment::from([("HOME", "/home/nobody")]);
    let kps = stage.client_of(Some(built_in()), CredentialsSource::default_chain(), environment);
    let error = kps.send(ListKeypairs::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let text = error.to_string();
    for part in [
        "ListKeypairs: no credentials: ",
        "OpenID Connect variables: HUAWEICLOUD_OIDC_PROVIDER_URN and HUAWEICLOUD_OIDC_AGENCY_URN are not set",
        "environment: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set",
        "credentials file: /home/nobody/.huaweicloud/credentials does not exist",
        "pod identity: HC_CONTAINER_CREDENTIALS_FULL_URI is not set",
        "; metadata service: the service answered status 404",
        "; set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Once for a client.
pub fn the_project_is_looked_up_by_the_name_of_the_region<S: Subject>(stage: &Stage<'_, S>) {
    let nowhere = || Environment::from([("HOME", "/home/nobody")]);
    for source in
        [CredentialsSource::from(known()), CredentialsSource::from(Credentials::token(Emulator::TOKEN))]
    {
        let before = stage.emulator().identity_calls();
        let kps = stage.client_of(None, source.clone(), nowhere());
        for _ in 0..3 {
            assert!(!kps.send(ListKeypairs::new()).unwrap().keypairs.is_empty());
        }
        assert_eq!(stage.emulator().identity_calls() - before, 1, "{source:?}");
    }
    stage.emulator().fail_next_identity_call(http::StatusCode::FORBIDDEN);
    let kps = stage.client_of(None, known().into(), nowhere());
    assert!(kps.send(ListKeypairs::new()).is_ok(), "one's own projects do as well");

    stage.emulator().fail_next_identity_call(http::StatusCode::BAD_GATEWAY);
    let kps = stage.client_of(None, known().into(), nowhere());
    let error = kps.send(ListKeypairs::new()).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credentials, Some(502)));
    assert!(error.to_string().starts_with("ListKeypairs: the look-up of the project: "), "{error}");
    assert!(kps.send(ListKeypairs::new()).is_ok(), "a failure is not kept");
}
