//! Where the services that hand out credentials are.

use kps_core::{Agency, Credentials, CredentialsSource, IdToken, Oidc, Password, Region, Site, StsAgency};

use crate::given::{COLOURS, Given, nothing_here};

const FIVE_WITHOUT_IAM: [&str; 5] =
    ["af-north-1", "ap-southeast-5", "cn-north-11", "cn-south-4", "cn-southwest-3"];
const WITH_STS: [&str; 12] = [
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-3",
    "cn-north-4",
    "cn-south-1",
    "cn-southwest-2",
    "la-south-2",
    "sa-brazil-1",
    "tr-west-1",
];

/// That the first address which is asked is of this host, in both colours.
#[track_caller]
fn assert_asks(given: &Given, host: &str) {
    for colour in COLOURS {
        let (outcome, asked) = given.asked(colour, nothing_here);
        assert!(outcome.is_err(), "{colour:?} {given:?}");
        let path = asked[0].find("/v").unwrap();
        assert_eq!(&asked[0][..path], host, "{colour:?} {given:?}");
    }
}

fn key() -> CredentialsSource {
    Credentials::access_key("AK", "SK").into()
}

fn password() -> CredentialsSource {
    CredentialsSource::password(Password::new("a", "u", "p"))
}

fn agency() -> CredentialsSource {
    CredentialsSource::agency(key(), Agency::new("a", "b"))
}

fn id_token() -> CredentialsSource {
    CredentialsSource::id_token(IdToken::new("i", "/t"))
}

fn oidc() -> CredentialsSource {
    CredentialsSource::oidc(Oidc::new("p", "a", "t"))
}

fn sts() -> CredentialsSource {
    CredentialsSource::sts_agency(key(), StsAgency::new("u", "s"))
}

fn of(region: &str, source: CredentialsSource) -> Given {
    let endpoints = vec!["kms.example.com".to_owned()];
    // Told, so that it is not looked for in the variables of the process.
    let none: [(&str, &str); 0] = [];
    Given { endpoints, ..Given::region(region).project("0a1b").source(source).environment(none) }
}

fn set(given: Given, iam: &str, sts: &str) -> Given {
    given.environment([("HUAWEICLOUD_SDK_IAM_ENDPOINT", iam), ("HUAWEICLOUD_SDK_STS_ENDPOINT", sts)])
}

fn argue(given: Given, iam: &'static str, sts: &'static str) -> Given {
    Given { iam: Some(iam), sts: Some(sts), ..given }
}

/// Whatever asks it goes by the same order. A look-up of the project does as well.
#[test]
fn the_identity_service_is_found_by_argument_and_variable() {
    for source in [password(), agency(), id_token(), key()] {
        let given = || {
            let given = of("cn-north-4", source.clone()).file("/t", "token");
            Given { project: None, ..given }
        };
        let by_variable = |text| set(given(), text, "sts.variable").file("/t", "token");
        for (given, host) in [
            (argue(by_variable("iam.variable"), "iam.argued", "sts.argued"), "https://iam.argued"),
            (argue(given(), "https://iam.argued:8443", "sts.argued"), "https://iam.argued:8443"),
            (argue(given(), "http://iam.argued", "sts.argued"), "http://iam.argued"),
            (by_variable(" iam.variable\n"), "https://iam.variable"),
            (by_variable("https://iam.variable"), "https://iam.variable"),
            (by_variable("http://iam.variable:81"), "http://iam.variable:81"),
        ] {
            assert_asks(&given, host);
        }
    }
}

#[test]
fn the_service_of_security_tokens_is_found_by_argument_and_variable() {
    for source in [oidc(), sts()] {
        let given = || of("cn-north-4", source.clone());
        for (given, host) in [
            (argue(set(given(), "iam.v", "sts.v"), "iam.argued", "sts.argued"), "https://sts.argued"),
            (argue(given(), "iam.argued", "https://sts.argued:8443"), "https://sts.argued:8443"),
            (argue(given(), "iam.argued", "http://sts.argued"), "http://sts.argued"),
            (set(given(), "iam.v", " sts.variable\n"), "https://sts.variable"),
            (set(given(), "iam.v", "https://sts.variable"), "https://sts.variable"),
            (set(given(), "iam.v", "http://sts.variable:81"), "http://sts.variable:81"),
        ] {
            assert_asks(&given, host);
        }
    }
}

#[test]
fn both_are_found_by_the_table_of_regions() {
    for region in Region::KNOWN.iter().map(Region::id) {
        let global = "https://iam.myhuaweicloud.com".to_owned();
        let own = |service: &str| format!("https://{service}.{region}.myhuaweicloud.com");
        let iam = if FIVE_WITHOUT_IAM.contains(&region) { global.clone() } else { own("iam") };
        let north = "https://sts.cn-north-4.myhuaweicloud.com".to_owned();
        let regional_sts = if WITH_STS.contains(&region) { own("sts") } else { north.clone() };
        for (source, host) in [
            (password(), iam.clone()),
            (agency(), iam),
            // These are exchanged where the official clients exchange them, whatever the region.
            (id_token(), global),
            (oidc(), north),
            (sts(), regional_sts),
        ] {
            assert_asks(&of(region, source).file("/t", "token"), &host);
        }
    }
}

#[test]
fn what_is_blank_is_not_set_and_a_domain_is_the_same_in_any_letters() {
    let huawei = Some(Site::new("MyHuaweiCloud.COM").unwrap());
    for (given, host) in [
        (set(of("cn-north-4", agency()), " ", " "), "https://iam.cn-north-4.myhuaweicloud.com"),
        (set(of("af-south-1", sts()), " ", " "), "https://sts.af-south-1.myhuaweicloud.com"),
        (Given { site: huawei, ..of("cn-north-11", agency()) }, "https://iam.myhuaweicloud.com"),
    ] {
        assert_asks(&given, host);
    }
}

#[test]
fn another_cloud_has_no_table() {
    for (source, service) in
        [(password(), "iam"), (agency(), "iam"), (id_token(), "iam"), (oidc(), "sts"), (sts(), "sts")]
    {
        let site = Some(Site::new("myhuaweicloud.eu").unwrap());
        let given = Given { site, ..of("eu-west-101", source) }.file("/t", "token");
        assert_asks(&given, &format!("https://{service}.eu-west-101.myhuaweicloud.eu"));
    }
}
