//! How far a task is, and what it does. Both are open: the documents of the service contradict each other, and
//! new values come before new releases of this crate.

use alloc::boxed::Box;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scalar::{self, Rule};

/// How far a task is.
///
/// ```
/// use kps_model::{Phase, TaskStatus};
///
/// assert_eq!(TaskStatus::from("RUNNING_BIND").phase(), Some(Phase::Running));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// `READY`: accepted, not started.
    Ready,
    /// `RUNNING`.
    Running,
    /// `SUCCESS`: ended well.
    Success,
    /// `FAILED`: ended badly.
    Failed,
}

/// What a task does to a server.
///
/// ```
/// use kps_model::{Action, OperateType, TaskStatus};
///
/// assert_eq!(OperateType::FAILED_UNBIND.action(), Some(Action::Unbind));
/// assert_eq!(TaskStatus::from("SUCCESS_BIND").action(), Some(Action::Bind));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// `BIND`: puts a key pair on a server that has none. Not documented, to be expected.
    Bind,
    /// `REPLACE`: exchanges the key pair of a running server.
    Replace,
    /// `RESET`: exchanges the key pair of a stopped server, whose private key is lost.
    Reset,
    /// `UNBIND`: takes the key pair off a server.
    Unbind,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Known(Phase, Option<Action>),
    Other(Box<str>),
}

impl Repr {
    fn as_str(&self) -> &str {
        match self {
            Self::Known(phase, action) => wire(*phase, *action),
            Self::Other(text) => text,
        }
    }
}

impl From<&str> for Repr {
    #[inline]
    fn from(text: &str) -> Self {
        // The documented values first: they make up nearly all of a list.
        match text {
            "FAILED_RESET" => return Self::Known(Phase::Failed, Some(Action::Reset)),
            "FAILED_REPLACE" => return Self::Known(Phase::Failed, Some(Action::Replace)),
            "FAILED_UNBIND" => return Self::Known(Phase::Failed, Some(Action::Unbind)),
            _ => {}
        }
        match split(text) {
            (Some(phase), action) if wire(phase, action) == text => Self::Known(phase, action),
            _ => Self::Other(text.into()),
        }
    }
}

macro_rules! phase_and_action {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Repr);

        impl $name {
            /// Made of a phase and an action.
            pub const fn new(phase: Phase, action: Action) -> Self {
                Self(Repr::Known(phase, Some(action)))
            }

            /// The text before the first underscore, if it is a known phase in any case of letters.
            pub fn phase(&self) -> Option<Phase> {
                match &self.0 {
                    Repr::Known(phase, _) => Some(*phase),
                    Repr::Other(text) => split(text).0,
                }
            }

            /// The text behind the first underscore, if it is a known action in any case of letters.
            pub fn action(&self) -> Option<Action> {
                match &self.0 {
                    Repr::Known(_, action) => *action,
                    Repr::Other(text) => split(text).1,
                }
            }

            /// The text as the service sent it.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self::from(&*scalar::text(deserializer, &Rule($what, None))?))
            }
        }
    };
}

phase_and_action! {
    /// The kind of a task in the lists of running and of failed tasks: a [`Phase`] and an [`Action`] joined by
    /// an underscore.
    ///
    /// The documents name `FAILED_RESET`, `FAILED_REPLACE` and `FAILED_UNBIND` for *both* lists, the sample of
    /// both shows `RUNNING_RESET`, and a bare `RUNNING` has been reported: so any text is taken and kept.
    ///
    /// ```
    /// use kps_model::{Action, OperateType, Phase};
    ///
    /// let kind = OperateType::from("RUNNING_RESET");
    /// assert_eq!((kind.phase(), kind.action()), (Some(Phase::Running), Some(Action::Reset)));
    ///
    /// let unknown = OperateType::from("PAUSED_MIGRATE");
    /// assert_eq!((unknown.phase(), unknown.action()), (None, None));
    /// assert_eq!(unknown.to_string(), "PAUSED_MIGRATE");
    ///
    /// assert_eq!(OperateType::FAILED_RESET, OperateType::new(Phase::Failed, Action::Reset));
    /// ```
    OperateType, "an operate type"
}

impl OperateType {
    /// `FAILED_RESET`
    pub const FAILED_RESET: Self = Self::new(Phase::Failed, Action::Reset);
    /// `FAILED_REPLACE`
    pub const FAILED_REPLACE: Self = Self::new(Phase::Failed, Action::Replace);
    /// `FAILED_UNBIND`
    pub const FAILED_UNBIND: Self = Self::new(Phase::Failed, Action::Unbind);
}

phase_and_action! {
    /// How far one task is: a [`Phase`] and an [`Action`] joined by an underscore.
    ///
    /// The documents list ten of the sixteen combinations, and describe `FAILED_RESET` and `SUCCESS_RESET` twice,
    /// the second time as the end of a replacement: so any text is taken and kept.
    ///
    /// ```
    /// use kps_model::{Action, Phase, TaskStatus};
    ///
    /// let status = TaskStatus::from("SUCCESS_BIND");
    /// assert_eq!((status.phase(), status.action()), (Some(Phase::Success), Some(Action::Bind)));
    /// assert!(status.is_ended());
    /// assert!(!TaskStatus::from("PAUSED_BIND").is_ended());
    /// ```
    TaskStatus, "a task status"
}

