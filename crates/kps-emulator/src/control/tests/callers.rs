use kps_core::{CredentialsSource, ListKeypairs, Region, blocking};

use super::*;

#[test]
fn access_keys_are_revoked() {
    let emulator = Emulator::new();
    let client = |source: CredentialsSource| {
        let transport = emulator.in_process().with_clock(|| UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        let builder = blocking::Client::builder(transport).region(Region::CN_NORTH_4).credentials(source);
        builder.project_id(Emulator::project_id()).build().unwrap()
    };
    let (own, handed_out) = (client(Emulator::credentials().into()), client(CredentialsSource::metadata()));
    // With which code it is refused, if it is, and how often the services were asked that hand out credentials.
    let send = |kps: &blocking::Client| {
        let code = kps.send(ListKeypairs::new()).err().map(|error| error.code().unwrap().to_owned());
        (code, emulator.identity_calls())
    };
    let keys = |told: &Value| -> Vec<String> {
        let keys = told["access_keys"].as_array().unwrap().iter();
        keys.map(|key| format!("{} {} {}", key["id"], key["temporary"], key["revoked"])).collect()
    };
    let [first, second, third, fourth] = [
        r#""AKEMULATOR0000000001" false false"#,
        r#""AKEMULATOR0000000002" true false"#,
        r#""AKTEMPORARY000000001" true true"#,
        r#""AKTEMPORARY000000002" true "#,
    ];
    assert_eq!(keys(&ask(&emulator, "GET", "/callers", "")), [first, second]);

    assert_eq!(send(&handed_out), (None, 2), "a token of the metadata service, and a key for it");
    let told = ask(&emulator, "POST", "/callers/AKTEMPORARY000000001/revoke", "");
    assert_eq!(keys(&told), [first, second, third]);
    assert_eq!(told["access_keys"][2]["ends_ms"], 1_800_021_600_000_u64);
    assert_eq!(send(&own), (None, 2), "that is another key");
    assert_eq!(send(&handed_out), (None, 3), "renewed");
    let told = ask(&emulator, "GET", "/callers", "");
    assert_eq!(keys(&told), [first, second, third, &format!("{fourth}false")]);
    let told = ask(&emulator, "POST", "/callers/revoke", "");
    assert_eq!(keys(&told), [first, second, third, &format!("{fourth}true")]);
    assert_eq!(send(&handed_out), (None, 4), "renewed");

    let told = ask(&emulator, "POST", &format!("/callers/{}/revoke", Emulator::ACCESS_KEY_ID), "");
    assert_eq!(keys(&told)[0], second);
    assert_eq!(send(&own), (Some("APIGW.0301".into()), 4));
    for gone in [Emulator::ACCESS_KEY_ID, Emulator::TOKEN, "a%20b"] {
        let (status, told) = ask_at(&emulator, 0, "POST", &format!("/callers/{gone}/revoke"), "");
        assert_eq!((status, &told["error"]["where"]), (404, &"the path".into()), "{gone}");
    }
    let told = ask(&emulator, "GET", "/callers", "").to_string();
    assert!(!told.contains("OpensNothing"), "{told}");
    ask(&emulator, "POST", "/reset", "");
    assert_eq!(send(&own), (None, 0), "it is in the seed");
}
