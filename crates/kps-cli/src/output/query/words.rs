//! What is wrong with an expression, and where: the library's reasons in the words of the command line.

use std::borrow::Cow;

use jmespath::{ErrorReason, JmespathError, RuntimeError};

use crate::stop::Failure;

/// The functions that there are.
pub(super) const FUNCTIONS: [&str; 26] = [
    "abs",
    "avg",
    "ceil",
    "contains",
    "ends_with",
    "floor",
    "join",
    "keys",
    "length",
    "map",
    "max",
    "max_by",
    "merge",
    "min",
    "min_by",
    "not_null",
    "reverse",
    "sort",
    "sort_by",
    "starts_with",
    "sum",
    "to_array",
    "to_number",
    "to_string",
    "type",
    "values",
];

/// So much of the expression is shown from the place on, in characters.
const SHOWN: usize = 24;

pub(super) fn failure(error: &JmespathError) -> Failure {
    let place = Place::of(error);
    if error.expression.trim().is_empty() {
        return Failure::usage("the expression of --query is empty").with_cure("say @ for all there is");
    }
    let (told, cure) = match &error.reason {
        ErrorReason::Parse(reason) => (of_grammar(reason, &place), None),
        ErrorReason::Runtime(error) => of_value(error, &place),
    };
    let cure = cure.unwrap_or_else(|| "https://jmespath.org explains the expressions".into());
    Failure::usage(format_args!("--query, {place}: {told}")).with_cure(cure)
}

/// Where in the expression it is.
struct Place<'a> {
    before: &'a str,
    rest: &'a str,
}

impl<'a> Place<'a> {
    fn of(error: &'a JmespathError) -> Self {
        let (before, rest) =
            error.expression.split_at_checked(error.offset).unwrap_or((&error.expression, ""));
        Self { before, rest }
    }

    /// The function whose arguments begin there.
    fn function(&self) -> &'a str {
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let begin = self.before.trim_end_matches(is_of_name).len();
        self.before.get(begin..).unwrap_or_default()
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.rest.is_empty() {
            return write!(f, "at the end of {}", self.before);
        }
        let shown: String = self.rest.chars().take(SHOWN).collect();
        let more = if shown.len() < self.rest.len() { "…" } else { "" };
        write!(f, "at character {}, {shown}{more}", self.before.chars().count() + 1)
    }
}

