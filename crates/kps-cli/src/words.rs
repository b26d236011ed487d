//! What the library says in names of its own, and the system in numbers, in the words of the command line.

use std::borrow::Cow;
use std::error::Error as _;
use std::iter;

use kps_ureq::Error;

use crate::machine;

/// What the library says, and what this program says for it.
const WORDS: [(&str, &str); 25] = [
    ("call again later where `is_retryable` says so", "call again later"),
    ("look into `ListRunningTask` and `ListFailedTask`", "look into `kps running` and `kps failed`"),
    ("give `with_user_id` the id of", "give the id of"),
    ("look into `ListKeypairs`", "look into `kps keypair list`"),
    ("with `ImportPrivateKey`", "with `kps keypair host`"),
    ("with `DeleteKeypair`", "with `kps keypair delete`"),
    ("after a lost answer ask `resolve`", "after a lost answer look at `kps keypair show`"),
    ("check `region` and `endpoint`", "check --region and --endpoint"),
    (
        "wait as long as `retry_after` says, and give the limit in the message to `rate_limit`",
        "wait for a minute, or as long as the message says, and have fewer programs call at once",
    ),
    ("HUAWEICLOUD_SDK_PROJECT_ID or `project_id`", "HUAWEICLOUD_SDK_PROJECT_ID or --project-id"),
    ("give `endpoint` an address", "give --endpoint an address"),
    ("pick another `region`", "pick another --region"),
    ("that `region` is of", "that --region is of"),
    ("give the client credentials that it can renew", "give kps credentials that it can renew"),
    ("the client goes by it", "kps goes by it"),
    ("name it with `project_id`", "name it with --project-id"),
    ("name the project with `project_id`", "name the project with --project-id"),
    ("set one with `region`, such as `Region::CN_NORTH_4`", "name one with --region, such as cn-north-4"),
    ("or an endpoint with `endpoint`", "or an endpoint with --endpoint"),
    ("name its endpoint with `endpoint`", "name its endpoint with --endpoint"),
    ("set them with `credentials`", "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"),
    (
        "switch on the feature `rustls` or `native-tls` of kps-ureq",
        "this kps was built without; install one with it",
    ),
    ("switch on the feature `rustls`", "this kps was built without; install one with it"),
    (": io: ", ": "),
    ("failed to lookup address information", "the name of the host cannot be looked up"),
];

/// The text in the words of the command line.
pub(crate) fn of_the_command_line(text: &str) -> Cow<'_, str> {
    let mut text = machine::in_words(text);
    for (library, ours) in WORDS {
        if text.contains(library) {
            text = text.replace(library, ours).into();
        }
    }
    text
}

/// What an error and those below it say, without what to do.
pub(crate) fn told(error: &Error) -> String {
    let mut told = error.to_string();
    for below in iter::successors(error.source(), |&error| error.source()) {
        let text = below.to_string();
        // Some errors repeat the text of the one below them.
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
    }
    of_the_command_line(&told).into_owned()
}

#[cfg(test)]
mod tests {
    use kps_ureq::ErrorCode;

    use super::*;

    /// What the gateway says behind the one code that has several cures.
    const MESSAGES: [&str; 8] = [
        "verify aksk signature fail",
        "signature expired",
        "AK access failed to reach the limit",
        "token expires",
        "decrypt token fail",
        "x-auth-token not found",
        "security token",
        "not exist",
    ];

    #[test]
    fn no_cure_speaks_of_the_library() {
        let of_messages = MESSAGES.iter().map(|message| ErrorCode::Apigw0301.cure_of(message).unwrap());
        let cures = ErrorCode::KNOWN.iter().map(|code| code.cure().unwrap()).chain(of_messages);
        for cure in cures {
            let ours = of_the_command_line(cure);
            // Between backquotes there are commands alone.
            let named = ours.split('`').skip(1).step_by(2);
            for name in named {
                assert!(name.starts_with("kps ") || name.starts_with("ssh-keygen "), "{ours}");
            }
            assert!(!ours.contains("client"), "{ours}");
        }
    }

    #[test]
    fn every_word_is_used() {
        let core = [
            "set HUAWEICLOUD_SDK_PROJECT_ID, name it with `project_id`, or set a region to look it up",
            "set HUAWEICLOUD_SDK_PROJECT_ID, or name the project with `project_id`",
            "no region: set one with `region`, such as `Region::CN_NORTH_4`, or an endpoint with `endpoint`",
            "name its endpoint with `endpoint` or the variable A",
            "no credentials: set them with `credentials`",
            "no TLS is compiled in: switch on the feature `rustls` or `native-tls` of kps-ureq",
            "switch on the feature `rustls`",
            "could not connect: io: failed to lookup address information: Name or service not known",
        ];
        for text in core {
            let ours = of_the_command_line(text);
            assert!(!ours.contains('`'), "{ours}");
        }
        let cures: String = ErrorCode::KNOWN.iter().filter_map(ErrorCode::cure).collect();
        let of_messages = MESSAGES.iter().filter_map(|message| ErrorCode::Apigw0301.cure_of(message));
        let all = cures + &of_messages.collect::<String>() + &core.concat();
        for (library, _) in WORDS {
            assert!(all.contains(library), "{library}");
        }
    }
}
