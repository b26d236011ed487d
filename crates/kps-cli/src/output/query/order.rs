//! In which order the fields of the objects come that are found. The library has them in that of the alphabet.

use jmespath::ast::Ast;
use serde_json::{Map, Value};

/// Whose fields the objects have that an expression finds.
enum Shape<'a> {
    /// Those that are named in the expression.
    Named(Vec<&'a str>),
    /// Those of what it is asked of.
    Same,
    Unknown,
}

impl<'a> Shape<'a> {
    fn of(ast: &'a Ast) -> Self {
        match ast {
            Ast::MultiHash { elements, .. } => {
                Self::Named(elements.iter().map(|pair| pair.key.as_str()).collect())
            }
            Ast::Identity { .. } | Ast::Index { .. } | Ast::Slice { .. } => Self::Same,
            Ast::Flatten { node, .. } => Self::of(node),
            Ast::Condition { then, .. } => Self::of(then),
            Ast::Projection { lhs, rhs, .. } | Ast::Subexpr { lhs, rhs, .. } => match Self::of(rhs) {
                Self::Same => Self::of(lhs),
                other => other,
            },
            Ast::Function { name, args, .. } if PICKS.contains(&name.as_str()) => {
                args.first().map_or(Self::Unknown, Self::of)
            }
            _ => Self::Unknown,
        }
    }
}

/// The functions that find what is in their first argument.
const PICKS: [&str; 5] = ["max_by", "min_by", "reverse", "sort_by", "to_array"];

/// The names of the fields in the order of the expression, or of the value that it is asked of.
pub(super) fn names(ast: &Ast, asked: &Value) -> Vec<String> {
    match Shape::of(ast) {
        Shape::Named(names) => names.into_iter().map(str::to_owned).collect(),
        Shape::Same => {
            let mut names = Vec::new();
            gather(asked, &mut names);
            names
        }
        Shape::Unknown => Vec::new(),
    }
}

fn gather(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, names)),
        Value::Object(fields) => {
            for name in fields.keys() {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        _ => {}
    }
}

/// Puts the fields of an object, or of those in a list, in this order. Those that are not named come behind.
pub(super) fn arrange(value: &mut Value, names: &[String]) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| arrange(value, names)),
        Value::Object(fields) => {
            let mut rest = std::mem::take(fields);
            let named: Map<_, _> = names.iter().filter_map(|name| rest.shift_remove_entry(name)).collect();
            *fields = named;
            fields.extend(rest);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Query;

    #[test]
    fn fields_come_as_they_are_named_or_as_they_were() {
        let value = json!([{"z": 1, "b": {"y": 2, "x": 3}, "a": 3}, {"z": 4, "m": 5, "a": 6}]);
        for (expression, found) in [
            ("@", r#"[{"z":1,"b":{"x":3,"y":2},"a":3},{"z":4,"a":6,"m":5}]"#),
            ("[0]", r#"{"z":1,"b":{"x":3,"y":2},"a":3}"#),
            ("[?a>`3`] | [0]", r#"{"z":4,"a":6,"m":5}"#),
            ("[1:]", r#"[{"z":4,"a":6,"m":5}]"#),
            ("sort_by(@, &z)[-1]", r#"{"z":4,"a":6,"m":5}"#),
            ("[].{two: z, one: a}", r#"[{"two":1,"one":3},{"two":4,"one":6}]"#),
            ("[*].{two: z, one: a} | [0]", r#"{"two":1,"one":3}"#),
            ("reverse([?m].{two: z, one: a})", r#"[{"two":4,"one":6}]"#),
            ("{c: [0].z, b: length(@)}", r#"{"c":1,"b":2}"#),
            ("[0].b", r#"{"x":3,"y":2}"#),
            ("[].z", "[1,4]"),
        ] {
            let query = Query::new(expression).ok().unwrap();
            assert_eq!(query.of(value.clone()).ok().unwrap().to_string(), found, "{expression}");
        }
    }
}
