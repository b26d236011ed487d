//! Rules as text: how the values are written that JSON has no form for.

use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};

use super::FaultRule;
use crate::{LoadError, load, route};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    pub(crate) faults: Vec<FaultRule>,
}

impl FaultRule {
    /// Reads rules: an object whose `faults` are an array of them. Each has a `fault`, `on` for the operation it is for,
    /// if it is for one, and `when`: `every` (which need not be said), `once`, `{"nth": 2}`, `{"first": 3}` or `{"chance":
    /// {"probability": 0.1, "seed": 42}}`. Times are texts such as `200ms`.
    ///
    /// ```
    /// use kps_emulator::{Emulator, FaultRule};
    ///
    /// let emulator = Emulator::new();
    /// let rules = FaultRule::list_from_json(br#"{"faults": [
    ///     {"fault": {"latency": "200ms"}},
    ///     {"fault": "reset_after", "on": "CreateKeypair", "when": {"nth": 1}},
    ///     {"fault": {"status": 503}, "when": {"chance": {"probability": 0.1, "seed": 42}}},
    ///     {"fault": {"throttle": {"limit": 200, "window": "5m"}}},
    ///     {"fault": {"auth": "token_expired"}, "when": "once"},
    ///     {"fault": {"code": "KPS.5001"}, "on": "ListKeypairs", "when": {"first": 2}}
    /// ]}"#)?;
    /// rules.into_iter().for_each(|rule| emulator.inject(rule));
    ///
    /// let error = FaultRule::list_from_json(br#"{"faults": [{"fault": {"latency": 2}}]}"#).unwrap_err();
    /// assert!(error.to_string().contains("at `faults[0].fault.latency`"));
    /// # Ok::<(), kps_emulator::LoadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the JSON path of what cannot be read.
    pub fn list_from_json(json: &[u8]) -> Result<Vec<Self>, LoadError> {
        load::json(WHAT, json).map(|List { faults }| faults)
    }

    /// Reads rules [from a file](Self::list_from_json).
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the file, and the JSON path of what cannot be read.
    pub fn list_from_file(path: impl AsRef<Path>) -> Result<Vec<Self>, LoadError> {
        load::file(WHAT, path.as_ref()).map(|List { faults }| faults)
    }
}

const WHAT: &str = "list of faults";

/// A length of time, such as `1m 30s`.
pub(crate) mod time {
    use super::{Deserialize, Deserializer, Duration, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(*time))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map_err(|_| {
            de::Error::custom("it is no length of time, expected a text such as `12s` or `200ms`")
        })
    }
}

pub(super) mod status {
    use super::{Deserialize, Deserializer, Serializer, StatusCode, de};

    pub(in crate::faults) fn serialize<S: Serializer>(
        status: &StatusCode,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(status.as_u16())
    }

    pub(in crate::faults) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StatusCode, D::Error> {
        let number = u16::deserialize(deserializer)?;
        StatusCode::from_u16(number)
            .map_err(|_| de::Error::custom("it is no status, expected a number from 100 to 999"))
    }
}

pub(super) fn operation<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'static str>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let known = route::name(&text);
    known
        .ok_or_else(|| {
            de::Error::custom("there is no such operation, expected a name such as `ListKeypairs`")
        })
        .map(Some)
}

pub(super) fn from_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    (number > 0).then_some(number).ok_or_else(|| de::Error::custom("calls are counted from 1"))
}

pub(super) fn probability<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    let fits = (0.0..=1.0).contains(&number);
    fits.then_some(number).ok_or_else(|| de::Error::custom("expected a probability from 0 to 1"))
}

