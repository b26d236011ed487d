//! What is found in variables and files, and what is wrong with them.

use std::sync::{Arc, Mutex};

use kps_model::ListKeypairs;

use super::{KEYS, answer, builder, file, home, signed_with, unreachable};
use crate::{CredentialsSource, Environment, Error, ErrorKind, Prepared, Region, blocking};

/// The access key a source finds when nobody can be reached.
pub(crate) fn found(source: CredentialsSource, environment: Environment) -> Result<String, Error> {
    let nobody = |_: Prepared| Err(unreachable());
    signed_with(&builder(nobody).credentials(source).environment(environment).build()?)
}

#[test]
fn the_file_is_read_as_the_official_clients_read_it() {
    let source = || CredentialsSource::file();
    for (text, ak) in [
        ("[basic]\nak=AK1\nsk=SK1", "AK1"),
        ("[basic]\nAK = AK1\nSk: SK1\n", "AK1"),
        ("\u{20}[basic]\r\n ak =  AK1 \r\n sk = SK1\r\n", "AK1"),
        ("# a comment\n; another\n[global]\nak=G\nsk=G\n[basic]\nak=AK1\nsk=SK1\n", "AK1"),
        ("[basic]\nak=AK1\nsk=S%K;1#x\nunknown=1\n", "AK1"),
        ("[basic]\nak=AK1\nsk=\"SK\\1\"\n", "AK1"),
        ("[basic]\nak=OLD\nak=AK1\nsk=SK1\n", "AK1"),
        ("[basic]\nak=AK1\nsk=SK1\nidp_id=\nid_token_file=\n", "AK1"),
    ] {
        assert_eq!(found(source(), file(text)).unwrap(), ak, "{text:?}");
    }
}

