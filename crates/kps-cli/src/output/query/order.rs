//! In which order the fields of the objects come that are found. The library has them in that of the alphabet.

use jmespath::ast::{Ast, KeyValuePair};
use serde_json::{Map, Value};

/// Whose fields the objects have that an expression finds.
enum Shape<'a> {
    /// Those that are named in the expression.
    Named(&'a [KeyValuePair]),
    /// Those of what it is asked of.
    Same,
    /// Those of something within that.
    Other,
}

impl<'a> Shape<'a> {
    fn of(ast: &'a Ast) -> Self {
        match ast {
            Ast::MultiHash { elements, .. } => Self::Named(elements),
            Ast::Identity { .. } | Ast::Index { .. } | Ast::Slice { .. } => Self::Same,
            Ast::Flatten { node, .. } => Self::of(node),
            Ast::Condition { then, .. } => Self::of(then),
            Ast::Projection { lhs, rhs, .. } | Ast::Subexpr { lhs, rhs, .. } => match Self::of(rhs) {
                Self::Same => Self::of(lhs),
                other => other,
            },
            Ast::Function { name, args, .. } if PICKS.contains(&name.as_str()) => {
                args.first().map_or(Self::Other, Self::of)
            }
            _ => Self::Other,
        }
    }
}

/// The functions that find what is in their first argument.
const PICKS: [&str; 5] = ["max_by", "min_by", "reverse", "sort_by", "to_array"];

/// The names of all fields of a value, at whatever depth, as they come.
pub(super) fn names(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    gather(value, &mut names);
    names
}

fn gather(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| gather(value, names)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if !names.contains(name) {
                    names.push(name.clone());
                }
                gather(value, names);
            }
        }
        _ => {}
    }
}

/// Puts the fields of all objects that an expression found in the order in which it names them, or in that of `names`, which
/// are those of what it was asked of.
pub(super) fn arrange(value: &mut Value, ast: &Ast, names: &[String]) {
    match (value, Shape::of(ast)) {
        (Value::Array(values), _) => values.iter_mut().for_each(|value| arrange(value, ast, names)),
        (Value::Object(fields), Shape::Named(elements)) => {
            sort(fields, elements.iter().map(|element| &element.key));
            for element in elements {
                if let Some(value) = fields.get_mut(&element.key) {
                    arrange(value, &element.value, names);
                }
            }
        }
        (Value::Object(fields), Shape::Same | Shape::Other) => {
            sort(fields, names);
            fields.values_mut().for_each(|value| arrange(value, ast, names));
        }
        _ => {}
    }
}

/// Those that are not named come behind.
fn sort<'a>(fields: &mut Map<String, Value>, names: impl IntoIterator<Item = &'a String>) {
    let mut rest = std::mem::take(fields);
    *fields = names.into_iter().filter_map(|name| rest.shift_remove_entry(name)).collect();
    fields.extend(rest);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Query;

    #[test]
    fn fields_come_as_they_are_named_or_as_they_were() {
        let value = json!([{"z": 1, "b": {"y": 2, "x": 3}, "a": 3}, {"z": 4, "m": 5, "a": 6}]);
        for (expression, found) in [
            ("@", r#"[{"z":1,"b":{"y":2,"x":3},"a":3},{"z":4,"a":6,"m":5}]"#),
            ("[0]", r#"{"z":1,"b":{"y":2,"x":3},"a":3}"#),
            ("[?a>`3`] | [0]", r#"{"z":4,"a":6,"m":5}"#),
            ("[1:]", r#"[{"z":4,"a":6,"m":5}]"#),
            ("sort_by(@, &z)[-1]", r#"{"z":4,"a":6,"m":5}"#),
            ("[].{two: z, one: a}", r#"[{"two":1,"one":3},{"two":4,"one":6}]"#),
            ("[*].{two: z, one: a} | [0]", r#"{"two":1,"one":3}"#),
            ("reverse([?m].{two: z, one: a})", r#"[{"two":4,"one":6}]"#),
            ("{c: [0].z, b: length(@)}", r#"{"c":1,"b":2}"#),
            ("[0].b", r#"{"y":2,"x":3}"#),
            ("[].[z, b]", r#"[[1,{"y":2,"x":3}],[4,null]]"#),
            ("[0].{d: {two: z, one: b}, c: b}", r#"{"d":{"two":1,"one":{"y":2,"x":3}},"c":{"y":2,"x":3}}"#),
            ("merge([0].b, {w: `1`})", r#"{"y":2,"x":3,"w":1}"#),
            ("[].z", "[1,4]"),
        ] {
            let query = Query::new(expression).ok().unwrap();
            assert_eq!(query.of(value.clone()).ok().unwrap().to_string(), found, "{expression}");
        }
    }
}
