//! `--query`: JMESPath over the JSON that would be printed.

use jmespath::{Expression, Variable};
use serde_json::Value;

use crate::stop::{Exit, Failure};

pub(super) struct Query(Expression<'static>);

impl Query {
    pub(super) fn new(expression: &str) -> Result<Self, Failure> {
        let expression = jmespath::compile(expression).map_err(|error| {
            // The first line says what, the others point at it.
            Failure::usage(format_args!("--query: {}", error.to_string().trim_end()))
        })?;
        Ok(Self(expression))
    }

    pub(super) fn of(&self, value: Value) -> Result<Value, Failure> {
        let failed =
            |error: &dyn std::fmt::Display| Failure::new(Exit::Usage, format_args!("--query: {error}"));
        let value = Variable::try_from(value).map_err(|error| failed(&error))?;
        let found = self.0.search(value).map_err(|error| failed(&error))?;
        serde_json::to_value(&*found).map_err(|error| failed(&error))
    }
}
