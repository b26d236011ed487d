//! `--query`: JMESPath over the JSON that would be printed.

mod order;
mod words;

use std::fmt;

use jmespath::ast::Ast;
use jmespath::{ErrorReason, Expression, JmespathError, RuntimeError, Variable};
use serde_json::Value;

use crate::stop::Failure;

/// The longest expression, in bytes, and the most brackets and operators in it. The library calls itself for each part within
/// another, and nothing stops it before the stack ends.
const MOST: usize = 4096;
const MOST_PARTS: usize = 200;

pub(super) struct Query(Expression<'static>);

impl Query {
    /// What can be known to be wrong is told before anything is asked of the service.
    pub(super) fn new(expression: &str) -> Result<Self, Failure> {
        if expression.len() > MOST {
            return Err(too_much(format_args!("{MOST} bytes")));
        }
        if expression.matches(['(', '[', '{', '!', '&', '|', '.', '<', '>', '=']).count() > MOST_PARTS {
            return Err(too_much(format_args!("{MOST_PARTS} brackets and operators")));
        }
        let compiled = jmespath::compile(expression).map_err(|error| words::failure(&error))?;
        match unknown_function(compiled.as_ast()) {
            Some((offset, name)) => {
                let reason = ErrorReason::Runtime(RuntimeError::UnknownFunction(name.to_owned()));
                Err(words::failure(&JmespathError::new(expression, offset, reason)))
            }
            None => Ok(Self(compiled)),
        }
    }

    pub(super) fn of(&self, value: Value) -> Result<Value, Failure> {
        let names = order::names(&value);
        let found = Variable::try_from(value).and_then(|value| self.0.search(value));
        let found = found.map_err(|error| words::failure(&error))?;
        let mut found = serde_json::to_value(&*found)
            .map_err(|error| Failure::usage(format_args!("--query: {error}")))?;
        order::arrange(&mut found, self.0.as_ast(), &names);
        Ok(found)
    }
}

fn too_much(most: fmt::Arguments<'_>) -> Failure {
    Failure::usage(format_args!("the expression of --query has more than {most}"))
        .with_cure("let another program, such as jq, read --output json")
}

/// The first function that there is not, and where its arguments begin.
fn unknown_function(ast: &Ast) -> Option<(usize, &str)> {
    match ast {
        Ast::Function { offset, name, .. } if !words::FUNCTIONS.contains(&name.as_str()) => {
            Some((*offset, name))
        }
        ast => parts(ast).into_iter().find_map(unknown_function),
    }
}

fn parts(ast: &Ast) -> Vec<&Ast> {
    match ast {
        Ast::Comparison { lhs, rhs, .. }
        | Ast::Projection { lhs, rhs, .. }
        | Ast::And { lhs, rhs, .. }
        | Ast::Or { lhs, rhs, .. }
        | Ast::Subexpr { lhs, rhs, .. } => vec![lhs, rhs],
        Ast::Condition { predicate, then, .. } => vec![predicate, then],
        Ast::Expref { ast, .. } => vec![ast],
        Ast::Flatten { node, .. } | Ast::Not { node, .. } | Ast::ObjectValues { node, .. } => vec![node],
        Ast::Function { args, .. } | Ast::MultiList { elements: args, .. } => args.iter().collect(),
        Ast::MultiHash { elements, .. } => elements.iter().map(|pair| &pair.value).collect(),
        Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. } => Vec::new(),
    }
}
