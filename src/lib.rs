//! Nothing but a place for the examples, tests and benches of the workspace.
