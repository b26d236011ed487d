//! The project of a client: named, told by the source of the credentials, or looked up by the name of the region.

use std::borrow::Cow;

use kps_model::{ProjectId, from_json};
use serde::Deserialize;

use crate::credentials::Identity;
use crate::credentials::desk::{Ask, Desk, refused};
use crate::request::Project;
use crate::{Error, ListedProject, Region};

/// The project all calls of a client are for.
#[derive(Debug)]
pub(crate) struct Whereabouts {
    named: Option<Project>,
    /// Whether what the source of the credentials tells does not count.
    by_region: bool,
    /// The one that was looked up. It is kept, whoever makes the calls later: they are made for the same account.
    looked_up: async_lock::OnceCell<Project>,
}

impl Whereabouts {
    pub(crate) fn new(named: Option<ProjectId>) -> Result<Self, Error> {
        let named = named.map(Project::new).transpose()?;
        Ok(Self { named, by_region: false, looked_up: async_lock::OnceCell::new() })
    }

    /// The one of the region, and no other.
    pub(crate) const fn by_region() -> Self {
        Self { named: None, by_region: true, looked_up: async_lock::OnceCell::new() }
    }

    /// What is known without a call.
    pub(crate) fn known(&self) -> Option<&ProjectId> {
        self.named.as_ref().or_else(|| self.looked_up.get()).map(Project::id)
    }

    /// The project; one caller looks it up, however many wait.
    // What is done once is boxed: every call carries the future of what it may have to wait for.
    pub(crate) async fn get(&self, desk: &Desk<'_>, identity: &Identity) -> Result<Cow<'_, Project>, Error> {
        if let Some(project) = &self.named {
            return Ok(Cow::Borrowed(project));
        }
        if let Some(id) = identity.project_id.as_ref().filter(|_| !self.by_region) {
            return Project::new(id.clone()).map(Cow::Owned);
        }
        self.looked_up.get_or_try_init(|| Box::pin(look_up(desk, identity))).await.map(Cow::Borrowed)
    }
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    projects: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    id: ProjectId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    enabled: Option<bool>,
}

/// The ways out of a look-up that did not find one.
const WAYS_OUT: &str = "set HUAWEICLOUD_SDK_PROJECT_ID, or name the project with `project_id`";

async fn look_up(desk: &Desk<'_>, identity: &Identity) -> Result<Project, Error> {
    const WHAT: &str = "the look-up of the project";
    let Some(region) = desk.hosts.region.as_ref() else { return Err(Error::no_project_id()) };
    let iam = desk.iam(identity.iam.as_ref(), true)?;
    let by_name = format!("/v3/projects?name={region}");
    let answer = desk.send_as(&identity.authenticator, Ask::get(WHAT, &iam, &by_name)).await?;
    let mut entries = match answer.status().as_u16() {
        200..=299 => entries(WHAT, answer.body())?,
        // Without the permission to list projects there is still the list of one's own.
        403 => Vec::new(),
        _ => return Err(refused(WHAT, &answer, &|text| identity.authenticator.redact(text))),
    };
    if !entries.iter().any(|entry| entry.is_of(region)) {
        let own = desk.send_as(&identity.authenticator, Ask::get(WHAT, &iam, "/v3/auth/projects")).await?;
        if !own.status().is_success() {
            return Err(refused(WHAT, &own, &|text| identity.authenticator.redact(text)));
        }
        entries = self::entries(WHAT, own.body())?;
    }
    choose(region, entries)
}

/// All projects that may be used by who asks.
pub(crate) async fn list(desk: &Desk<'_>, identity: &Identity) -> Result<Vec<ListedProject>, Error> {
    const WHAT: &str = "the list of projects";
    let iam = desk.iam(identity.iam.as_ref(), true)?;
    let answer = desk.send_as(&identity.authenticator, Ask::get(WHAT, &iam, "/v3/auth/projects")).await?;
    if !answer.status().is_success() {
        return Err(refused(WHAT, &answer, &|text| identity.authenticator.redact(text)));
    }
    let listed = |Entry { id, name, enabled }| ListedProject { id, name, is_enabled: enabled != Some(false) };
    Ok(entries(WHAT, answer.body())?.into_iter().map(listed).collect())
}

fn entries(what: &str, json: &[u8]) -> Result<Vec<Entry>, Error> {
    let list: List = from_json(json).map_err(|fault| Error::config(format!("{what}: {fault}")))?;
    Ok(list.projects.unwrap_or_default())
}

impl Entry {
    fn is_of(&self, region: &Region) -> bool {
        self.name == region.id() && self.enabled != Some(false)
    }
}

fn choose(region: &Region, entries: Vec<Entry>) -> Result<Project, Error> {
    let named = |entries: &[Entry]| {
        let name = |entry: &Entry| {
            let disabled = if entry.enabled == Some(false) { ", disabled" } else { "" };
            format!("{} ({}{disabled})", entry.name, entry.id)
        };
        let names: Vec<String> = entries.iter().map(name).collect();
        names.join(", ")
    };
    let (mut of_region, others): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.is_of(region));
    match of_region.pop() {
        Some(only) if of_region.is_empty() => Project::new(only.id),
        Some(one) => {
            of_region.push(one);
            let several: Vec<&str> = of_region.iter().map(|entry| entry.id.as_str()).collect();
            let several = several.join(", ");
            Err(Error::config(format!("there are several projects of {region}: {several}; {WAYS_OUT}")))
        }
        None if others.is_empty() => {
            Err(Error::no_project(format!("there is no project of {region}; {WAYS_OUT}")))
        }
        None => {
            let others = named(&others);
            Err(Error::no_project(format!("there is no project of {region}, there are {others}; {WAYS_OUT}")))
        }
    }
}
