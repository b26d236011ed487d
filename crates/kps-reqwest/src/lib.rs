//! The **async** client of the Huawei Cloud Key Pair Service (KPS), on [`reqwest`] and tokio. The client that
//! blocks is `kps-ureq`.
//!
//! ```
//! use kps_reqwest::{ListFailedTask, Region};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kps_emulator::Server::start(kps_emulator::Emulator::new())?;
//! # let builder = kps_reqwest::builder().endpoint(server.endpoint()).http(kps_reqwest::HttpOptions::new().with_proxy(kps_reqwest::Proxy::None));
//! # let kps = builder.credentials(kps_emulator::Emulator::credentials()).project_id(kps_emulator::Emulator::project_id()).build()?;
//! # let _ = || -> Result<_, kps_reqwest::Error> {
//! let kps = kps_reqwest::from_env(Region::CN_NORTH_4)?;
//! # Ok(kps)
//! # };
//! let mut tasks = kps.items(ListFailedTask::new());
//! while let Some(task) = tasks.next().await {
//!     let task = task?;
//!     println!("{} {}", task.task_id, task.task_error_msg.as_deref().unwrap_or("-"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`from_env`] takes credentials and project from where the official clients take them; [`builder`] takes
//! them as arguments. All of `kps-core` is re-exported.
//!
//! # Calls
//!
//! An operation is a value, named as the service names it. [`Client::send`] makes the call and repeats it where that does no
//! harm.
//!
//! ```
//! use kps_reqwest::{CreateKeypair, KeypairName};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kps_emulator::Emulator::builder().task_time(std::time::Duration::ZERO).start()?;
//! # let builder = kps_reqwest::builder().endpoint(server.endpoint()).http(kps_reqwest::HttpOptions::new().with_proxy(kps_reqwest::Proxy::None));
//! # let kps = builder.credentials(kps_emulator::Emulator::credentials()).project_id(kps_emulator::Emulator::project_id()).build()?;
//! let created = kps.send(CreateKeypair::new(KeypairName::new("deploy")?)).await?;
//! let private_key = created.keypair.private_key; // in this answer and nowhere else
//! assert!(!format!("{private_key:?}").contains("BEGIN"));
//! # Ok(())
//! # }
//! ```
//!
//! # Lists
//!
//! [`Client::items`] reads a list to its end, page by page; it can ask for several pages at once, filter, and go on where
//! another reader was.
//!
//! ```
//! use kps_reqwest::{ListFailedTask, TaskFilter};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kps_emulator::Emulator::builder().task_time(std::time::Duration::ZERO).start()?;
//! # let builder = kps_reqwest::builder().endpoint(server.endpoint()).http(kps_reqwest::HttpOptions::new().with_proxy(kps_reqwest::Proxy::None));
//! # let kps = builder.credentials(kps_emulator::Emulator::credentials()).project_id(kps_emulator::Emulator::project_id()).build()?;
//! let web = TaskFilter::new().with_server_name("web-*");
//! let tasks = kps.items(ListFailedTask::new()).with_window(4).with_filter(move |task| web.holds(task));
//! let tasks = tasks.collect().await?;
//! assert_eq!(tasks.len(), 10);
//! # Ok(())
//! # }
//! ```
//!
//! # Tasks
//!
//! Binding goes on in the service when the call is answered. [`Client::wait`] waits for its end; a task that failed is an
//! error with the reason.
//!
//! ```
//! use kps_reqwest::{AssociateKeypair, KeypairName, Server, ServerId, WaitOptions};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kps_emulator::Emulator::builder().task_time(std::time::Duration::ZERO).start()?;
//! # let builder = kps_reqwest::builder().endpoint(server.endpoint()).http(kps_reqwest::HttpOptions::new().with_proxy(kps_reqwest::Proxy::None));
//! # let kps = builder.credentials(kps_emulator::Emulator::credentials()).project_id(kps_emulator::Emulator::project_id()).build()?;
//! let options = WaitOptions::new();
//! # let options = options.with_first_look(std::time::Duration::ZERO);
//! let server = Server::stopped(ServerId::new("6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9")?);
//! let receipt = kps.send(AssociateKeypair::new(KeypairName::new("bastion")?, server)).await?;
//! let end = kps.wait(receipt.handle()?, &options).await?;
//! assert_eq!(end.status.unwrap().as_str(), "SUCCESS_BIND");
//! # Ok(())
//! # }
//! ```
//!
//! # Errors
//!
//! An [`Error`] is one line; [`Error::report`] tells what lies below and what to do, and predicates are for programs.
//!
//! ```
//! use kps_reqwest::{DeleteKeypair, KeypairName};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kps_emulator::Emulator::builder().task_time(std::time::Duration::ZERO).start()?;
//! # let builder = kps_reqwest::builder().endpoint(server.endpoint()).http(kps_reqwest::HttpOptions::new().with_proxy(kps_reqwest::Proxy::None));
//! # let kps = builder.credentials(kps_emulator::Emulator::credentials()).project_id(kps_emulator::Emulator::project_id()).build()?;
//! let error = kps.send(DeleteKeypair::new(KeypairName::new("absent")?)).await.unwrap_err();
//! assert!(error.is_not_found() && !error.may_have_been_applied());
//! assert_eq!(error.code(), Some("KPS.4016"));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! Only `rustls` is on by default.
//!
//! - `rustls`: TLS by rustls, with ring and the platform's certificate verifier.
//! - `native-tls`: TLS by the library of the system. With both, rustls is used unless [`HttpOptions::with_tls`] picks the
//!   other; with neither, `https` addresses fail with an error that says so.
//! - `zip`: `PrivateKeyArchive::keys` reads the private keys out of the archive of an export, and
//!   [`Client::export_private_keys`] asks for ten in a call.
//! - `stream`: [`Pages`], [`Items`] and [`Lists`] are `Stream`s of `futures-core`, and a [`TaskWatch`] can be made one.
//! - `tracing`: spans of `tracing` for calls, attempts and waits, and events where something works and should be mended.

