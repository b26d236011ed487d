//! What the tests of the program share.
#![allow(dead_code, reason = "each test uses some of it")]
#![allow(unreachable_pub, reason = "it is a module of several tests")]

use std::process::Command;

pub mod service;

/// The variables that the program reads.
pub const VARIABLES: [&str; 10] = [
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
pub const AK: &str = "AKEMULATOR0000000001";
pub const SK: &str = "SKemulatorIsPublicAndOpensNothing0000001";
