//! Where the services are.

use std::sync::{Arc, Mutex};

use super::found::found;
use super::{builder, home, script, signed_with, unreachable};
use crate::{
    Agency, Credentials, CredentialsSource, Environment, ErrorKind, IdToken, Oidc, Password, Prepared,
    ProxyRules, Region, StsAgency, blocking,
};

/// The address a source asks first.
fn first_asked(
    source: CredentialsSource,
    region: Region,
    environment: Environment,
    argument: bool,
) -> String {
    let (transport, asked) = script(vec![Err(unreachable())]);
    let builder = builder(transport).region(region).credentials(source).environment(environment);
    let builder = builder.endpoint("https://kms.example.com");
    let builder =
        if argument { builder.iam_endpoint("iam.arg").sts_endpoint("http://sts.arg:81") } else { builder };
    let error = signed_with(&builder.build().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let line = asked.lock().unwrap()[0].clone();
    line.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn identity_services_are_found_by_argument_variable_and_region() {
    let key = || CredentialsSource::from(Credentials::access_key("AK", "SK"));
    let password = || CredentialsSource::password(Password::new("a", "u", "p"));
    let id_token = || CredentialsSource::id_token(IdToken::new("i", "/t"));
    let oidc = || CredentialsSource::oidc(Oidc::new("p", "a", "t"));
    let agency = || CredentialsSource::agency(key(), Agency::new("a", "b"));
    let sts = || CredentialsSource::sts_agency(key(), StsAgency::new("u", "s"));
    let variables =
        [("HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://iam.env"), ("HUAWEICLOUD_SDK_STS_ENDPOINT", "sts.env")];
    let (own, other) = (Region::CN_NORTH_4, Region::CN_NORTH_11);
    let brazil = || "sa-brazil-1".parse::<Region>().unwrap();
    for (source, region, set, argument, expected) in [
        (
            password(),
            own.clone(),
            false,
            false,
            "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens?nocatalog=true",
        ),
        (
            password(),
            other.clone(),
            false,
            false,
            "https://iam.myhuaweicloud.com/v3/auth/tokens?nocatalog=true",
        ),
        (password(), own.clone(), true, false, "http://iam.env/v3/auth/tokens?nocatalog=true"),
        (password(), own.clone(), true, true, "https://iam.arg/v3/auth/tokens?nocatalog=true"),
        (
            agency(),
            own.clone(),
            false,
            false,
            "https://iam.cn-north-4.myhuaweicloud.com/v3.0/OS-CREDENTIAL/securitytokens",
        ),
        (id_token(), own.clone(), false, false, "https://iam.myhuaweicloud.com/v3.0/OS-AUTH/id-token/tokens"),
        (
            oidc(),
            brazil(),
            false,
            false,
            "https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume-with-oidc",
        ),
        (sts(), brazil(), false, false, "https://sts.sa-brazil-1.myhuaweicloud.com/v5/agencies/assume"),
        (sts(), other.clone(), false, false, "https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume"),
        (sts(), own.clone(), true, false, "https://sts.env/v5/agencies/assume"),
        (sts(), own.clone(), true, true, "http://sts.arg:81/v5/agencies/assume"),
    ] {
        let environment = if set { home(variables) } else { home([]) }.with_file("/t", "token");
        assert_eq!(first_asked(source, region, environment, argument), expected);
    }
}

#[test]
fn five_regions_have_no_identity_service_of_their_own() {
    let global: Vec<&str> = Region::KNOWN
        .iter()
        .filter(|region| {
            let password = CredentialsSource::password(Password::new("a", "u", "p"));
            let asked = first_asked(password, (*region).clone(), home([]), false);
            let own = format!("https://iam.{region}.myhuaweicloud.com/v3/auth/tokens?nocatalog=true");
            assert!(asked == own || asked == "https://iam.myhuaweicloud.com/v3/auth/tokens?nocatalog=true");
            asked != own
        })
        .map(Region::id)
        .collect();
    let expected = ["af-north-1", "ap-southeast-5", "cn-north-11", "cn-south-4", "cn-southwest-3"];
    assert_eq!(global, expected);
}

#[test]
fn twelve_regions_have_a_security_token_service_of_their_own() {
    let sts = |region: &Region| {
        let key = CredentialsSource::from(Credentials::access_key("AK", "SK"));
        let agency = CredentialsSource::sts_agency(key, StsAgency::new("u", "s"));
        first_asked(agency, region.clone(), home([]), false)
    };
    let own = |region: &&Region| {
        sts(region) == format!("https://sts.{region}.myhuaweicloud.com/v5/agencies/assume")
    };
    let found: Vec<&str> = Region::KNOWN.iter().filter(own).map(Region::id).collect();
    let expected = "af-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 cn-east-3 cn-north-4 cn-south-1 \
                    cn-southwest-2 la-south-2 sa-brazil-1 tr-west-1";
    assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(sts(&Region::ME_EAST_1), "https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume");
}

/// There is no KPS of which the clients know, and yet its identity service.
#[test]
fn two_other_regions_have_an_identity_service_of_their_own() {
    for region in ["ae-ad-1", "eu-west-0"] {
        let password = CredentialsSource::password(Password::new("a", "u", "p"));
        let asked = first_asked(password, Region::new(region).unwrap(), home([]), false);
        assert!(asked.starts_with(&format!("https://iam.{region}.myhuaweicloud.com/")), "{asked}");
    }
}

#[test]
fn another_cloud_has_all_its_services_under_its_domain() {
    let site = crate::Site::new("myhuaweicloud.eu").unwrap();
    let region = Region::new("eu-west-101").unwrap();
    for (source, expected) in [
        (
            CredentialsSource::password(Password::new("a", "u", "p")),
            "https://iam.eu-west-101.myhuaweicloud.eu/v3/auth/tokens?nocatalog=true",
        ),
        (
            CredentialsSource::oidc(Oidc::new("p", "a", "t")),
            "https://sts.eu-west-101.myhuaweicloud.eu/v5/agencies/assume-with-oidc",
        ),
    ] {
        let (transport, asked) = script(vec![Err(unreachable())]);
        let builder = builder(transport).site(site.clone()).region(region.clone()).credentials(source);
        let kps = builder.environment(home([])).build().unwrap();
        assert!(format!("{kps:?}").contains("https://kms.eu-west-101.myhuaweicloud.eu"), "{kps:?}");
        assert!(signed_with(&kps).is_err());
        assert_eq!(asked.lock().unwrap()[0].split(' ').nth(1), Some(expected));
    }
}

#[test]
fn what_is_of_this_machine_alone_is_never_asked_through_a_proxy() {
    let rules = Arc::new(Mutex::new(ProxyRules::none()));
    let seen = rules.clone();
    blocking::Client::builder_with(move |_, given| {
        *seen.lock().unwrap() = given;
        Ok(|_: Prepared| Err(unreachable()))
    })
    .region(Region::CN_NORTH_4)
    .metadata_endpoint("http://[fd00::254]")
    .environment(home([
        ("HTTP_PROXY", "http://proxy:3128"),
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.9:80/x"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
    ]))
    .build()
    .unwrap();
    let rules = rules.lock().unwrap();
    for (address, proxied) in
        [("http://127.0.0.9/x", false), ("http://[fd00::254]/x", false), ("http://iam.example.com/", true)]
    {
        assert_eq!(rules.find(&address.parse().unwrap()).is_some(), proxied, "{address}");
    }
}

#[test]
fn a_pods_address_is_the_matter_of_who_asks_it() {
    let pod = ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://user:hunter2@pod/x");
    let token = ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t");
    let fixed = CredentialsSource::from(Credentials::access_key("AK1", "SK1"));
    assert_eq!(found(fixed, home([pod, token])).unwrap(), "AK1");
    let error = found(CredentialsSource::pod_identity(), home([pod, token])).unwrap_err().to_string();
    assert!(error.contains("HC_CONTAINER_CREDENTIALS_FULL_URI") && !error.contains("hunter2"), "{error}");
}
