use std::time::UNIX_EPOCH;

use kps_ureq::FailedTask;
use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, Yaml};

use super::*;

const FORMATS: [Format; 5] = [Format::Table, Format::Json, Format::Ndjson, Format::Csv, Format::Yaml];

fn task(id: &str, text: &str) -> FailedTask {
    let json = serde_json::json!({
        "task_id": id, "operate_type": text, "task_time": text, "task_error_msg": text, "server_name": text,
    });
    kps_ureq::from_json(json.to_string().as_bytes()).unwrap()
}

fn printed(format: Format, query: Option<&str>, person: bool, rows: Vec<FailedTask>) -> String {
    let output = Output::new(format, query, Tint::Plain, person.then_some(UNIX_EPOCH)).unwrap();
    let mut out = Vec::new();
    output.list_to(&mut out, rows.into_iter().map(Ok)).unwrap();
    String::from_utf8(out).unwrap()
}

/// Texts with what would steer a terminal, or be read as something else.
fn nasty() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<char>().prop_map(String::from),
        "\\PC{0,6}",
        "[\\x00-\\x1f\\x7f-\\x9f\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}]",
        prop::sample::select(vec![
            "yes", "0123", "~", "null", "- a", "a: b", "#", "\"", "'", ",", "=1+1", "|", ">", "密钥", "\n",
            "\n\n", " ", "\t", "\r"
        ])
        .prop_map(String::from),
    ];
    // What stands at the edges is lost most easily, above all where there is nothing else.
    let whole = prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat());
    let edged =
        ("[\n \t\r]{0,2}", whole, "[\n \t\r]{0,2}").prop_map(|(before, text, after)| before + &text + &after);
    prop_oneof![1 => "[\n \t]{1,3}", 4 => edged]
}

proptest! {
    #[test]
    fn nothing_of_the_services_steers_a_terminal(text in nasty()) {
        for format in FORMATS {
            for person in [false, true] {
                for query in [None, Some("@"), Some("[].server_name"), Some("[].[server_name]"), Some("[0]")] {
                    if format == Format::Csv && query.is_some() {
                        continue;
                    }
                    let printed = printed(format, query, person, vec![task("a", &text), task("b", "x")]);
                    let bad = printed.chars().find(|one| *one != '\n' && escape(&one.to_string()).len() > one.len_utf8());
                    prop_assert_eq!(bad, None, "{:?} {:?}", format, printed);
                    let lines = printed.lines().count();
                    let records = match (format, query) {
                        (Format::Table | Format::Csv, None) => Some(3),
                        (Format::Ndjson, None | Some("@")) => Some(2),
                        _ => None,
                    };
                    prop_assert!(records.is_none_or(|records| lines == records), "{:?} {:?}", format, printed);
                }
            }
        }
    }

    #[test]
    fn documents_are_read_as_they_were_meant(text in nasty()) {
        let rows = || vec![task("a", &text), task("b", "x")];
        let json: Value = serde_json::from_str(&printed(Format::Json, None, false, rows())).unwrap();
        prop_assert_eq!(&json[0]["server_name"], &text);
        let ndjson = printed(Format::Ndjson, None, false, rows());
        let first: Value = serde_json::from_str(ndjson.lines().next().unwrap()).unwrap();
        prop_assert_eq!(&first, &json[0]);
        let yaml = printed(Format::Yaml, None, false, rows());
        let yaml = Yaml::load_from_str(&yaml).unwrap();
        prop_assert_eq!(yaml[0][0]["server_name"].as_str(), Some(text.as_str()));
        let csv = printed(Format::Csv, None, false, rows());
        let mut csv = csv::Reader::from_reader(csv.as_bytes());
        let first = csv.records().next().unwrap().unwrap();
        prop_assert_eq!(&first[5], escape(&text));
    }
}

#[test]
fn json_by_and_by_is_json_at_once() {
    for rows in [vec![], vec![task("a", "x")], vec![task("a", "x\ny"), task("b", "{")]] {
        let at_once = format!("{}\n", serde_json::to_string_pretty(&rows).unwrap());
        assert_eq!(printed(Format::Json, None, false, rows), at_once);
    }
}

#[test]
fn what_yaml_would_take_for_something_else_is_quoted() {
    for text in [
        "yes",
        "no",
        "on",
        "0123",
        "1e3",
        "null",
        "~",
        "",
        " a ",
        "a: b",
        "- a",
        "# a",
        "\u{1b}[2J",
        "a\nb",
        "\n",
        "\n\n",
        " \n",
        "a\n",
        "\na\n\n",
        "\n a\n  ",
        "\ta\t",
        "密钥",
    ] {
        let yaml = printed(Format::Yaml, None, false, vec![task("a", text)]);
        let read = Yaml::load_from_str(&yaml).unwrap();
        assert_eq!(read[0][0]["server_name"].as_str(), Some(text), "{yaml}");
    }
}

#[test]
fn an_error_before_the_first_line_leaves_nothing_that_looks_like_an_empty_list() {
    for format in FORMATS {
        let output = Output::new(format, None, Tint::Plain, None).unwrap();
        let failure = || Err(Stop::from(Failure::usage("x")));
        let mut out = Vec::new();
        output.list_to::<FailedTask>(&mut out, [failure()]).unwrap_err();
        assert_eq!(out, b"", "{format:?}");
        output.list_to(&mut out, [Ok(task("a", "x")), failure(), Ok(task("b", "x"))]).unwrap_err();
        let printed = String::from_utf8(out).unwrap();
        assert!(printed.contains('a') && !printed.contains("\"b\""), "{printed}");
    }
}

#[test]
fn a_list_of_lists_is_a_table_too() {
    let rows = || vec![task("t-1", "密钥"), task("t-10", "x")];
    for (query, expected) in [
        ("[].[task_id, server_name]", "t-1   密钥\nt-10  x\n"),
        ("[].task_id", "t-1\nt-10\n"),
        ("[0].server_name", "密钥\n"),
        ("[5]", ""),
        ("[].{a: task_id}", "a\nt-1\nt-10\n"),
        ("length(@)", "2\n"),
    ] {
        assert_eq!(printed(Format::Table, Some(query), false, rows()), expected, "{query}");
    }
}
