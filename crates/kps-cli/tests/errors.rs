//! What errors tell a person, who has flags and commands and no library.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

#[test]
fn an_error_names_flags_and_commands() {
    for (arguments, variables, code, told) in [
        (
            &["failed", "--endpoint", "http://127.0.0.1:1"][..],
            &[("HUAWEICLOUD_SDK_AK", "AK"), ("HUAWEICLOUD_SDK_SK", "hunter2")][..],
            2,
            "no project id: set HUAWEICLOUD_SDK_PROJECT_ID, name it with --project-id, or set a region",
        ),
        (
            &["failed", "--region", "cn-nort-4"],
            &[("HUAWEICLOUD_SDK_AK", "AK"), ("HUAWEICLOUD_SDK_SK", "hunter2")],
            2,
            "Name its endpoint with --endpoint or the variable ",
        ),
        (
            &["sign", "https://a.example/"],
            &[("HUAWEICLOUD_SDK_SK", "hunter2")],
            3,
            "HUAWEICLOUD_SDK_SK is set and HUAWEICLOUD_SDK_AK is not; set both; `kps configure` writes a key down",
        ),
        (&["failed"], &[], 2, "no region is named; say --region"),
    ] {
        for form in ["table", "json"] {
            let mut command = support::kps(arguments);
            let output = command.args(["-o", form]).envs(variables.iter().copied()).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{error}");
            assert!(form == "json" || error.contains(told), "{error}");
            assert!(!error.contains("`project_id`") && !error.contains("hunter2"), "{error}");
        }
    }
}
