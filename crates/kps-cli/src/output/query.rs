//! `--query`: JMESPath over the JSON that would be printed.

use jmespath::{Expression, JmespathError, Variable};
use serde_json::Value;

use crate::stop::{Exit, Failure};

pub(super) struct Query(Expression<'static>);

impl Query {
    pub(super) fn new(expression: &str) -> Result<Self, Failure> {
        jmespath::compile(expression).map(Self).map_err(|error| wrong(&error))
    }

    pub(super) fn of(&self, value: Value) -> Result<Value, Failure> {
        let value = Variable::try_from(value).map_err(|error| wrong(&error))?;
        let found = self.0.search(value).map_err(|error| wrong(&error))?;
        serde_json::to_value(&*found)
            .map_err(|error| Failure::new(Exit::Usage, format_args!("--query: {error}")))
    }
}

/// The library points at the place with lines of its own.
fn wrong(error: &JmespathError) -> Failure {
    Failure::usage(format_args!("--query, at character {}: {}", error.offset + 1, error.reason))
        .with_cure("the expressions are explained at https://jmespath.org")
}
