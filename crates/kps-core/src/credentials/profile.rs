//! The credentials file.

use std::path::{Path, PathBuf};

use kps_model::ProjectId;

use crate::credentials::desk::Desk;
use crate::credentials::iam::IdToken;
use crate::credentials::ini::{BadLine, Ini};
use crate::credentials::source::{Found, Provided, Source};
use crate::endpoint::Endpoint;
use crate::{BoxFuture, Credentials, Environment, Error, events};

const FILE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
const PROFILE: &str = "HUAWEICLOUD_SDK_PROFILE";
const DEFAULT_PROFILE: &str = "basic";

/// A section of the credentials file: the one that is named, else the variable's, else `[basic]`.
#[derive(Default)]
pub(crate) struct Profile {
    name: Option<String>,
}

/// Where to look, and whether somebody said so: then it must be there.
struct Place {
    path: PathBuf,
    section: String,
    path_is_chosen: bool,
    section_is_chosen: bool,
}

impl Profile {
    pub(crate) fn named(name: String) -> Self {
        Self { name: Some(name) }
    }

    fn place(&self, environment: &Environment) -> Result<Result<Place, String>, Error> {
        let chosen_path = environment.trimmed(FILE)?;
        let path_is_chosen = chosen_path.is_some();
        let path = match chosen_path {
            Some(path) => PathBuf::from(path),
            None => match environment.home()? {
                Some(home) => Path::new(&home).join(".huaweicloud").join("credentials"),
                None => return Ok(Err(format!("{FILE} is not set, and there is no home directory"))),
            },
        };
        let chosen = self.chosen(environment)?;
        let section_is_chosen = chosen.is_some();
        let section = chosen.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        Ok(Ok(Place { path, section, path_is_chosen, section_is_chosen }))
    }

    /// The section that somebody chose, if anybody did.
    fn chosen(&self, environment: &Environment) -> Result<Option<String>, Error> {
        match &self.name {
            Some(name) => Ok(Some(name.clone())),
            None => environment.trimmed(PROFILE),
        }
    }
}

impl Environment {
    /// What stands under a key in a section of the credentials file: the one that is named, else the one of
    /// `HUAWEICLOUD_SDK_PROFILE`, else `[basic]`. `None` if the file, the section or the key is not there.
    ///
    /// For settings of a program that stand beside the credentials; those are found by
    /// [`CredentialsSource::file`](crate::CredentialsSource::file).
    ///
    /// ```
    /// use kps_core::Environment;
    ///
    /// let table = Environment::from([("HOME", "/home/ann")])
    ///     .with_file("/home/ann/.huaweicloud/credentials", "[basic]\nregion = cn-north-4\n");
    /// assert_eq!(table.profile_entry(None, "region")?.as_deref(), Some("cn-north-4"));
    /// assert_eq!(table.profile_entry(Some("staging"), "region")?, None);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [credentials error](crate::ErrorKind::Credentials) if the file cannot be read, or a line of it.
    pub fn profile_entry(&self, profile: Option<&str>, key: &str) -> Result<Option<String>, Error> {
        let profile = Profile { name: profile.map(ToOwned::to_owned) };
        let Ok(place) = profile.place(self)? else { return Ok(None) };
        let Some(file) = self.read_file(&place.path)? else { return Ok(None) };
        let ini = place.parse(&file.text)?;
        Ok(ini.get(&place.section, &key.to_lowercase()).map(ToOwned::to_owned))
    }

    /// Where the credentials file is, whether it is there or not: what `HUAWEICLOUD_SDK_CREDENTIALS_FILE` says, else
    /// `.huaweicloud/credentials` in the home directory, if there is one.
    ///
    /// ```
    /// use kps_core::Environment;
    ///
    /// let table = Environment::from([("HOME", "/home/ann"), ("USERPROFILE", "/home/ann")]);
    /// assert!(table.credentials_file()?.unwrap().ends_with(".huaweicloud/credentials"));
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if a variable is not Unicode.
    pub fn credentials_file(&self) -> Result<Option<PathBuf>, Error> {
        Ok(Profile::default().place(self)?.ok().map(|place| place.path))
    }

    /// The section of the credentials file that is meant: the one that is named, else the one of
    /// `HUAWEICLOUD_SDK_PROFILE`, else `basic`.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if the variable is not Unicode.
    pub fn profile_name(&self, profile: Option<&str>) -> Result<String, Error> {
        let profile = Profile { name: profile.map(ToOwned::to_owned) };
        Ok(profile.chosen(self)?.unwrap_or_else(|| DEFAULT_PROFILE.to_owned()))
    }
}