impl TaskStatus {
    /// Whether the task has ended, well or badly. One in a phase that is not known counts as under way.
    pub fn is_ended(&self) -> bool {
        matches!(self.phase(), Some(Phase::Success | Phase::Failed))
    }
}

fn split(text: &str) -> (Option<Phase>, Option<Action>) {
    let (phase, action) = text.split_once('_').unwrap_or((text, ""));
    let phase = [Phase::Ready, Phase::Running, Phase::Success, Phase::Failed]
        .into_iter()
        .find(|known| wire(*known, None).eq_ignore_ascii_case(phase));
    let action = match action {
        _ if action.eq_ignore_ascii_case("BIND") => Some(Action::Bind),
        _ if action.eq_ignore_ascii_case("REPLACE") => Some(Action::Replace),
        _ if action.eq_ignore_ascii_case("RESET") => Some(Action::Reset),
        _ if action.eq_ignore_ascii_case("UNBIND") => Some(Action::Unbind),
        _ => None,
    };
    (phase, action)
}

const fn wire(phase: Phase, action: Option<Action>) -> &'static str {
    match (phase, action) {
        (Phase::Ready, None) => "READY",
        (Phase::Ready, Some(Action::Bind)) => "READY_BIND",
        (Phase::Ready, Some(Action::Replace)) => "READY_REPLACE",
        (Phase::Ready, Some(Action::Reset)) => "READY_RESET",
        (Phase::Ready, Some(Action::Unbind)) => "READY_UNBIND",
        (Phase::Running, None) => "RUNNING",
        (Phase::Running, Some(Action::Bind)) => "RUNNING_BIND",
        (Phase::Running, Some(Action::Replace)) => "RUNNING_REPLACE",
        (Phase::Running, Some(Action::Reset)) => "RUNNING_RESET",
        (Phase::Running, Some(Action::Unbind)) => "RUNNING_UNBIND",
        (Phase::Success, None) => "SUCCESS",
        (Phase::Success, Some(Action::Bind)) => "SUCCESS_BIND",
        (Phase::Success, Some(Action::Replace)) => "SUCCESS_REPLACE",
        (Phase::Success, Some(Action::Reset)) => "SUCCESS_RESET",
        (Phase::Success, Some(Action::Unbind)) => "SUCCESS_UNBIND",
        (Phase::Failed, None) => "FAILED",
        (Phase::Failed, Some(Action::Bind)) => "FAILED_BIND",
        (Phase::Failed, Some(Action::Replace)) => "FAILED_REPLACE",
        (Phase::Failed, Some(Action::Reset)) => "FAILED_RESET",
        (Phase::Failed, Some(Action::Unbind)) => "FAILED_UNBIND",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phase_and_action_are_split_at_the_first_underscore() {
        let failed = Some(Phase::Failed);
        for (text, phase, action) in [
            ("FAILED_RESET", failed, Some(Action::Reset)),
            ("RUNNING_BIND", Some(Phase::Running), Some(Action::Bind)),
            ("RUNNING", Some(Phase::Running), None),
            ("Failed_Unbind", failed, Some(Action::Unbind)),
            ("FAILED_RESET_TWICE", failed, None),
            ("FAILED_", failed, None),
            ("_RESET", None, Some(Action::Reset)),
            ("", None, None),
        ] {
            let kind = OperateType::from(text);
            assert_eq!((kind.phase(), kind.action()), (phase, action), "{text}");
            assert_eq!(kind.as_str(), text);
        }
    }

    #[test]
    fn all_phases_and_actions_are_known_with_each_other() {
        for (phase, before) in [
            (Phase::Ready, "READY"),
            (Phase::Running, "RUNNING"),
            (Phase::Success, "SUCCESS"),
            (Phase::Failed, "FAILED"),
        ] {
            assert!(TaskStatus::from(before).0 == Repr::Known(phase, None));
            for (action, behind) in [
                (Action::Bind, "BIND"),
                (Action::Replace, "REPLACE"),
                (Action::Reset, "RESET"),
                (Action::Unbind, "UNBIND"),
            ] {
                let text = alloc::format!("{before}_{behind}");
                let status = TaskStatus::from(text.as_str());
                assert_eq!((status.as_str(), &status), (text.as_str(), &TaskStatus::new(phase, action)));
                assert_eq!(status.is_ended(), matches!(phase, Phase::Success | Phase::Failed));
            }
        }
    }

    #[test]
    fn known_values_need_no_allocation() {
        assert!(matches!(OperateType::from("FAILED_REPLACE").0, Repr::Known(..)));
        assert!(matches!(OperateType::from("failed_replace").0, Repr::Other(_)));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_unchanged(text in "(READY|RUNNING|SUCCESS|FAILED|failed|[A-Z]{0,4})_?(BIND|RESET|\\PC{0,8})") {
            let kind = OperateType::from(text.as_str());
            prop_assert_eq!(kind.as_str(), text);
        }
    }
}