#[test]
fn a_file_with_a_fault_is_told_with_its_place() {
    let chain = CredentialsSource::default_chain;
    for (text, reason) in [
        (
            "[basic]\nak=AK1\nhunter2\n",
            "/h/.huaweicloud/credentials, line 3: expected `[section]` or `key = value`",
        ),
        ("[basic\nak=AK1\n", "/h/.huaweicloud/credentials, line 1"),
        (
            "[basic]\nak=AK1\n",
            "/h/.huaweicloud/credentials, section [basic]: `ak` is set and `sk` is not; set both",
        ),
        ("[basic]\nsk=hunter2\n", "section [basic]: `sk` is set and `ak` is not; set both"),
        ("[basic]\nak=a\nsk=hunter2\nidp_id=i\n", "`idp_id` is set and `id_token_file` is not; set both"),
        ("[basic]\nak=a\nsk=hunter2\nproject_id=a b\n", "`project_id` is not a project id"),
        ("[basic]\nidp_id=i\nid_token_file=/t\n", "the ID token: /t does not exist"),
        ("[basic]\nidp_id=i\nid_token_file=/empty\n", "the ID token: /empty is empty"),
        (
            "[basic]\nidp_id=i\nid_token_file=/full\niam_endpoint=ftp://x\n",
            "section [basic], `iam_endpoint` is \"ftp://x\": only http and https are spoken",
        ),
    ] {
        let environment = file(text).with_file("/empty", " \n").with_file("/full", "hunter2");
        let error = found(chain(), environment).unwrap_err();
        let all = format!("{error} {error:?}");
        assert!(all.contains(reason), "{reason}: {error}");
        assert!(!all.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_file_or_section_that_was_chosen_must_be_there() {
    let elsewhere = || home([("HUAWEICLOUD_SDK_CREDENTIALS_FILE", " /etc/kps ")]);
    let text = "[basic]\nak=AK1\nsk=SK1\n[staging]\nak=AK2\nsk=SK2\n";
    let source = CredentialsSource::file;
    assert_eq!(found(source(), elsewhere().with_file("/etc/kps", text)).unwrap(), "AK1");
    assert_eq!(found(CredentialsSource::profile("staging"), file(text)).unwrap(), "AK2");
    let profile =
        |name| home([("HUAWEICLOUD_SDK_PROFILE", name)]).with_file("/h/.huaweicloud/credentials", text);
    assert_eq!(found(source(), profile("staging")).unwrap(), "AK2");
    for (source, environment, reason) in [
        (CredentialsSource::default_chain(), elsewhere(), "/etc/kps does not exist"),
        (
            CredentialsSource::default_chain(),
            profile("other"),
            "/h/.huaweicloud/credentials has no section [other]; it has basic, staging",
        ),
        (CredentialsSource::profile("other"), file(""), "has no section [other]; it has none"),
        (source(), file("[basic]\n"), "section [basic] has neither `ak` nor `sk`"),
        (source(), home([]), "/h/.huaweicloud/credentials does not exist"),
        (source(), Environment::from([("A", "b")]), "there is no home directory"),
    ] {
        let error = found(source, environment).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn variables_set_by_half_are_told_and_not_passed_over() {
    let full = [("HUAWEICLOUD_SDK_AK", " AK1 "), ("HUAWEICLOUD_SDK_SK", "SK1\n")];
    assert_eq!(found(CredentialsSource::environment(), home(full)).unwrap(), "AK1");
    let empty = [("HUAWEICLOUD_SDK_AK", ""), ("HUAWEICLOUD_SDK_SK", "  ")];
    assert!(
        found(CredentialsSource::environment(), home(empty)).unwrap_err().to_string().contains("are not set")
    );

    const PROVIDER: (&str, &str) = ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p");
    const AGENCY: (&str, &str) = ("HUAWEICLOUD_OIDC_AGENCY_URN", "a");
    const TOKEN: (&str, &str) = ("HUAWEICLOUD_OIDC_ID_TOKEN", "hunter2");
    const SOON: (&str, &str) = ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "soon");
    for (environment, reason) in [
        (home([("HUAWEICLOUD_SDK_AK", "AK1")]), "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not"),
        (
            home([("HUAWEICLOUD_SDK_SK", "hunter2")]),
            "HUAWEICLOUD_SDK_SK is set and HUAWEICLOUD_SDK_AK is not",
        ),
        (
            home([("HUAWEICLOUD_SDK_IDP_ID", "i")]),
            "HUAWEICLOUD_SDK_IDP_ID is set and HUAWEICLOUD_SDK_ID_TOKEN_FILE is not",
        ),
        (home([("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/t")]), "HUAWEICLOUD_SDK_IDP_ID is not; set both"),
        (home([PROVIDER]), "HUAWEICLOUD_OIDC_AGENCY_URN is not; set both"),
        (home([AGENCY]), "HUAWEICLOUD_OIDC_PROVIDER_URN is not; set both"),
        (
            home([AGENCY, ("HUAWEICLOUD_SDK_AK", "AK1"), ("HUAWEICLOUD_SDK_SK", "SK1")]),
            "HUAWEICLOUD_OIDC_PROVIDER_URN is not; set both",
        ),
        (home([PROVIDER, AGENCY]), "neither HUAWEICLOUD_OIDC_ID_TOKEN nor HUAWEICLOUD_OIDC_TOKEN_FILE"),
        (home([PROVIDER, AGENCY, TOKEN, SOON]), "must be a number of seconds, not \"soon\""),
        (
            home([("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://p/")]),
            "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not",
        ),
        (home([("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t")]), "HC_CONTAINER_CREDENTIALS_FULL_URI is not"),
    ] {
        let error = found(CredentialsSource::default_chain(), environment.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        // Also when nobody said where credentials are to come from.
        let nobody = |_: Prepared| Err(unreachable());
        let built = builder(nobody).environment(environment).build().and_then(|kps| signed_with(&kps));
        let error = built.unwrap_err();
        assert!(error.to_string().contains(reason) && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn an_unreachable_metadata_service_hides_no_other_source() {
    let chain = CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::file()]);
    assert_eq!(found(chain, file("[basic]\nak=AK1\nsk=SK1")).unwrap(), "AK1");
    let portal = |_: Prepared| Ok(answer(200, "<html>sign in</html>"));
    let chain = CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::file()]);
    let kps = builder(portal).credentials(chain).environment(file("[basic]\nak=AK1\nsk=SK1"));
    assert_eq!(signed_with(&kps.build().unwrap()).unwrap(), "AK1");
    let error = found(CredentialsSource::metadata(), home([])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ListKeypairs: no credentials: the metadata service: could not connect to http://169.254.169.254: no route to host"
    );
}

#[test]
fn a_section_with_an_id_token_may_tell_the_project_and_where_to_ask() {
    let text = "[fed]\nidp_id=i\nid_token_file=/t\niam_endpoint=http://iam.file\nproject_id=p7\n";
    let asked = |argument: bool| {
        let hosts = Arc::new(Mutex::new(Vec::new()));
        let noted = hosts.clone();
        let transport = move |request: Prepared| {
            noted.lock().unwrap().push(request.uri().host().unwrap().to_owned());
            let mut answer = answer(201, KEYS);
            answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
            Ok(answer)
        };
        let environment = home([("HUAWEICLOUD_SDK_PROFILE", " fed ")]);
        let environment = environment.with_file("/h/.huaweicloud/credentials", text).with_file("/t", "t");
        let builder =
            blocking::Client::builder(transport).region(Region::CN_NORTH_4).environment(environment);
        let builder = if argument { builder.iam_endpoint("iam.arg") } else { builder };
        let kps = builder.credentials(CredentialsSource::file()).build().unwrap();
        let prepared = kps.prepare(ListKeypairs::new()).unwrap();
        assert_eq!(prepared.headers()["x-project-id"], "p7");
        hosts.lock().unwrap().clone()
    };
    assert_eq!(asked(false), ["iam.file", "iam.file"]);
    assert_eq!(asked(true), ["iam.arg", "iam.arg"]);
}

#[test]
fn a_key_that_cannot_be_used_is_told_with_its_place() {
    for (environment, place) in [
        (
            file("[basic]\nak=AK 1\nsk=SK1"),
            "/h/.huaweicloud/credentials, section [basic]: the access key id (AK) holds",
        ),
        (
            home([("HUAWEICLOUD_SDK_AK", "AK1"), ("HUAWEICLOUD_SDK_SK", "S K")]),
            "the variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK: the secret access key (SK) holds",
        ),
    ] {
        let error = found(CredentialsSource::default_chain(), environment).unwrap_err().to_string();
        assert!(error.contains(place), "{error}");
    }
}