impl Place {
    fn parse<'a>(&self, text: &'a str) -> Result<Ini<'a>, Error> {
        Ini::parse(text).map_err(|BadLine(line)| {
            let path = self.path.display();
            Error::credentials(format!("{path}, line {line}: expected `[section]` or `key = value`"))
        })
    }
}

impl Source for Profile {
    fn name(&self) -> &'static str {
        "credentials file"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            let place = match self.place(desk.environment)? {
                Ok(place) => place,
                Err(reason) => return Ok(Found::Nothing(reason)),
            };
            let file = match desk.environment.read_file(&place.path) {
                // Nobody chose it, and it may be in the home of somebody else.
                Err(error) if !place.path_is_chosen => return Ok(Found::Nothing(error.to_string())),
                file => file?,
            };
            let Some(file) = file else {
                let missing = format!("{} does not exist", place.path.display());
                return if place.path_is_chosen {
                    Err(Error::credentials(missing))
                } else {
                    Ok(Found::Nothing(missing))
                };
            };
            if file.readable_by_others {
                events::warn(&format!("{} can be read by others; `chmod 600` it", place.path.display()));
            }
            match Section::read(&place, &file.text)? {
                Err(reason) if place.section_is_chosen => Err(Error::credentials(reason)),
                Err(reason) => Ok(Found::Nothing(reason)),
                Ok(section) => section.find(desk).await,
            }
        })
    }
}

/// What is in a section.
struct Section {
    /// File and section, to be named in errors.
    at: String,
    ak: Option<String>,
    sk: Option<String>,
    security_token: Option<String>,
    project_id: Option<String>,
    iam_endpoint: Option<String>,
    idp_id: Option<String>,
    id_token_file: Option<String>,
}

impl Section {
    /// The section, or why it is not there.
    fn read(place: &Place, text: &str) -> Result<Result<Self, String>, Error> {
        let path = place.path.display();
        let ini = place.parse(text)?;
        if !ini.names().any(|name| name == place.section) {
            let there: Vec<&str> = ini.names().collect();
            let there =
                if there.is_empty() { "it has none".into() } else { format!("it has {}", there.join(", ")) };
            return Ok(Err(format!("{path} has no section [{}]; {there}", place.section)));
        }
        let value = |key| ini.get(&place.section, key).map(ToOwned::to_owned);
        Ok(Ok(Self {
            at: format!("{path}, section [{}]", place.section),
            ak: value("ak"),
            sk: value("sk"),
            security_token: value("security_token"),
            project_id: value("project_id"),
            iam_endpoint: value("iam_endpoint"),
            idp_id: value("idp_id"),
            id_token_file: value("id_token_file"),
        }))
    }

    async fn find(self, desk: &Desk<'_>) -> Result<Found, Error> {
        let at = self.at;
        let half =
            |set, unset| Error::credentials(format!("{at}: `{set}` is set and `{unset}` is not; set both"));
        let project_id = self.project_id.as_deref().map(ProjectId::new).transpose();
        let project_id =
            project_id.map_err(|reason| Error::credentials(format!("{at}: `project_id` is {reason}")))?;
        let iam = self.iam_endpoint.as_deref();
        let iam = iam.map(|iam| Endpoint::named(&format!("{at}, `iam_endpoint`"), iam)).transpose()?;
        let provided = match (&self.idp_id, &self.id_token_file) {
            (Some(idp_id), Some(file)) => {
                let mut id_token = IdToken::new(idp_id, file);
                id_token.iam.clone_from(&iam);
                match id_token.find(desk).await? {
                    Found::Credentials(provided) => provided,
                    nothing @ Found::Nothing(_) => return Ok(nothing),
                }
            }
            (Some(_), None) => return Err(half("idp_id", "id_token_file")),
            (None, Some(_)) => return Err(half("id_token_file", "idp_id")),
            (None, None) => match (self.ak, self.sk) {
                (Some(ak), Some(sk)) => {
                    let token = self.security_token.unwrap_or_default();
                    let credentials = Credentials::access_key(ak, sk).with_security_token(token);
                    credentials
                        .authenticator()
                        .map_err(|error| Error::credentials(format!("{at}: {error}")))?;
                    Provided { credentials, project_id: None, iam: None }
                }
                (Some(_), None) => return Err(half("ak", "sk")),
                (None, Some(_)) => return Err(half("sk", "ak")),
                (None, None) => return Ok(Found::Nothing(format!("{at} has neither `ak` nor `sk`"))),
            },
        };
        let project_id = project_id.or(provided.project_id);
        Ok(Found::Credentials(Provided { project_id, iam, ..provided }))
    }
}