/// The expression is none.
fn of_grammar(reason: &str, place: &Place<'_>) -> Cow<'static, str> {
    let reason = reason.split(" -- found ").next().unwrap_or_default();
    match reason {
        "Unexpected nud token" => return "a value is expected".into(),
        "Unexpected led token" | "Did not parse the complete expression" => {
            return "an operator or the end is expected".into();
        }
        "Expected Field to start key value pair" => return "a name is expected".into(),
        "Expected ':' to follow key" => return "`:` and a value are expected".into(),
        "Expected identifier, '*', '{', '[', '&', or '[?'" => {
            return "the name of a field is expected".into();
        }
        "Expected valid number" => return "the number is too large".into(),
        "'-' must be followed by numbers 1-9" => return "`-` stands before a number alone".into(),
        "'=' is not valid. Did you mean '=='?" => return "`=` means nothing; `==` compares".into(),
        "Invalid function name" | "Quoted strings can't be a function name" => {
            return "this is not the name of a function".into();
        }
        _ => {}
    }
    if reason.starts_with("Invalid character") {
        return "this means nothing here; a text stands between ' and '".into();
    }
    if reason.starts_with("Unclosed ") {
        let quote = place.rest.chars().next().unwrap_or('"');
        return format!("the {quote} is not closed").into();
    }
    if let Some((_, fault)) = reason.split_once("Unable to parse literal JSON ") {
        let fault = fault.rsplit(": ").next().unwrap_or_default();
        return format!("between ` and ` stands JSON, and this is none: {fault}").into();
    }
    match reason.strip_prefix("Expected ") {
        Some(expected) => {
            format!("{} is expected", expected.replace('\'', "`").replace(", or", " or")).into()
        }
        None => reason.to_owned().into(),
    }
}

/// What the expression is about is not what it takes; and what to do, if there is more than to read about expressions.
fn of_value(error: &RuntimeError, place: &Place<'_>) -> (Cow<'static, str>, Option<String>) {
    let function = place.function();
    let several = |types: &str| types.replace("expression->", "").replace('|', " or ");
    let told = match error {
        RuntimeError::UnknownFunction(name) => {
            let told = format!("there is no function {name}");
            let near = FUNCTIONS.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
            let near = near.filter(|known| strsim::damerau_levenshtein(known, name) <= 2);
            return (
                told.into(),
                Some(match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("there are {}", FUNCTIONS.join(", ")),
                }),
            );
        }
        RuntimeError::TooManyArguments { expected, actual }
        | RuntimeError::NotEnoughArguments { expected, actual } => {
            let plural = if *expected == 1 { "" } else { "s" };
            format!("{function} takes {expected} argument{plural} and has {actual}")
        }
        RuntimeError::InvalidType { expected, actual, position } => {
            let number = position + 1;
            format!("argument {number} of {function} is of type {actual}, and must be {}", several(expected))
        }
        RuntimeError::InvalidReturnType { expected, actual, position, invocation } => {
            let number = position + 1;
            format!(
                "argument {number} of {function} comes to type {actual} for item {invocation}, and must come to {}",
                several(expected)
            )
        }
        RuntimeError::InvalidSlice => "the step of a slice cannot be 0".into(),
    };
    (told.into(), None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Query;
    use super::*;

    fn told(expression: &str) -> String {
        let value = json!([{"id": "t-1", "total": 7, "none": null}]);
        let failed = Query::new(expression).and_then(|query| query.of(value)).unwrap_err();
        failed.text()
    }

    #[test]
    fn it_is_told_where_an_expression_is_wrong_and_how() {
        let docs = "; https://jmespath.org explains the expressions";
        for (expression, expected) in [
            ("[", "--query, at the end of [: a value is expected"),
            ("[].", "--query, at the end of [].: the name of a field is expected"),
            ("[0", "--query, at the end of [0: `:` or `]` is expected"),
            ("[?id=='é' && ]", "--query, at character 14, ]: a value is expected"),
            ("[?id=='x']]", "--query, at character 11, ]: an operator or the end is expected"),
            ("[?id='x']", "--query, at character 5, ='x']: `=` means nothing; `==` compares"),
            (
                "[?id==#x]",
                "--query, at character 7, #x]: this means nothing here; a text stands between ' and '",
            ),
            ("[?id=='x]", "--query, at character 7, 'x]: the ' is not closed"),
            ("[?id==`x`]", "--query, at character 7, `x`]: between ` and ` stands JSON, and this is none: "),
            ("{id}", "--query, at character 4, }: `:` and a value are expected"),
            ("[0].{: id}", "--query, at character 6, : id}: a name is expected"),
            ("[::0]", "--query, at character 5, ]: the step of a slice cannot be 0"),
            ("99999999999", "--query, at character 1, 99999999999: the number is too large"),
            ("length(@, @)", "--query, at character 7, (@, @): length takes 1 argument and has 2"),
            ("join(',')", "--query, at character 5, (','): join takes 2 arguments and has 1"),
            (
                "length([0].total)",
                "--query, at character 7, ([0].total): argument 1 of length is of type number, and must be array or \
                 object or string",
            ),
            (
                "sort_by(@, &none)",
                "--query, at character 8, (@, &none): argument 2 of sort_by comes to type null for item 1, and must \
                 come to string or number",
            ),
        ] {
            let told = told(expression);
            assert!(told.starts_with(expected) && told.ends_with(docs), "{expression}: {told}");
        }
        assert_eq!(told(" "), "the expression of --query is empty; say @ for all there is");
        let long = format!("[?id=='x'] {}", "y".repeat(100));
        assert!(
            told(&long).contains("at character 12, yyyyyyyyyyyyyyyyyyyyyyyy…: an operator"),
            "{}",
            told(&long)
        );
    }

    #[test]
    fn what_there_is_not_is_told_before_there_is_a_value() {
        for (expression, cure) in [
            ("lenght(@)", "did you mean length?"),
            ("[?id==nothing_at_all(@)].id", "there are abs, avg, "),
            ("[].{a: [sort_bye(@, &id)]}", "did you mean sort_by?"),
            ("to_string(&(a || !b.*.foo_bar(c)))", "there are abs, "),
        ] {
            let told = Query::new(expression).err().unwrap().text();
            assert!(told.contains("there is no function ") && told.contains(cure), "{told}");
        }
        for function in FUNCTIONS {
            assert!(jmespath::DEFAULT_RUNTIME.get_function(function).is_some(), "{function}");
        }
    }

    #[test]
    fn an_expression_that_is_nested_without_end_is_refused() {
        for part in ["(", "[", "!", "&", "a.", "{a:", "a||", "a|", "a&&", "[?"] {
            let of_many = |times: usize| Query::new(&format!("{}a", part.repeat(times)));
            assert!(of_many(4096).err().unwrap().text().contains("more than 4096 bytes; "));
            assert!(of_many(201).err().unwrap().text().contains("more than 200 brackets and operators; "));
            // As long as it may be, it does no harm.
            drop(
                of_many(200 / part.matches(['|', '&', '[']).count().max(1))
                    .map(|query| query.of(json!({"a": 1}))),
            );
        }
        let closed = format!("{}a{}", "(".repeat(200), ")".repeat(200));
        assert_eq!(Query::new(&closed).ok().unwrap().of(json!({"a": 1})).ok(), Some(1.into()));
    }
}
