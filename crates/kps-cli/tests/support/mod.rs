//! What the tests of the program share.
#![allow(dead_code, reason = "each test uses some of it")]
#![allow(unreachable_pub, reason = "it is a module of several tests")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "it is a part of tests")]

use std::process::Command;

use kps_emulator::{Emulator, Server};

pub mod service;
#[cfg(unix)]
pub mod terminal;

/// The variables that the program reads.
pub const VARIABLES: [&str; 11] = [
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "HUAWEICLOUD_SDK_PROJECT_ID",
    "HUAWEICLOUD_SDK_REGION",
    "HUAWEICLOUD_SDK_PROFILE",
    "HUAWEICLOUD_SDK_CREDENTIALS_FILE",
    "HUAWEICLOUD_SDK_ECS_ENDPOINT",
    "HW_REGION_NAME",
    "NO_COLOR",
    "SSH_AUTH_SOCK",
];

/// The program, with nothing of whoever runs the tests.
pub fn kps(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kps"));
    command.args(arguments).env_clear().env("HOME", "nowhere");
    command
}

/// The key that every emulator knows.
pub const AK: &str = Emulator::ACCESS_KEY_ID;
pub const SK: &str = Emulator::SECRET_ACCESS_KEY;

/// The program, that asks an emulator over HTTP.
pub fn asking(server: &Server, arguments: &[&str]) -> Command {
    let mut command = kps(arguments);
    command.args(["--endpoint", &server.endpoint()]).envs(credentials());
    command
}

/// The variables of who may ask every emulator.
pub const fn credentials() -> [(&'static str, &'static str); 3] {
    [
        ("HUAWEICLOUD_SDK_AK", AK),
        ("HUAWEICLOUD_SDK_SK", SK),
        ("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::PROJECT_ID),
    ]
}

/// What it printed, what it said, and its exit code.
pub fn ended(command: &mut Command) -> (String, String, i32) {
    let (code, stdout, stderr) = service::Ran::from(command.output().unwrap()).told();
    (stdout, stderr, code)
}
