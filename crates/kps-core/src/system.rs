//! The one place where this crate touches the machine: its clock, its sleep, its environment and its files.
#![expect(clippy::disallowed_methods, reason = "this is the file the others are kept from it by")]

use std::env::{self, VarError};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use crate::Error;

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// The time since this was first asked.
pub(crate) fn ticks() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

pub(crate) fn sleep(time: Duration) {
    std::thread::sleep(time);
}

/// Where variables and files are looked up: those of the process and its machine, or tables that stand in for them.
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
    Table { variables: Vec<(String, String)>, files: Vec<(PathBuf, File)> },
}

/// A text file.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) text: String,
    /// Whether others than its owner may read it.
    pub(crate) readable_by_others: bool,
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
            Source::Table { variables, .. } => latest(variables, |known| known == name),
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

    /// Adds a variable to a table.
    #[cfg(test)]
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        if let Source::Table { variables, .. } = &mut self.0 {
            variables.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Adds a file to a table; the files of the process are those of the machine.
    ///
    /// ```
    /// use kps_core::Environment;
    ///
    /// let table = Environment::from([("HOME", "/home/ann")])
    ///     .with_file("/home/ann/.huaweicloud/credentials", "[basic]\nak = AKEXAMPLE\nsk = SKexample\n");
    /// assert_eq!(table.profile_entry(None, "ak")?.as_deref(), Some("AKEXAMPLE"));
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        if let Source::Table { files, .. } = &mut self.0 {
            files.push((path.into(), File { text: text.into(), readable_by_others: false }));
        }
        self
    }

    /// Lets others read a file of a table.
    #[cfg(all(test, feature = "tracing"))]
    pub(crate) fn with_file_open_to_others(mut self, path: &str) -> Self {
        if let Source::Table { files, .. } = &mut self.0
            && let Some((_, file)) = files.iter_mut().rfind(|(known, _)| known == Path::new(path))
        {
            file.readable_by_others = true;
        }
        self
    }

    /// A file, if it is there.
    pub(crate) fn read_file(&self, path: &Path) -> Result<Option<File>, Error> {
        if let Source::Table { files, .. } = &self.0 {
            return Ok(latest(files, |known| known == path));
        }
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(File { text, readable_by_others: readable_by_others(path) })),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(Error::credentials(format!("{} cannot be read: {error}", path.display()))),
        }
    }

    /// The home directory: `HOME`, on Windows `USERPROFILE`.
    pub(crate) fn home(&self) -> Result<Option<String>, Error> {
        self.get(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Environment {
    fn from(table: [(K, V); N]) -> Self {
        let variables = table.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(Source::Table { variables, files: Vec::new() })
    }
}

/// What was said last of a name; tables are small.
fn latest<K, V: Clone>(table: &[(K, V)], is_it: impl Fn(&K) -> bool) -> Option<V> {
    table.iter().rfind(|(known, _)| is_it(known)).map(|(_, value)| value.clone())
}

/// Values may be secrets, so only the names are shown.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Source::Process => f.write_str("Environment(process)"),
            Source::Table { variables, .. } => {
                let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
                f.debug_tuple("Environment").field(&names).finish()
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_that_others_can_read_is_known_by_its_mode() {
        let path = env::temp_dir().join(format!("kps-core-credentials-{}", std::process::id()));
        fs::write(&path, "[basic]\nak=AK\nsk=hunter2\n").unwrap();
        for (mode, open) in [(0o600, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let file = Environment::process().read_file(&path).unwrap().unwrap();
            assert_eq!(file.text, "[basic]\nak=AK\nsk=hunter2\n");
            assert_eq!(file.readable_by_others, open, "{mode:o}");
        }
        fs::remove_file(path).unwrap();
    }
}
