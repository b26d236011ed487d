//! What of a list is wanted. The service knows no filters, so these are the client's.

use std::time::{Duration, SystemTime};

use kps_model::{
    Action, FailedTask, Keypair, KeypairType, OperateType, Phase, RunningTask, Scope, ServerId, Text,
    Timestamp,
};
use wildmatch::WildMatch;

/// Which tasks of a list are wanted: those of which all holds that is set. What a task does not tell of itself does not
/// hold.
///
/// In patterns `*` stands for any characters and `?` for one.
///
/// ```
/// use kps_core::{Action, FailedTask, TaskFilter, TaskId};
///
/// let resets_of_web = TaskFilter::new().with_action(Action::Reset).with_server_name("web-*");
/// let task: FailedTask = kps_core::from_json(br#"{"task_id":"t-1","operate_type":"FAILED_RESET","server_name":"web-7"}"#)?;
/// assert!(resets_of_web.holds(&task));
/// assert!(!resets_of_web.with_keypair("team").holds(&task));
/// # Ok::<(), kps_core::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    phase: Option<Phase>,
    action: Option<Action>,
    server: Option<ServerId>,
    server_name: Option<WildMatch>,
    keypair: Option<WildMatch>,
    since: Option<SystemTime>,
    until: Option<SystemTime>,
}

impl TaskFilter {
    /// All tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those that are so far.
    #[must_use]
    pub fn with_phase(mut self, phase: Phase) -> Self {
        self.phase = Some(phase);
        self
    }

    /// Those that do this.
    #[must_use]
    pub fn with_action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// Those of this server.
    #[must_use]
    pub fn with_server(mut self, server: ServerId) -> Self {
        self.server = Some(server);
        self
    }

    /// Those of servers with such a name.
    #[must_use]
    pub fn with_server_name(mut self, pattern: &str) -> Self {
        self.server_name = Some(WildMatch::new(pattern));
        self
    }

    /// Those of key pairs with such a name.
    #[must_use]
    pub fn with_keypair(mut self, pattern: &str) -> Self {
        self.keypair = Some(WildMatch::new(pattern));
        self
    }

    /// Those that started at this time or later.
    #[must_use]
    pub fn with_since(mut self, since: SystemTime) -> Self {
        self.since = Some(since);
        self
    }

    /// Those that started before this time.
    #[must_use]
    pub fn with_until(mut self, until: SystemTime) -> Self {
        self.until = Some(until);
        self
    }

    /// Whether a task is wanted.
    pub fn holds(&self, task: &impl TaskRecord) -> bool {
        let kind = task.operate_type();
        is(self.phase.as_ref(), kind.and_then(OperateType::phase).as_ref())
            && is(self.action.as_ref(), kind.and_then(OperateType::action).as_ref())
            && is(self.server.as_ref(), task.server_id())
            && fits(self.server_name.as_ref(), task.server_name())
            && fits(self.keypair.as_ref(), task.keypair_name())
            && self.is_of_time(task.task_time())
    }

    fn is_of_time(&self, time: Option<&Timestamp>) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let Some(time) = time.and_then(time_of) else { return false };
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// A task in a list: one that failed, or one that is under way.
///
/// ```
/// use kps_core::{FailedTask, RunningTask, TaskRecord, from_json};
///
/// /// Of a task of either list.
/// fn line(task: &impl TaskRecord) -> String {
///     let kind = task.operate_type().map_or("-", |kind| kind.as_str());
///     format!("{kind} {}", task.server_name().map_or("-", |name| name.as_str()))
/// }
///
/// let failed: FailedTask = from_json(br#"{"task_id":"t-1","operate_type":"FAILED_RESET","server_name":"web-7"}"#)?;
/// let running: RunningTask = from_json(br#"{"task_id":"t-2","operate_type":"RUNNING_BIND"}"#)?;
/// assert_eq!((line(&failed), line(&running)), ("FAILED_RESET web-7".into(), "RUNNING_BIND -".into()));
/// # Ok::<(), kps_core::DecodeError>(())
/// ```
pub trait TaskRecord {
    /// What is done, and how far it came.
    fn operate_type(&self) -> Option<&OperateType>;
    /// When it started.
    fn task_time(&self) -> Option<&Timestamp>;
    /// The id of the cloud server.
    fn server_id(&self) -> Option<&ServerId>;
    /// The name of the cloud server.
    fn server_name(&self) -> Option<&Text>;
    /// The name of the key pair.
    fn keypair_name(&self) -> Option<&Text>;
}

macro_rules! task_record {
    ($task:ty) => {
        impl TaskRecord for $task {
            fn operate_type(&self) -> Option<&OperateType> {
                self.operate_type.as_ref()
            }

            fn task_time(&self) -> Option<&Timestamp> {
                self.task_time.as_ref()
            }

            fn server_id(&self) -> Option<&ServerId> {
                self.server_id.as_ref()
            }

            fn server_name(&self) -> Option<&Text> {
                self.server_name.as_ref()
            }

            fn keypair_name(&self) -> Option<&Text> {
                self.keypair_name.as_ref()
            }
        }
    };
}

task_record!(FailedTask);
task_record!(RunningTask);

/// Which key pairs of a list are wanted: those of which all holds that is set. What a key pair does not tell of itself does
/// not hold.
///
/// In patterns `*` stands for any characters and `?` for one.
///
/// ```
/// use kps_core::{Keypair, KeypairFilter, Scope};
///
/// let shared = KeypairFilter::new().with_name("team-*").with_scope(Scope::Domain);
/// let keypair: Keypair = kps_core::from_json(br#"{"name":"team-web","scope":"domain"}"#)?;
/// assert!(shared.holds(&keypair));
/// assert!(!shared.with_hosted(true).holds(&keypair));
/// # Ok::<(), kps_core::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeypairFilter {
    name: Option<WildMatch>,
    keypair_type: Option<KeypairType>,
    scope: Option<Scope>,
    hosted: Option<bool>,
}

