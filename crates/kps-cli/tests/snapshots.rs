//! What the commands print, told in `tests/commands/*.md` and in the documentation; `TRYCMD=overwrite` writes it anew.

use std::path::Path;

#[test]
fn commands_print_what_is_told_of_them() {
    // Some commands write files.
    let directory = tempfile::tempdir().unwrap();
    std::env::set_current_dir(directory.path()).unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));

    let cases = trycmd::TestCases::new();
    // Nothing of whoever runs the tests; an empty variable counts as none.
    for variable in support::VARIABLES {
        cases.env(variable, "");
    }
    cases.env("HOME", "nowhere").case(here.join("tests/commands/*.md"));
    for document in ["README.md", "../../README.md", "../../docs/cli.md"] {
        cases.case(here.join(document));
    }
}

mod support;
