//! Which servers are meant.

use std::path::Path;

use crate::binding::BindingArgs;
use crate::input;
use crate::stop::{Failure, Stop};

impl BindingArgs {
    /// The names and ids of the servers, those of the arguments first.
    pub(super) fn names(&self) -> Result<Vec<String>, Stop> {
        self.check_standard_input()?;
        let mut names = self.servers.clone();
        if let Some(path) = &self.servers_file {
            names.extend(input::list(path, "the list of servers")?);
        }
        if names.is_empty() {
            return Err(Failure::usage("no server is named").into());
        }
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(Failure::usage("the name of a server is empty").into());
        }
        Ok(names)
    }

    /// Standard input can be one thing.
    fn check_standard_input(&self) -> Result<(), Failure> {
        let is_stdin = |path: &Option<std::path::PathBuf>| path.as_deref() == Some(Path::new("-"));
        let takers = [
            (is_stdin(&self.servers_file), "--servers-file -"),
            (is_stdin(&self.private_key), "--private-key -"),
            (self.password.takes_stdin(), "--password-stdin"),
        ];
        let takers: Vec<&str> = takers.iter().filter(|(takes, _)| *takes).map(|(_, flag)| *flag).collect();
        match takers.as_slice() {
            [one, other, ..] => {
                Err(Failure::usage(format_args!("both {one} and {other} take standard input"))
                    .with_cure("take one of them from a file"))
            }
            _ => Ok(()),
        }
    }
}
