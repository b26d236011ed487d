//! The one place where this crate touches the machine: its clock, its sleep and its environment.
#![expect(clippy::disallowed_methods, reason = "this is the file the others are kept from it by")]

use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::time::{Duration, SystemTime};

use crate::Error;

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

pub(crate) fn sleep(time: Duration) {
    std::thread::sleep(time);
}

/// Where variables are looked up: the environment of the process, or a table that stands in for it.
///
/// An empty value counts as unset, as it does in the official clients.
///
/// ```
/// use kps_core::Environment;
///
/// let table = Environment::from([("HUAWEICLOUD_SDK_AK", "AKEXAMPLE"), ("HUAWEICLOUD_SDK_SK", "")]);
/// assert_eq!(table.get("HUAWEICLOUD_SDK_AK")?.as_deref(), Some("AKEXAMPLE"));
/// assert_eq!(table.get("HUAWEICLOUD_SDK_SK")?, None);
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Environment(Source);

#[derive(Clone)]
enum Source {
    Process,
    Table(BTreeMap<String, String>),
}

impl Environment {
    /// The variables of this process, read at each look-up.
    pub const fn process() -> Self {
        Self(Source::Process)
    }

    /// The value of a variable, if it is set and not empty.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if the value is not Unicode.
    pub fn get(&self, name: &str) -> Result<Option<String>, Error> {
        let value = match &self.0 {
            Source::Table(table) => table.get(name).cloned(),
            Source::Process => match env::var(name) {
                Ok(value) => Some(value),
                Err(VarError::NotPresent) => None,
                Err(VarError::NotUnicode(_)) => {
                    return Err(Error::config(format!("the variable {name} is not valid Unicode")));
                }
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Environment {
    fn from(table: [(K, V); N]) -> Self {
        Self(Source::Table(table.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }
}

/// Values may be secrets, so only the names are shown.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Source::Process => f.write_str("Environment(process)"),
            Source::Table(table) => f.debug_tuple("Environment").field(&table.keys()).finish(),
        }
    }
}
