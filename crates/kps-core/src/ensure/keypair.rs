use kps_model::{CreateKeypair, CreatedKeypair, Fingerprint, KeypairDetail, KeypairName, PublicKey};
use serde::{Serialize, Serializer};

use crate::ensure::{Look, Missed, Wanted};
use crate::{Client, Error, Operation as _};

/// A key pair that is there now, and whether it was before.
///
/// Only the key was compared: what was found may be hosted or not, and be of another scope or owner.
///
/// It is `Serialize` without the private half, which a batch import with hosting may hand back.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"keypair":{"name":"laptop","public_key":"ssh-ed25519 AAAA ann"}}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let laptop = CreateKeypair::import(KeypairName::new("laptop")?, PublicKey::new("ssh-ed25519 AAAA ann@home")?);
/// let ensured = kps.ensure_keypair(laptop)?;
/// assert!(matches!(ensured, EnsuredKeypair::Found(_)));
/// assert_eq!(
///     serde_json::to_value(&ensured)?,
///     serde_json::json!({"name": "laptop", "made": false, "public_key": "ssh-ed25519 AAAA ann"}),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EnsuredKeypair {
    /// It was made, or imported, by this call.
    Made(Box<CreatedKeypair>),
    /// It was there already.
    Found(Box<KeypairDetail>),
}

impl EnsuredKeypair {
    /// One that was made by a call whose answer was lost, as it was found.
    pub(crate) fn made_as(found: KeypairDetail) -> Self {
        let mut made = CreatedKeypair::new(found.name);
        made.keypair_type = found.keypair_type;
        made.public_key = found.public_key;
        made.fingerprint = found.fingerprint;
        made.user_id = found.user_id;
        Self::Made(Box::new(made))
    }

    /// Whether it was made by this call, and not there before.
    pub fn was_made(&self) -> bool {
        matches!(self, Self::Made(_))
    }

    /// The name.
    pub fn name(&self) -> &KeypairName {
        match self {
            Self::Made(made) => &made.name,
            Self::Found(found) => &found.name,
        }
    }

    /// The public half, if the service told it.
    pub fn public_key(&self) -> Option<&PublicKey> {
        match self {
            Self::Made(made) => made.public_key.as_ref(),
            Self::Found(found) => found.public_key.as_ref(),
        }
    }

    /// The fingerprint of the public half, if the service told it.
    pub fn fingerprint(&self) -> Option<&Fingerprint> {
        match self {
            Self::Made(made) => made.fingerprint.as_ref(),
            Self::Found(found) => found.fingerprint.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct Written<'a> {
    name: &'a KeypairName,
    made: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<&'a PublicKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a Fingerprint>,
}

impl Serialize for EnsuredKeypair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, made) = (self.name(), self.was_made());
        let (public_key, fingerprint) = (self.public_key(), self.fingerprint());
        Written { name, made, public_key, fingerprint }.serialize(serializer)
    }
}

impl Client {
    /// Sees to it that there is a key pair of this name and this key: looks, and makes it if it is not there. However
    /// often and by however many it is called, they all end with the same key pair.
    ///
    /// A key pair is known by its public key; comments do not count. One that the service makes must be hosted
    /// ([`CreateKeypair::new_hosted`]) and is known by its name alone.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let there = std::sync::atomic::AtomicBool::new(false);
    /// # let transport = move |request: Prepared| {
    /// #     let made = request.as_http().method() == "POST";
    /// #     let before = there.fetch_or(made, std::sync::atomic::Ordering::SeqCst);
    /// #     let mut answer = http::Response::new(r#"{"keypair":{"name":"laptop","public_key":"ssh-ed25519 AAAA ann"}}"#.into());
    /// #     if !made && !before { *answer.status_mut() = http::StatusCode::NOT_FOUND; }
    /// #     async { Ok(answer) }
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let laptop = CreateKeypair::import(KeypairName::new("laptop")?, PublicKey::new("ssh-ed25519 AAAA ann@home")?);
    /// assert!(kps.ensure_keypair(laptop.clone()).await?.was_made());
    /// assert!(!kps.ensure_keypair(laptop).await?.was_made());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// A [mismatch](crate::ErrorKind::Mismatch) with both fingerprints, if there is another key under that name. An
    /// [input error](crate::ErrorKind::Input) for a key pair that the service makes and does not host: whoever finds it
    /// does not have its private key. Otherwise what keeps the client from looking or making it.
    pub async fn ensure_keypair(&self, operation: CreateKeypair) -> Result<EnsuredKeypair, Error> {
        let ensured = ensure(self, &operation).await;
        ensured.map_err(|error| error.of_operation(CreateKeypair::META.name))
    }
}

async fn ensure(client: &Client, operation: &CreateKeypair) -> Result<EnsuredKeypair, Error> {
    Wanted::new(operation)?;
    let mut look = Look::new(client);
    let mut last = None;
    for _ in 0..client.options().attempts.max(1) {
        if let Some(outcome) = looked(&look, operation, &mut last).await {
            return outcome;
        }
        match client.call(operation).await {
            Ok(answer) => return Ok(EnsuredKeypair::Made(Box::new(answer.keypair))),
            // Another was quicker.
            Err(error) if error.is_conflict() => last = Some(error),
            Err(error) if error.may_have_been_applied() => {
                look.remember(&error).await;
                last = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    let outcome = looked(&look, operation, &mut last).await;
    outcome.unwrap_or_else(|| Err(last.unwrap_or_else(|| Error::mismatch("it is not there"))))
}

/// What is there, or none if nothing is. Where it cannot be looked, the call before counts for more.
async fn looked(
    look: &Look<'_>,
    operation: &CreateKeypair,
    last: &mut Option<Error>,
) -> Option<Result<EnsuredKeypair, Error>> {
    match look.after(operation).await {
        Ok(ensured) => Some(Ok(ensured)),
        Err(Missed::Missing) => None,
        Err(Missed::Other(error)) => Some(Err(error)),
        Err(Missed::Blind(error)) => Some(Err(last.take().unwrap_or(error))),
    }
}
