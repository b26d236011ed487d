use super::*;

#[test]
fn faults_are_added_listed_and_taken_back() {
    let emulator = Emulator::new();
    let rules = r#"{"faults":[
        {"fault":{"code":"KPS.5001"},"on":"ListKeypairs","when":{"nth":2}},
        {"fault":{"latency":"1s"},"on":"CreateKeypair"},
        {"fault":{"clock_skew":5},"when":"once"}]}"#;
    assert_eq!(ask(&emulator, "POST", "/faults", rules)["faults"].as_array().unwrap().len(), 3);
    for status in [200, 500, 200] {
        assert_eq!(call(&emulator, "GET", "keypairs", "").status(), status);
    }
    let left = json!({"faults": [
        {"fault": {"latency": "1s"}, "on": "CreateKeypair", "when": "every", "number": 2, "seen": 0}
    ]});
    assert_eq!(ask(&emulator, "GET", "/faults", ""), left);
    let injected = json!({"injected": [
        {"operation": "ListKeypairs", "fault": {"clock_skew": 5}},
        {"operation": "ListKeypairs", "fault": {"code": "KPS.5001"}},
    ]});
    assert_eq!(ask(&emulator, "GET", "/faults/injected", ""), injected);
    assert_eq!(ask(&emulator, "DELETE", "/faults", ""), json!({"faults": []}));
}

#[test]
fn faults_are_taken_back_one_by_one() {
    let emulator = Emulator::new();
    let rules = r#"{"faults":[{"fault":"refuse"},{"fault":"garbage"},{"fault":"refuse"}]}"#;
    ask(&emulator, "POST", "/faults", rules);
    let numbers = |told: &Value| -> Vec<_> {
        told["faults"].as_array().unwrap().iter().map(|rule| rule["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&ask(&emulator, "DELETE", "/faults/1", "")), [2, 3]);
    for gone in ["1", "4", "injected", "-1"] {
        let (status, told) = ask_at(&emulator, 0, "DELETE", &format!("/faults/{gone}"), "");
        assert_eq!((status, &told["error"]["where"]), (404, &"the path".into()), "{gone}");
    }
    assert_eq!(numbers(&ask(&emulator, "GET", "/faults", "")), [2, 3]);
}