mod failure;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
mod tls;
mod transport;

pub use kps_core::*;
pub use transport::ReqwestTransport;

/// A client for a region, with what the [environment](Builder::environment) says: credentials by the
/// [default chain](CredentialsSource::default_chain); the project in `HUAWEICLOUD_SDK_PROJECT_ID`, or told by the source of
/// the credentials, or looked up by the name of the region; and `HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4` and the like for
/// another endpoint. Nothing is sent.
///
/// ```
/// use kps_reqwest::{ErrorKind, Region};
///
/// # let _ = || -> Result<(), kps_reqwest::Error> {
/// let kps = kps_reqwest::from_env(Region::CN_NORTH_4)?;
/// # Ok(())
/// # };
/// // Of a region that is not known, somebody has to say the endpoint.
/// let error = kps_reqwest::from_env(Region::new("cn-nowhere-1")?).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Config);
/// # Ok::<(), kps_reqwest::Error>(())
/// ```
///
/// # Errors
///
/// What is missing or wrong, as an error of the kind [`Config`](ErrorKind::Config) or
/// [`Credentials`](ErrorKind::Credentials).
pub fn from_env(region: Region) -> Result<Client, Error> {
    builder().region(region).environment(Environment::process()).build()
}

/// A builder of a client.
///
/// ```
/// use kps_reqwest::{Credentials, ListFailedTask, ProjectId, Region};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = kps_emulator::Server::start(kps_emulator::Emulator::new())?;
/// let kps = kps_reqwest::builder()
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
///     .project_id(ProjectId::new("0a1b2c3d4e5f60718293a4b5c6d7e8f9")?)
/// #   .endpoint(server.endpoint())
/// #   .http(kps_reqwest::HttpOptions::new().with_proxy(kps_reqwest::Proxy::None))
///     .build()?;
/// let error = kps.send(ListFailedTask::new()).await.unwrap_err();
/// assert_eq!(error.code(), Some("APIGW.0301")); // nobody knows that key
/// # Ok(())
/// # }
/// ```
pub fn builder() -> Builder<Client> {
    Client::builder_with(ReqwestTransport::new)
}

#[cfg(test)]
#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_tls_an_https_address_is_an_error_that_names_the_features() {
        let kps = builder()
            .endpoint("https://127.0.0.1:1")
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .http(HttpOptions::new().with_proxy(Proxy::None));
        let error = kps.build().unwrap().send(ListFailedTask::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls);
        assert!(
            error.report().contains("switch on the feature `rustls` or `native-tls` of kps-reqwest"),
            "{}",
            error.report()
        );
    }
}