/// A rule in force, and how many calls it has counted.
#[derive(Serialize)]
pub(crate) struct InForce<'a> {
    #[serde(flatten)]
    pub(super) rule: &'a FaultRule,
    /// By which it is taken back.
    pub(super) number: u64,
    /// How many calls there were that it is for.
    pub(super) seen: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthFault, Fault, RefusalCode};

    fn read(rule: &str) -> Result<FaultRule, String> {
        let list = FaultRule::list_from_json(format!(r#"{{"faults":[{rule}]}}"#).as_bytes());
        list.map(|mut list| list.remove(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        let rule = FaultRule::new;
        let (window, teapot) = (Duration::from_secs(300), StatusCode::IM_A_TEAPOT);
        for (text, expected) in [
            (r#"{"fault":"refuse","when":"every"}"#, rule(Fault::Refuse)),
            (r#"{"fault":"reset_before","when":"once"}"#, rule(Fault::ResetBefore).once()),
            (r#"{"fault":"reset_after","when":{"nth":2}}"#, rule(Fault::ResetAfter).nth(2)),
            (r#"{"fault":"cut_body","when":{"first":3}}"#, rule(Fault::CutBody).first(3)),
            (
                r#"{"fault":"garbage","when":{"chance":{"probability":0.5,"seed":7}}}"#,
                rule(Fault::Garbage).chance(0.5, 7),
            ),
            (
                r#"{"fault":{"latency":"1m 30s"},"on":"ListKeypairs","when":"every"}"#,
                rule(Fault::Latency(Duration::from_secs(90))).on("ListKeypairs").unwrap(),
            ),
            (r#"{"fault":{"clock_skew":-900},"when":"every"}"#, rule(Fault::ClockSkew(-900))),
            (r#"{"fault":{"status":418},"when":"every"}"#, rule(Fault::Status(teapot))),
            (r#"{"fault":{"status_after":418},"when":"every"}"#, rule(Fault::StatusAfter(teapot))),
            (
                r#"{"fault":{"throttle":{"limit":2,"window":"5m"}},"when":"every"}"#,
                rule(Fault::Throttle { limit: 2, window }),
            ),
            (
                r#"{"fault":{"auth":"token_revoked"},"when":"every"}"#,
                rule(Fault::Auth(AuthFault::TokenRevoked)),
            ),
            (
                r#"{"fault":{"code":"KPS.5001"},"when":"every"}"#,
                rule(Fault::Code(RefusalCode::new("KPS.5001").unwrap())),
            ),
        ] {
            assert_eq!(read(text).as_ref(), Ok(&expected), "{text}");
            assert_eq!(serde_json::to_string(&expected).unwrap(), text);
        }
        assert_eq!(read(r#"{"fault":"refuse"}"#), Ok(rule(Fault::Refuse)));
        assert_eq!(read(r#"{"fault":"refuse","on":null}"#), Ok(rule(Fault::Refuse)));
    }

    #[test]
    fn what_is_no_rule_is_told_with_its_place_and_what_was_expected() {
        for (text, path, reason) in [
            (r#"{}"#, "faults[0]", "missing field `fault`"),
            (r#"{"fault":"explode"}"#, "faults[0].fault", "unknown variant, expected one of `latency`"),
            (r#"{"fault":"refuse","at":1}"#, "faults[0].at", "expected one of `fault`, `on`, `when`"),
            (r#"{"fault":{"latency":"soon"}}"#, "faults[0].fault.latency", "such as `12s`"),
            (r#"{"fault":{"status":99}}"#, "faults[0].fault.status", "100 to 999"),
            (r#"{"fault":{"auth":"x"}}"#, "faults[0].fault.auth", "expected one of `signature`"),
            (r#"{"fault":{"code":"KPS.1"}}"#, "faults[0].fault.code", "no operation or code \"KPS.1\""),
            (
                r#"{"fault":{"throttle":{"limit":1,"window":"5m","x":1}}}"#,
                "faults[0].fault.throttle.x",
                "expected `limit` or `window`",
            ),
            (r#"{"fault":"refuse","on":"ListKeyPairs"}"#, "faults[0].on", "such as `ListKeypairs`"),
            (r#"{"fault":"refuse","when":{"nth":0}}"#, "faults[0].when.nth", "from 1"),
            (r#"{"fault":"refuse","when":"never"}"#, "faults[0].when", "expected one of `every`"),
            (
                r#"{"fault":"refuse","when":{"chance":{"probability":1.5,"seed":1}}}"#,
                "faults[0].when.chance.probability",
                "from 0 to 1",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(&format!("at `{path}`")) && error.contains(reason), "{text}: {error}");
        }
        let error = FaultRule::list_from_json(b"[]").unwrap_err().to_string();
        assert!(error.starts_with("the list of faults cannot be read: at `$`"), "{error}");
    }
}
