//! Which servers are meant.

use std::path::Path;

use crate::binding::BindingArgs;
use crate::input;
use crate::stop::{Failure, Stop};

/// The longest list that is read, in bytes.
const MOST: usize = 1024 * 1024;

impl BindingArgs {
    /// The names and ids of the servers, those of the arguments first.
    pub(super) fn names(&self) -> Result<Vec<String>, Stop> {
        self.check_standard_input()?;
        let mut names = self.servers.clone();
        if let Some(path) = &self.servers_file {
            names.extend(of_lines(&input::text(path, "the list of servers", MOST)?));
        }
        if names.is_empty() {
            return Err(Failure::usage("no server is named").into());
        }
        if let Some(name) = names.iter().find(|name| name.trim().is_empty()) {
            return Err(Failure::usage(format_args!("the server {name:?} has no name")).into());
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

/// The names in a text, one on each line; empty lines and those that begin with `#` are passed over.
fn of_lines(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_server_on_each_line() {
        let names: Vec<String> = of_lines("web-1\n\n # of the team\r\n  web-2 \r\nweb-3").collect();
        assert_eq!(names, ["web-1", "web-2", "web-3"]);
    }
}
