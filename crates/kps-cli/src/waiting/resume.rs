//! The command line that waits on for tasks, to be copied from the terminal.

use std::fmt::Write as _;

use kps_ureq::TaskHandle;

use crate::args::Globals;
use crate::output::quoted;

/// `kps task wait ID... --server ID --keypair NAME --accepted TIME`, with what was said of where the service is.
pub(crate) fn resume_line<'a>(globals: &Globals, tasks: impl IntoIterator<Item = &'a TaskHandle>) -> String {
    let mut line = String::from("kps task wait");
    let tasks: Vec<&TaskHandle> = tasks.into_iter().collect();
    for task in &tasks {
        let _ = write!(line, " {}", quoted(task.task_id.as_str()));
    }
    let mut say = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(line, " --{flag} {}", quoted(&value));
        }
    };
    // What is told of one task is not so of others.
    if let [task] = tasks.as_slice() {
        say("server", task.server_id.as_ref().map(ToString::to_string));
        say("keypair", task.keypair_name.as_ref().map(ToString::to_string));
        say("accepted", task.accepted.as_ref().map(ToString::to_string));
    }
    say("region", globals.region.as_ref().map(ToString::to_string));
    say("endpoint", globals.endpoint.clone());
    say("project-id", globals.project_id.as_ref().map(ToString::to_string));
    say("profile", globals.profile.clone());
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use kps_ureq::{KeypairName, ServerId, TaskId, Timestamp};

    fn task(id: &str) -> TaskHandle {
        TaskHandle::new(TaskId::new(id).unwrap())
    }

    #[test]
    fn the_line_has_all_that_is_known_of_one_task() {
        let globals = |words: &[&str]| {
            let words = ["kps"].iter().chain(words).chain(&["running"]);
            crate::args::Cli::parse_from(words).globals
        };
        let whole = task("t-1")
            .with_server(ServerId::new("s-1").unwrap())
            .with_keypair(KeypairName::new("team").unwrap())
            .with_accepted(Timestamp::from_millis(1_775_032_200_000));
        let none = globals(&[]);
        assert_eq!(
            resume_line(&none, [&whole]),
            "kps task wait t-1 --server s-1 --keypair team --accepted 2026-04-01T08:30:00Z"
        );
        assert_eq!(resume_line(&none, [&whole, &task("t-2")]), "kps task wait t-1 t-2");
        let all = ["--region", "cn-east-3", "--endpoint", "http://127.0.0.1:1", "--profile", "two words"];
        assert_eq!(
            resume_line(&globals(&all), [&task("t")]),
            "kps task wait t --region cn-east-3 --endpoint http://127.0.0.1:1 --profile 'two words'"
        );
    }
}
