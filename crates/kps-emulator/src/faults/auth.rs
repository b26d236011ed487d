use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What the gateway finds wrong with the credentials of a call.
///
/// ```
/// # use kps_core::{ListKeypairs, Region, blocking};
/// use kps_emulator::{AuthFault, Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::new();
/// emulator.inject(FaultRule::new(Fault::Auth(AuthFault::Locked)).once());
/// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
/// let error = kps.send(ListKeypairs::new()).unwrap_err();
/// assert!(error.is_auth());
/// assert_eq!(error.code(), Some("APIGW.0301"));
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthFault {
    /// The signature does not fit.
    Signature,
    /// It was made too long ago.
    SignatureExpired,
    /// There is no such access key.
    UnknownKey,
    /// The access key is locked, after more than five bad signatures in a row.
    Locked,
    /// The token cannot be read.
    TokenUnreadable,
    /// The token has ended.
    TokenExpired,
    /// There is neither a token nor a signature.
    NoCredentials,
    /// The token was revoked (`APIGW.0307`).
    TokenRevoked,
}

impl AuthFault {
    pub(crate) fn refusal(self) -> Refusal {
        Refusal::unauthenticated(match self {
            Self::Signature => "verify aksk signature fail",
            Self::SignatureExpired => {
                "calc aksk signature fail:signature expired, signature time:20211217T064303Z,server time:20211217T065804Z"
            }
            Self::UnknownKey => "Get secretKey failed,ak:AKUNKNOWN,err:ak not exist",
            Self::Locked => "AK access failed to reach the limit,forbidden",
            Self::TokenUnreadable => "decrypt token fail",
            Self::TokenExpired => "token expires, expires_at:2018-03-13T03:00:01.168000Z",
            Self::NoCredentials => "x-auth-token not found",
            Self::TokenRevoked => return Refusal::token_must_be_renewed(),
        })
    }
}
