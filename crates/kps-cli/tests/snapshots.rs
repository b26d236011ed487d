//! What the commands print, told in `tests/commands/*.md` and in the documentation; `TRYCMD=overwrite` writes it anew.

#[test]
fn commands_print_what_is_told_of_them() {
    let cases = trycmd::TestCases::new();
    // Nothing of whoever runs the tests; an empty variable counts as none.
    for variable in support::VARIABLES {
        cases.env(variable, "");
    }
    cases.env("HOME", "nowhere").case("tests/commands/*.md").case("../../docs/cli-failed.md");
}

mod support;
