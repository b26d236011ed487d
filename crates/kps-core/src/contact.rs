//! What can be looked at where calls do not go as they should: whether the service is reached, by which clock it goes, and
//! which projects there are.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{HOST, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderValue, Request};
use kps_model::ProjectId;

use crate::clock::date_of;
use crate::{Client, Error, Prepared, blocking, project};

/// An answer of the service to a request that tells nothing of who asks.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use kps_core::{Credentials, ProjectId, Region, blocking};
///
/// # let date = "Wed, 01 Apr 2026 08:30:00 GMT";
/// # let answer = move |_: kps_core::Prepared| Ok(http::Response::builder().header("date", date).body("{}".into()).unwrap());
/// let fast_clock = || UNIX_EPOCH + Duration::from_secs(1_775_032_200 + 1200);
/// let kps = blocking::Client::builder((answer, fast_clock))
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// let contact = kps.contact()?;
/// assert_eq!((contact.status, contact.clock_ahead), (200, Some(1200)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contact {
    /// The HTTP status: any is an answer.
    pub status: u16,
    /// How long it took, with connecting.
    pub took: Duration,
    /// By how many seconds the clock that requests are signed by is ahead of the service's, if that tells its time; less
    /// than 0 if it is behind. The service refuses what is signed 15 minutes off.
    pub clock_ahead: Option<i64>,
}

/// A project of the account.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(
/// #     r#"{"projects":[{"id":"0a1b","name":"cn-north-4","enabled":true},{"id":"9c3e","name":"cn-north-4_ci","enabled":false}]}"#.into(),
/// # ));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let projects = kps.projects()?;
/// let of_region = projects.iter().find(|project| project.is_enabled && project.name == "cn-north-4");
/// assert_eq!(of_region.map(|project| project.id.as_str()), Some("0a1b"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedProject {
    /// Its id.
    pub id: ProjectId,
    /// Its name: that of its region, with an ending in a project that somebody has made.
    pub name: String,
    /// Whether it can be used.
    pub is_enabled: bool,
}

impl Client {
    /// Asks the endpoint for anything, once and without credentials, to see that it is reached and which time it has.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move {
    /// #     assert!(!request.headers().contains_key("authorization"));
    /// #     Ok(http::Response::builder().status(404).header("date", "Wed, 01 Apr 2026 08:30:00 GMT").body("{}".into()).unwrap())
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let contact = kps.contact().await.unwrap();
    /// assert_eq!(contact.status, 404);
    /// if let Some(seconds) = contact.clock_ahead {
    ///     println!("the clock is {seconds} s ahead");
    /// }
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps it from an answer.
    pub async fn contact(&self) -> Result<Contact, Error> {
        let (_, endpoint) = self.options().endpoints.current();
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = endpoint.uri(PathAndQuery::from_static("/"))?;
        request.headers_mut().insert(HOST, endpoint.host().clone());
        let agent: HeaderValue = self.options().extras.agent.clone();
        request.headers_mut().insert(USER_AGENT, agent);
        let limit = self.options().attempt_timeout.min(self.options().timeout);
        let transport = &self.inner().transport;
        let (began, ticks) = (transport.now(), transport.ticks());
        let answer = transport.send(Prepared::new_raw(request, Some(limit))).await.map_err(Error::failure)?;
        let took = transport.ticks().saturating_sub(ticks);
        // The service answered about half way.
        let then = began.checked_add(took / 2).unwrap_or(began);
        let clock_ahead = date_of(&answer).map(|theirs| ahead(then, theirs));
        Ok(Contact { status: answer.status().as_u16(), took, clock_ahead })
    }

    /// The projects that the identity service lists for who makes the calls, of all regions.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let json = r#"{"projects":[{"id":"0a1b","name":"cn-north-4","enabled":true}]}"#;
    /// # let transport = move |_: Prepared| async move { Ok(http::Response::new(json.into())) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let projects = kps.projects().await.unwrap();
    /// assert_eq!(projects[0].name, "cn-north-4");
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps it from the list.
    pub async fn projects(&self) -> Result<Vec<ListedProject>, Error> {
        let end = self.inner().transport.ticks().saturating_add(self.options().timeout);
        let desk = self.inner().desk(Some(end));
        let identity = self.inner().keyring.get(&desk).await?;
        project::list(&desk, &identity).await
    }

    /// The project that calls are for, if it was named or looked up; a source of credentials may tell another.
    pub fn project_id(&self) -> Option<&ProjectId> {
        self.inner().project.known()
    }

    /// The endpoint that calls go to.
    pub fn endpoint(&self) -> String {
        self.options().endpoints.current().1.to_string()
    }
}

/// By how many seconds our time is ahead. Theirs is told in whole ones.
fn ahead(ours: SystemTime, theirs: SystemTime) -> i64 {
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match ours.duration_since(theirs) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

impl blocking::Client {
    /// Asks the endpoint for anything, once and without credentials, to see that it is reached and which time it has.
    ///
    /// # Errors
    ///
    /// What keeps it from an answer.
    pub fn contact(&self) -> Result<Contact, Error> {
        blocking::run(self.inner().contact())
    }

    /// The projects that the identity service lists for who makes the calls, of all regions.
    ///
    /// # Errors
    ///
    /// What keeps it from the list.
    pub fn projects(&self) -> Result<Vec<ListedProject>, Error> {
        blocking::run(self.inner().projects())
    }

    /// The project that calls are for, if it was named or looked up; a source of credentials may tell another.
    pub fn project_id(&self) -> Option<&ProjectId> {
        self.inner().project_id()
    }

    /// The endpoint that calls go to.
    pub fn endpoint(&self) -> String {
        self.inner().endpoint()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn clocks_are_compared_in_whole_seconds() {
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        for (ours, theirs, seconds) in
            [(5_900, 5_000, 0), (5_000, 5_900, 0), (65_500, 5_000, 60), (5_000, 65_000, -60)]
        {
            assert_eq!(ahead(at(ours), at(theirs)), seconds);
        }
    }
}
