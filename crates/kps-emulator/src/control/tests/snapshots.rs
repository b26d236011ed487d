use super::*;

#[test]
fn snapshots_are_kept_by_name_and_gone_on_from() {
    let emulator = Emulator::new();
    let count = || own(&ask(&emulator, "GET", "/state", ""), "keypairs").len();
    ask(&emulator, "PUT", "/snapshots/before", "");
    call(&emulator, "POST", "keypairs", r#"{"keypair":{"name":"a"}}"#);
    ask(&emulator, "PUT", "/snapshots/after", "");
    let exported = ask(&emulator, "GET", "/snapshot", "").to_string();
    assert!(exported.contains("PRIVATE KEY"), "an export holds all");
    assert_eq!(texts(&ask(&emulator, "GET", "/snapshots", "")["snapshots"]), ["after", "before"]);
    for (name, expected) in [("before", 3), ("after", 4), ("before", 3)] {
        let counts = ask(&emulator, "POST", &format!("/snapshots/{name}/load"), "");
        assert_eq!(counts["projects"][Emulator::PROJECT_ID]["keypairs"], expected);
        assert_eq!(count(), expected);
    }
    ask(&emulator, "PUT", "/snapshot", &exported);
    assert_eq!(count(), 4);
    ask(&emulator, "POST", "/reset", "");
    assert_eq!(count(), 3, "an import is no seed");
    assert_eq!(texts(&ask(&emulator, "DELETE", "/snapshots/before", "")["snapshots"]), ["after"]);
}

#[test]
fn not_any_number_of_snapshots_is_kept() {
    let emulator = Emulator::with_seed(crate::Seed::empty());
    let keep = |name: &str| ask_at(&emulator, 0, "PUT", &format!("/snapshots/{name}"), "");
    for at in 0..64 {
        assert_eq!(keep(&format!("s-{at}")).0, 200);
    }
    let (status, told) = keep("one-more");
    assert_eq!((status, told["error"]["do"].as_str()), (409, Some("delete one of them")));
    assert_eq!(keep("s-7").0, 200, "one of the same name takes its place");
    assert_eq!(keep(&"a".repeat(65)).0, 400);
}
