//! Which tasks are wanted.

use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kps_ureq::{Action, Limit, Phase, ServerId, TaskFilter, TaskRecord};

use crate::args;
use crate::commands::tasks::when::When;
use crate::stop::Failure;

// Which tasks are listed, and how often. A doc comment would be printed as what each list says of itself.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub(crate) struct Selection {
    /// Those that began then or later: 2h, 7d, 2026-03-30, 2026-03-30T08:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Those that began before
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    /// Those of servers with this id or such a name (web-*, web-?); say it again for more
    #[arg(long, value_name = "ID|PATTERN")]
    server: Vec<String>,
    /// Those of key pairs with such a name (team-*); say it again for more
    #[arg(long, value_name = "PATTERN")]
    keypair: Vec<String>,
    /// Those that came so far
    #[arg(long, ignore_case = true, value_name = "PHASE", value_parser = PossibleValuesParser::new(PHASES.map(|(name, _)| name)).map(|name| found(&PHASES, &name)))]
    phase: Option<Phase>,
    /// Those that do this
    #[arg(long, ignore_case = true, value_name = "ACTION", value_parser = PossibleValuesParser::new(ACTIONS.map(|(name, _)| name)).map(|name| found(&ACTIONS, &name)))]
    action: Option<Action>,
    /// So many at most, as the service lists them
    #[arg(long, value_name = "N", value_parser = some)]
    pub(super) limit: Option<NonZeroUsize>,
    /// Go on, and print what is new as it comes, looking every 5 s or as often as is said
    #[arg(long, value_name = "INTERVAL", num_args = 0..=1, require_equals = true, default_missing_value = "5s", value_parser = args::some_time)]
    pub(super) watch: Option<Duration>,
    /// In all regions where the account has a project
    #[arg(long, conflicts_with_all = ["region", "endpoint", "project_id"])]
    pub(super) all_regions: bool,
}

const PHASES: [(&str, Phase); 4] = [
    ("ready", Phase::Ready),
    ("running", Phase::Running),
    ("success", Phase::Success),
    ("failed", Phase::Failed),
];
const ACTIONS: [(&str, Action); 4] = [
    ("bind", Action::Bind),
    ("replace", Action::Replace),
    ("reset", Action::Reset),
    ("unbind", Action::Unbind),
];

/// How many there may be at most.
pub(crate) fn some(count: &str) -> Result<NonZeroUsize, &'static str> {
    count.parse().map_err(|_| "expected a number, 1 or more")
}

/// The value of a name, which is one of these in some case.
fn found<T: Copy>(known: &[(&str, T); 4], name: &str) -> T {
    let [(_, first), ..] = *known;
    known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(first, |(_, value)| *value)
}

/// A filter for tasks.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    all: TaskFilter,
    /// One of them has to hold, if there are any.
    servers: Vec<TaskFilter>,
    keypairs: Vec<TaskFilter>,
}

impl Wanted {
    pub(super) fn holds(&self, task: &impl TaskRecord) -> bool {
        let any = |filters: &[TaskFilter]| filters.is_empty() || filters.iter().any(|one| one.holds(task));
        self.all.holds(task) && any(&self.servers) && any(&self.keypairs)
    }
}

impl Selection {
    /// Refuses a time that ends before it begins.
    pub(super) fn check(&self, now: SystemTime) -> Result<(), Failure> {
        match (self.since, self.until) {
            (Some(since), Some(until)) if since.moment(now) >= until.moment(now) => {
                Err(Failure::usage("no task began then: --until is no later than --since")
                    .with_cure("say the earlier of them with --since, as in --since 2h --until 1h"))
            }
            _ => Ok(()),
        }
    }

    /// None if all are wanted.
    pub(super) fn wanted(&self, now: SystemTime) -> Option<Wanted> {
        let all = Self { limit: None, watch: None, all_regions: false, ..self.clone() };
        if all == Self::default() {
            return None;
        }
        let mut all = TaskFilter::new();
        if let Some(since) = self.since {
            all = all.with_since(since.moment(now));
        }
        if let Some(until) = self.until {
            all = all.with_until(until.moment(now));
        }
        if let Some(phase) = self.phase {
            all = all.with_phase(phase);
        }
        if let Some(action) = self.action {
            all = all.with_action(action);
        }
        let name = |server: &String| TaskFilter::new().with_server_name(server);
        let ids = self.server.iter().filter_map(|server| ServerId::new(server).ok());
        let ids = ids.map(|id| TaskFilter::new().with_server(id));
        let keypair = |pattern: &String| TaskFilter::new().with_keypair(pattern);
        Some(Wanted {
            all,
            servers: self.server.iter().map(name).chain(ids).collect(),
            keypairs: self.keypair.iter().map(keypair).collect(),
        })
    }

    /// How many a page is to hold: no more than are wanted, if each of them is.
    pub(super) fn page(&self, all_are_wanted: bool) -> Limit {
        let limit = self.limit.filter(|_| all_are_wanted && self.watch.is_none());
        let limit = limit.and_then(|limit| u32::try_from(limit.get()).ok());
        limit.and_then(|limit| Limit::new(limit).ok()).unwrap_or(Limit::MAX)
    }
}

#[cfg(test)]
mod tests {
    use kps_ureq::{FailedTask, from_json};

    use super::*;

    #[test]
    fn which_tasks_are_wanted() {
        let records = [
            r#"{"task_id":"a","operate_type":"FAILED_RESET","task_time":"1775032190000","server_name":"web-1","server_id":"s-1","keypair_name":"team"}"#,
            r#"{"task_id":"b","operate_type":"FAILED_UNBIND","task_time":"1775028600000","server_name":"web-2","server_id":"s-2","keypair_name":"test"}"#,
            r#"{"task_id":"c","operate_type":"RUNNING_UNBIND","task_time":"1774945800000","server_name":"db","server_id":"s-3","keypair_name":"prod"}"#,
            r#"{"task_id":"d"}"#,
        ];
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_775_032_200);
        let text = |text: &str| vec![text.to_owned()];
        let hour = || Some(When::Ago(Duration::from_secs(3600)));
        let none = Selection::default;
        assert!(none().wanted(now).is_none());
        assert!(Selection { limit: NonZeroUsize::new(2), ..none() }.wanted(now).is_none());
        for (selection, wanted) in [
            (Selection { since: hour(), ..none() }, "ab"),
            (Selection { until: hour(), ..none() }, "c"),
            (Selection { server: text("web-?"), ..none() }, "ab"),
            (Selection { server: text("s-3"), ..none() }, "c"),
            (Selection { server: text("s-"), ..none() }, ""),
            (Selection { server: vec!["s-2".into(), "db".into()], ..none() }, "bc"),
            (Selection { keypair: vec!["team".into(), "p*".into()], ..none() }, "ac"),
            (Selection { server: text("web-*"), keypair: text("te?t"), ..none() }, "b"),
            (Selection { phase: Some(Phase::Running), ..none() }, "c"),
            (Selection { action: Some(Action::Unbind), ..none() }, "bc"),
        ] {
            let filter = selection.wanted(now).unwrap();
            let tasks = records.iter().map(|record| from_json::<FailedTask>(record.as_bytes()).unwrap());
            let came: String =
                tasks.filter(|task| filter.holds(task)).map(|task| task.task_id.to_string()).collect();
            assert_eq!(came, wanted, "{selection:?}");
        }
    }
}
