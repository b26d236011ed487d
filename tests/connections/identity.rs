//! Where the services that hand out credentials are.

use kps_core::{Agency, Credentials, CredentialsSource, IdToken, Oidc, Password, Region, Site, StsAgency};

use crate::given::{COLOURS, Colour, Given, nothing_here};

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

/// The host of the first address that is asked.
fn first_host(given: &Given, colour: Colour) -> String {
    let (outcome, asked) = given.asked(colour, nothing_here);
    assert!(outcome.is_err(), "{colour:?} {given:?}");
    let path = asked[0].find("/v").unwrap();
    asked[0][..path].to_owned()
}

#[test]
fn identity_services_are_found_by_argument_variable_and_table() {
    let key = || CredentialsSource::from(Credentials::access_key("AK", "SK"));
    let password = || CredentialsSource::password(Password::new("a", "u", "p"));
    let agency = || CredentialsSource::agency(key(), Agency::new("a", "b"));
    let id_token = || CredentialsSource::id_token(IdToken::new("i", "/t"));
    let oidc = || CredentialsSource::oidc(Oidc::new("p", "a", "t"));
    let sts = || CredentialsSource::sts_agency(key(), StsAgency::new("u", "s"));
    let set = |given: Given, iam: &str, sts: &str| {
        given.environment([("HUAWEICLOUD_SDK_IAM_ENDPOINT", iam), ("HUAWEICLOUD_SDK_STS_ENDPOINT", sts)])
    };
    let of = |region: &str, source: CredentialsSource| {
        let endpoints = vec!["kms.example.com".to_owned()];
        // Told, so that it is not looked for in the variables of the process.
        let none: [(&str, &str); 0] = [];
        Given { endpoints, ..Given::region(region).project("0a1b").source(source).environment(none) }
    };
    let argue = |given: Given, iam: &'static str, sts: &'static str| Given {
        iam: Some(iam),
        sts: Some(sts),
        ..given
    };
    // Whatever asks the identity service goes by the same order. A look-up of the project does as well.
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
            for colour in COLOURS {
                assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
            }
        }
    }
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
            for colour in COLOURS {
                assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
            }
        }
    }
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
            let given = of(region, source).file("/t", "token");
            for colour in COLOURS {
                assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
            }
        }
    }
    // What is blank is not set, and a domain is the same in any letters.
    let huawei = Some(Site::new("MyHuaweiCloud.COM").unwrap());
    for (given, host) in [
        (set(of("cn-north-4", agency()), " ", " "), "https://iam.cn-north-4.myhuaweicloud.com"),
        (set(of("af-south-1", sts()), " ", " "), "https://sts.af-south-1.myhuaweicloud.com"),
        (Given { site: huawei.clone(), ..of("cn-north-11", agency()) }, "https://iam.myhuaweicloud.com"),
    ] {
        for colour in COLOURS {
            assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
        }
    }
    // Another cloud has no table.
    let european = |source| {
        let site = Some(Site::new("myhuaweicloud.eu").unwrap());
        Given { site, ..of("eu-west-101", source) }.file("/t", "token")
    };
    for (source, service) in
        [(password(), "iam"), (agency(), "iam"), (id_token(), "iam"), (oidc(), "sts"), (sts(), "sts")]
    {
        let host = format!("https://{service}.eu-west-101.myhuaweicloud.eu");
        for colour in COLOURS {
            assert_eq!(first_host(&european(source.clone()), colour), host, "{colour:?}");
        }
    }
}
