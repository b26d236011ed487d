//! Broken answers within HTTP that is sound.

use crate::case::Outcome::Items;
use crate::case::{Case, UNREADABLE, case, refused};
use crate::says::{ok, say, with_body};
use crate::server::MIB;

pub(crate) fn odd_json() -> Vec<Case> {
    let task = |field: &str| format!(r#"{{"tasks":[{{"task_id":"t-1",{field}}}]}}"#);
    let long = "x".repeat(10 * MIB);
    let less = &long[..MIB];
    let wide = format!(r#"{{"tasks":[{}]}}"#, vec![r#"{"task_id":"t"}"#; 50_000].join(","));
    let mut cases = vec![
        case("not UTF-8", say(ok(b"{\"tasks\":[],\"x\":\"\xff\xfe\"}")), UNREADABLE),
        case("far more items than a page holds", say(ok(wide)), Items(50_000)),
        case("a value of 10 MiB that nobody reads", say(ok(format!(r#"{{"x":"{long}"}}"#))), Items(0)),
        case("a list of 10 MiB of text", say(ok(format!(r#"{{"tasks":"{long}"}}"#))), UNREADABLE),
        case("a name of 1 MiB", say(ok(task(&format!(r#""server_name":"{less}""#)))), Items(1)),
        case("an id of 1 MiB", say(ok(format!(r#"{{"tasks":[{{"task_id":"{less}"}}]}}"#))), Items(1)),
        case("a fault below a key of 1 MiB", say(ok(format!(r#"{{"{less}":{{"{less}":[}}}}"#))), UNREADABLE),
        case("a number of 1 MiB", say(ok(format!(r#"{{"total":{}}}"#, "9".repeat(MIB)))), UNREADABLE),
    ];
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let whole = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        cases.extend([
            case(
                format!("{open:?} 100,000 deep"),
                say(ok(&whole)),
                if open == "[" { UNREADABLE } else { Items(0) },
            ),
            case(
                format!("{open:?} 100,000 deep where nobody reads"),
                say(ok(format!(r#"{{"x":{whole}}}"#))),
                Items(0),
            ),
            case(
                format!("{open:?} as deep before a fault"),
                say(ok(format!(r#"{{"x":{whole},"tasks":1}}"#))),
                UNREADABLE,
            ),
            case(
                format!("{open:?} as deep as the items"),
                say(ok(format!(r#"{{"tasks":{whole}}}"#))),
                UNREADABLE,
            ),
            case(
                format!("{open:?} as deep as a name"),
                say(ok(task(&format!(r#""server_name":{whole}"#)))),
                UNREADABLE,
            ),
            case(
                format!("{open:?} without end"),
                say(ok(format!(r#"{{"x":{}"#, open.repeat(100_000)))),
                UNREADABLE,
            ),
        ]);
    }
    for (body, outcome) in [
        (r#"{"tasks":[],"tasks":[]}"#, UNREADABLE),
        (r#"{"total":1e400}"#, UNREADABLE),
        (r#"{"total":-1e400}"#, UNREADABLE),
        (r#"{"total":1180591620717411303424}"#, Items(0)),
        (r#"{"total":-1}"#, Items(0)),
        (r#"{"total":"many"}"#, Items(0)),
        (r#"{"total":[1]}"#, UNREADABLE),
        (r#"{"total":NaN}"#, UNREADABLE),
        (r#"{"tasks":{}}"#, UNREADABLE),
        (r#"{"tasks":null}"#, Items(0)),
        (r#"{"tasks":[null]}"#, UNREADABLE),
        (r#"{"tasks":[{}]}"#, UNREADABLE),
        // Fields without names, in their order: of a list of what is known, as serde reads it.
        ("[]", Items(0)),
        ("[0]", Items(0)),
        (r#"{"tasks":[["t-1"]]}"#, Items(1)),
        (r#"{"tasks":[{"task_id":"\ud800"}]}"#, UNREADABLE),
        (r#"{"tasks":[{"task_id":"\udc00\ud800"}]}"#, UNREADABLE),
        (r#"{"tasks":[{"task_id":"\u0000"}]}"#, Items(1)),
        (r#"{"x":"\ud800"}"#, Items(0)),
        (r#"{"tasks":[],}"#, UNREADABLE),
        (r#"{'tasks':[]}"#, UNREADABLE),
    ] {
        cases.push(case(format!("the body {body}"), say(ok(body)), outcome));
    }
    cases
}

pub(crate) fn odd_refusals() -> Vec<Case> {
    let long = "x".repeat(10 * MIB);
    let less = "x".repeat(MIB / 2);
    let nest = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let details = r#"{"code":"A","message":"a","details":["#;
    let detail = r#"{"code":"A","message":"a"}"#;
    [
        ("10 MiB of text", long.clone()),
        ("a message of 10 MiB", format!(r#"{{"error_code":"A","error_msg":"{long}"}}"#)),
        ("a message of half a MiB", format!(r#"{{"error_code":"A","error_msg":"{less}"}}"#)),
        ("a code of half a MiB", format!(r#"{{"error_code":"{less}","error_msg":"a"}}"#)),
        ("a number of 1 MiB for a code", format!(r#"{{"error_code":{},"error_msg":"a"}}"#, "9".repeat(MIB))),
        ("an id of half a MiB", format!(r#"{{"error_code":"A","error_msg":"a","request_id":"{less}"}}"#)),
        ("a message of control characters", format!(r#"{{"error_msg":"{}"}}"#, r"\u0001".repeat(MIB / 8))),
        ("brackets 100,000 deep", nest("[", "", "]", 100_000)),
        ("objects 100,000 deep", nest(r#"{"error":"#, "1", "}", 100_000)),
        ("objects 100 deep", nest(r#"{"error":"#, detail, "}", 100)),
        ("details 100,000 deep", nest(details, "", "]}", 100_000)),
        ("details 60 deep", nest(details, "", "]}", 60)),
        ("30,000 details", format!("{details}{}]}}", vec![detail; 30_000].join(","))),
        ("half a million of numbers", format!(r#"{{"x":[{}]}}"#, vec!["1"; MIB / 2].join(","))),
        ("not UTF-8", String::from("\u{fffd}")),
        ("null", "null".into()),
        ("a list", "[]".into()),
        ("a number", "1e400".into()),
        ("half a character", r#"{"error_code":"\ud800"}"#.into()),
        ("the same key twice", r#"{"error_code":"A","error_code":["B"]}"#.into()),
    ]
    .map(|(what, body)| {
        case(format!("refused with {what}"), say(with_body("400 Bad Request", "", body)), refused(400))
    })
    .into()
}
