//! What an operation of the service is to the clients.

use bytes::Bytes;
use http::{Method, Response};
use kps_model::DecodeError;

use crate::{Draft, Error};

/// An operation of the service: how its request is written and its answer read. Both are pure.
///
/// It is implemented for the request types of `kps-model`. An operation that is missing there can be added
/// by a program itself:
///
/// ```
/// use bytes::Bytes;
/// use kps_core::{DecodeError, Draft, Error, Meta, Operation, Replay, Verb};
///
/// struct ThawKeypair {
///     keypair_name: String,
/// }
///
/// impl Operation for ThawKeypair {
///     const META: Meta = Meta::new(
///         "ThawKeypair",
///         Verb::Delete,
///         "/v3/{project_id}/keypairs/{keypair_name}/frozen-state",
///         Replay::Idempotent,
///         204,
///     );
///     type Output = ();
///
///     fn encode(&self) -> Result<Draft, Error> {
///         Ok(Draft::new().path("keypair_name", &self.keypair_name))
///     }
///
///     fn decode(_: &http::Response<Bytes>) -> Result<(), DecodeError> {
///         Ok(())
///     }
/// }
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::builder().status(204).body(Bytes::new()).unwrap());
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
///
/// let answer = kps.answer(ThawKeypair { keypair_name: "deploy".into() })?;
/// assert_eq!(answer.status, 204);
/// # Ok::<(), Error>(())
/// ```
pub trait Operation: Send + Sync {
    /// What is the same in every call.
    const META: Meta;

    /// What a successful call returns.
    type Output: Send;

    /// Writes the request.
    ///
    /// # Errors
    ///
    /// An [input error](Error::input) for a value that cannot be sent.
    fn encode(&self) -> Result<Draft, Error>;

    /// Reads an answer with a status of 2xx.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] names the place in the body that cannot be read.
    fn decode(answer: &Response<Bytes>) -> Result<Self::Output, DecodeError>;
}

/// The constant part of an [`Operation`].
///
/// ```
/// use kps_core::{Meta, Replay, Verb};
///
/// const META: Meta =
///     Meta::new("ResetKeypair", Verb::Post, "/v3/{project_id}/keypairs/reset", Replay::Never, 200).with_secret_answer();
/// assert!(META.secret_answer && !META.secret_request);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// The official name, such as `ListFailedTask`.
    pub name: &'static str,
    /// The HTTP method.
    pub verb: Verb,
    /// The path, with the names of its values in braces; `{project_id}` is the client's.
    pub path: &'static str,
    /// Whether the call may be repeated.
    pub replay: Replay,
    /// The documented status of success. Every 2xx is taken as one: the documents changed their mind.
    pub success: u16,
    /// Whether the request may hold a secret.
    pub secret_request: bool,
    /// Whether the answer may hold a secret. What of it cannot be read is then not quoted in an error.
    pub secret_answer: bool,
}

impl Meta {
    /// An operation without secrets.
    pub const fn new(
        name: &'static str,
        verb: Verb,
        path: &'static str,
        replay: Replay,
        success: u16,
    ) -> Self {
        Self { name, verb, path, replay, success, secret_request: false, secret_answer: false }
    }

    /// Says that the request may hold a secret.
    #[must_use]
    pub const fn with_secret_request(mut self) -> Self {
        self.secret_request = true;
        self
    }

    /// Says that the answer may hold a secret.
    #[must_use]
    pub const fn with_secret_answer(mut self) -> Self {
        self.secret_answer = true;
        self
    }
}

/// The HTTP methods the service uses.
///
/// ```
/// use kps_core::{CreateKeypair, Operation, Verb};
///
/// assert_eq!(CreateKeypair::META.verb, Verb::Post);
/// assert_eq!((Verb::Post.as_str(), http::Method::from(Verb::Post)), ("POST", http::Method::POST));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl From<Verb> for Method {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Get => Self::GET,
            Verb::Post => Self::POST,
            Verb::Put => Self::PUT,
            Verb::Delete => Self::DELETE,
        }
    }
}

/// Whether a call may be repeated when nobody knows if it was applied.
///
/// ```
/// use kps_core::{AssociateKeypair, DeleteKeypair, ListKeypairs, Operation, Replay};
///
/// assert_eq!(ListKeypairs::META.replay, Replay::Safe);
/// assert_eq!(DeleteKeypair::META.replay, Replay::Idempotent);
/// assert_eq!(AssociateKeypair::META.replay, Replay::Never); // it would start a second task
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Replay {
    /// It changes nothing.
    Safe,
    /// Twice does what once does.
    Idempotent,
    /// A repetition may do harm.
    Never,
}
