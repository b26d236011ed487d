//! The **blocking** client of the Huawei Cloud Key Pair Service (KPS), on [`ureq`]. It needs no async runtime
//! and works within one. The client to be awaited is `kps-reqwest`.
//!
//! ```
//! use kps_ureq::{ListFailedTask, Region};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = kps_emulator::Server::start(kps_emulator::Emulator::new())?;
//! # let builder = kps_ureq::builder().endpoint(server.endpoint()).http(kps_ureq::HttpOptions::new().with_proxy(kps_ureq::Proxy::None));
//! # let kps = builder.credentials(kps_emulator::Emulator::credentials()).project_id(kps_emulator::Emulator::project_id()).build()?;
//! # let _ = || -> Result<_, kps_ureq::Error> {
//! let kps = kps_ureq::from_env(Region::CN_NORTH_4)?;
//! # Ok(kps)
//! # };
//! for task in kps.items(ListFailedTask::new()) {
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
//! # Features
//!
//! `rustls` (on by default): TLS by rustls, with ring and the platform's certificate verifier.
//!
//! `native-tls` (off by default): TLS by the library of the system. With both, rustls is used unless
//! [`HttpOptions::with_tls`] picks the other; with neither, `https` addresses fail with an error that says so.
//!
//! `zip` (off by default): `PrivateKeyArchive::keys` reads the private keys out of the archive of an export.
//!
//! `tracing` (off by default): spans of `tracing` for calls, attempts and waits, and events where something works and should be mended.

mod failure;
mod phases;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
mod tls;
mod transport;

pub use kps_core::*;
// In the place of those to be awaited.
pub use kps_core::blocking::{Client, Items, Lists, Pages, Signatory, TaskWatch};
pub use transport::UreqTransport;

/// A client for a region, with credentials by the [default chain](CredentialsSource::default_chain), the project in
/// `HUAWEICLOUD_SDK_PROJECT_ID` or told by the source of the credentials, and
/// `HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4` and the like for another endpoint. Nothing is sent.
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
/// use kps_ureq::{Credentials, ListFailedTask, ProjectId, Region};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = kps_emulator::Server::start(kps_emulator::Emulator::new())?;
/// let kps = kps_ureq::builder()
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
///     .project_id(ProjectId::new("0a1b2c3d4e5f60718293a4b5c6d7e8f9")?)
/// #   .endpoint(server.endpoint())
/// #   .http(kps_ureq::HttpOptions::new().with_proxy(kps_ureq::Proxy::None))
///     .build()?;
/// let error = kps.send(ListFailedTask::new()).unwrap_err();
/// assert_eq!(error.code(), Some("APIGW.0301")); // nobody knows that key
/// # Ok(())
/// # }
/// ```
pub fn builder() -> Builder<Client> {
    Client::builder_with(UreqTransport::new)
}

#[cfg(test)]
#[cfg(not(any(feature = "native-tls", feature = "rustls")))]
mod tests {
    use super::*;

    #[test]
    fn without_tls_an_https_address_is_an_error_that_names_the_features() {
        let kps = builder()
            .endpoint("https://127.0.0.1:1")
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .http(HttpOptions::new().with_proxy(Proxy::None));
        let error = kps.build().unwrap().send(ListFailedTask::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls);
        assert!(
            error.report().contains("switch on the feature `rustls` or `native-tls` of kps-ureq"),
            "{}",
            error.report()
        );
    }
}