impl KeypairFilter {
    /// All key pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those with such a name.
    #[must_use]
    pub fn with_name(mut self, pattern: &str) -> Self {
        self.name = Some(WildMatch::new(pattern));
        self
    }

    /// Those of this sort.
    #[must_use]
    pub fn with_type(mut self, keypair_type: KeypairType) -> Self {
        self.keypair_type = Some(keypair_type);
        self
    }

    /// Those that are seen by these.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Those whose private half the service hosts, or those whose it does not.
    #[must_use]
    pub fn with_hosted(mut self, hosted: bool) -> Self {
        self.hosted = Some(hosted);
        self
    }

    /// Whether a key pair is wanted.
    pub fn holds(&self, keypair: &Keypair) -> bool {
        self.name.as_ref().is_none_or(|pattern| pattern.matches(keypair.name.as_str()))
            && is(self.keypair_type.as_ref(), keypair.keypair_type.as_ref())
            && is(self.scope.as_ref(), keypair.scope.as_ref())
            && is(self.hosted.as_ref(), keypair.is_key_protection.as_ref())
    }
}

fn is<T: PartialEq>(wanted: Option<&T>, there: Option<&T>) -> bool {
    wanted.is_none() || wanted == there
}

fn fits(pattern: Option<&WildMatch>, there: Option<&Text>) -> bool {
    pattern.is_none_or(|pattern| there.is_some_and(|text| pattern.matches(text)))
}

/// The time of a task; none if it tells of no moment.
pub(crate) fn time_of(time: &Timestamp) -> Option<SystemTime> {
    let millis = u64::try_from(time.millis()?).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use kps_model::from_json;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_775_032_200 + seconds)
    }

    #[test]
    fn which_tasks_are_wanted() {
        let all = TaskFilter::new;
        let server = |id: &str| ServerId::new(id).unwrap();
        for (filter, wanted) in [
            (all(), "abcd"),
            (all().with_phase(Phase::Failed), "ab"),
            (all().with_phase(Phase::Running), "c"),
            (all().with_action(Action::Reset), "a"),
            (all().with_action(Action::Unbind), "bc"),
            (all().with_server(server("s-1")), "a"),
            (all().with_server_name("web-?"), "ab"),
            (all().with_server_name("web"), ""),
            (all().with_server_name("*"), "abc"),
            (all().with_keypair("team"), "a"),
            (all().with_keypair("*e*"), "ab"),
            (all().with_since(at(20)), "bc"),
            (all().with_until(at(20)), "a"),
            (all().with_since(at(10)).with_until(at(30)), "ab"),
            (all().with_phase(Phase::Failed).with_server_name("web-2"), "b"),
        ] {
            let records = [
                r#"{"task_id":"a","operate_type":"FAILED_RESET","task_time":"1775032210000","server_name":"web-1","server_id":"s-1","keypair_name":"team"}"#,
                r#"{"task_id":"b","operate_type":"FAILED_UNBIND","task_time":"1775032220000","server_name":"web-2","server_id":"s-2","keypair_name":"test"}"#,
                r#"{"task_id":"c","operate_type":"RUNNING_UNBIND","task_time":"1775032230000","server_name":"db","server_id":"s-3","keypair_name":"prod"}"#,
                r#"{"task_id":"d"}"#,
            ];
            let failed: String = records
                .iter()
                .map(|record| from_json::<FailedTask>(record.as_bytes()).unwrap())
                .filter(|task| filter.holds(task))
                .map(|task| task.task_id.to_string())
                .collect();
            let running: String = records
                .iter()
                .map(|record| from_json::<RunningTask>(record.as_bytes()).unwrap())
                .filter(|task| filter.holds(task))
                .map(|task| task.task_id.to_string())
                .collect();
            assert_eq!((failed.as_str(), running.as_str()), (wanted, wanted), "{filter:?}");
        }
    }

    #[test]
    fn which_key_pairs_are_wanted() {
        let all = KeypairFilter::new;
        for (filter, wanted) in [
            (all(), "abc"),
            (all().with_name("?"), "abc"),
            (all().with_name("b"), "b"),
            (all().with_type(KeypairType::X509), "b"),
            (all().with_scope(Scope::Domain), "a"),
            (all().with_hosted(true), "a"),
            (all().with_hosted(false), "b"),
        ] {
            let records = [
                r#"{"name":"a","type":"ssh","scope":"domain","is_key_protection":true}"#,
                r#"{"name":"b","type":"x509","scope":"user","is_key_protection":false}"#,
                r#"{"name":"c"}"#,
            ];
            let came: String = records
                .iter()
                .map(|record| from_json::<Keypair>(record.as_bytes()).unwrap())
                .filter(|keypair| filter.holds(keypair))
                .map(|keypair| keypair.name.to_string())
                .collect();
            assert_eq!(came, wanted, "{filter:?}");
        }
    }
}
