//! The codes of refusals, and what they mean in English: the messages beside them often come in Chinese.

#[cfg(test)]
mod tests;

use crate::ErrorBody;
use crate::enums::{UnknownValue, as_text};

/// Who refuses.
///
/// ```
/// use kps_model::{ErrorCode, ErrorOrigin};
///
/// assert_eq!(ErrorCode::from("KPS.4016").origin(), Some(ErrorOrigin::Service));
/// assert_eq!(ErrorCode::from("APIGW.0301").origin(), Some(ErrorOrigin::Gateway));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorOrigin {
    /// The service itself: `KPS.…`.
    Service,
    /// The gateway before it: `APIGW.…`, of some gateways `APIG.…` or `APIC.…`. The service has not seen the call, unless the
    /// gateway waited for it in vain.
    Gateway,
}

/// What is known of a code.
struct Entry {
    statuses: &'static [u16],
    cause: &'static str,
    cure: &'static str,
}

macro_rules! codes {
    ($($variant:ident = $code:literal [$($status:literal),*] $cause:literal, $cure:literal;)+) => {
        /// The code of a refusal, such as `KPS.4016` of the service or `APIGW.0301` of its gateway.
        ///
        /// Codes are named by their numbers, since several mean the same; `docs/error-codes.md` lists them. One that
        /// is not known here keeps its text. `APIG.0301` and `APIC.0301`, as some gateways write it, are the same as
        /// `APIGW.0301`.
        ///
        /// ```
        /// use kps_model::ErrorCode;
        ///
        /// let code = ErrorCode::from("KPS.7004");
        /// assert_eq!(code, ErrorCode::Kps7004);
        /// assert_eq!(code.cause(), Some("a key pair of this name exists already"));
        /// assert!(code.cure().is_some_and(|cure| cure.starts_with("pick another name")));
        ///
        /// assert_eq!(ErrorCode::from("APIG.0308"), ErrorCode::Apigw0308);
        ///
        /// let new = ErrorCode::from("KPS.1234");
        /// assert_eq!((new.as_str(), new.is_known(), new.cause()), ("KPS.1234", false, None));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $code, "`: ", $cause, ".")] $variant,)+
            /// A code this version does not know, kept as it is.
            Unknown(UnknownValue),
        }

        impl ErrorCode {
            /// All codes this version knows.
            ///
            /// ```
            /// use kps_model::ErrorCode;
            ///
            /// assert!(ErrorCode::KNOWN.iter().all(|code| code.is_known() && code.cure().is_some()));
            /// ```
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as the service writes it; one of the gateway begins with `APIGW.`, if it is known.
            ///
            /// ```
            /// assert_eq!(kps_model::ErrorCode::Kps4016.as_str(), "KPS.4016");
            /// ```
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unknown(text) => text.as_str(),
                }
            }

            fn entry(&self) -> Option<&'static Entry> {
                match self {
                    $(Self::$variant => {
                        Some(&Entry { statuses: &[$($status),*], cause: $cause, cure: $cure })
                    })+
                    Self::Unknown(_) => None,
                }
            }
        }
    };
}

codes! {
    Kps0001 = "KPS.0001" [400]
        "the id of the task is malformed",
        "take the id unchanged from a receipt or a list of tasks";
    Kps0002 = "KPS.0002" [400]
        "the service does not accept a value of the request",
        "check names, ids, limits and keys; to host an imported key the service needs its private half";
    Kps0003 = "KPS.0003" [500]
        "a service that this one depends on is unavailable",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps0004 = "KPS.0004" [500]
        "a service that this one depends on gave a bad response",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps0005 = "KPS.0005" [400]
        "there is no such task, or no record of its failure",
        "look into `ListRunningTask` and `ListFailedTask`; a record that was deleted is gone";
    Kps0006 = "KPS.0006" [400]
        "the user that the request names does not exist",
        "give `with_user_id` the id of an IAM user of this account";
    Kps4016 = "KPS.4016" [400]
        "the key pair does not exist",
        "look into `ListKeypairs`; it may belong to another user, project or region";
    Kps5001 = "KPS.5001" [500]
        "the service failed to query its database",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps5002 = "KPS.5002" [500]
        "the service failed to write to its database",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps5003 = "KPS.5003" [500]
        "the service failed to delete from its database",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps5004 = "KPS.5004" [500]
        "the service failed to update its database",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps6004 = "KPS.6004" [400]
        "there is no such key pair",
        "look into `ListKeypairs`; it may belong to another user, project or region";
    Kps6005 = "KPS.6005" [400]
        "the service does not host the private key of this key pair",
        "hand it over with `ImportPrivateKey`; until then there is nothing to export or clear";
    Kps6007 = "KPS.6007" [500]
        "the service failed to create the key that encrypts private keys",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Kps6008 = "KPS.6008" [400]
        "the service failed to encrypt the private key",
        "check that the KMS key exists in this region and is enabled, and that the user may use it";
    Kps6009 = "KPS.6009" [403]
        "the service failed to verify the key pair",
        "check that the private key is that of this key pair, and hand it over again with `ImportPrivateKey`";
    Kps6010 = "KPS.6010" [400]
        "the service failed to save the private key",
        "check that the KMS key exists in this region and is enabled, and that the user may use it";
    Kps6011 = "KPS.6011" [400]
        "the private key does not belong to the public key",
        "bring both halves of one key; `ssh-keygen -y -f FILE` prints the public half of a private one";
    Kps7004 = "KPS.7004" []
        "a key pair of this name exists already",
        "pick another name, or delete the old one with `DeleteKeypair`; after a lost answer ask `resolve`";
    Kps9001 = "KPS.9001" [401]
        "the token is missing or not valid",
        "check HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or get a new token";
    Kps9002 = "KPS.9002" [401]
        "the service refuses accounts of a public test",
        "use a regular account";
    Kps9003 = "KPS.9003" [403]
        "the user has no permission for this",
        "have an administrator grant this user permissions for key pairs in this project";
    Kps9004 = "KPS.9004" [403]
        "the account is frozen",
        "look into the billing center of the account, or ask the support";
    Kps9005 = "KPS.9005" [403]
        "the account is restricted",
        "look into the billing center of the account, or ask the support";
    Kps9006 = "KPS.9006" [403]
        "the service does not know the type of the user",
        "call as an IAM user of the account, or give the request id to the support";
    Apigw0101 = "APIGW.0101" [404]
        "the address leads to no API: a wrong host, path or method, or one this region lacks",
        "check `region` and `endpoint`; the service may not be offered in that region";
    Apigw0103 = "APIGW.0103" [404, 500]
        "the gateway knows no service behind this address",
        "check `region` and `endpoint`, then give the request id to the support";
    Apigw0104 = "APIGW.0104" [400, 404, 500]
        "the gateway is set up wrong for the service behind it",
        "give the request id to the support: the gateway is set up wrong";
    Apigw0105 = "APIGW.0105" [400, 404, 500]
        "the gateway is set up wrong for the service behind it",
        "give the request id to the support: the gateway is set up wrong";
    Apigw0106 = "APIGW.0106" [400, 404, 500]
        "the gateway is set up wrong for the service behind it",
        "give the request id to the support: the gateway is set up wrong";
    Apigw0201 = "APIGW.0201" [400, 413, 414, 494, 500, 502, 504]
        "the gateway could not pass the request on: malformed, too large, or nobody answered",
        "send less at once if it is large; otherwise call again later where `is_retryable` says so";
    Apigw0301 = "APIGW.0301" [401]
        "the gateway does not accept the signature or the token",
        "check HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and the clock first: five refusals in a row lock the key";
    Apigw0302 = "APIGW.0302" [403]
        "this IAM user may not call the API",
        "have an administrator grant this user permissions for key pairs in this project";
    Apigw0303 = "APIGW.0303" [401]
        "the gateway does not accept the credentials of the app",
        "call with an access key or a token of an IAM user, not as an app";
    Apigw0304 = "APIGW.0304" [403]
        "the app may not call the API",
        "call with an access key or a token of an IAM user, not as an app";
    Apigw0305 = "APIGW.0305" [401]
        "the gateway does not accept the credentials",
        "check HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, and that no proxy changes the Authorization header";
    Apigw0306 = "APIGW.0306" [403]
        "the gateway denies access to the API",
        "have an administrator grant this user permissions for key pairs in this project";
    Apigw0307 = "APIGW.0307" [401]
        "the token has ended, was revoked, or is of another region",
        "get a new token in this region, or give the client credentials that it can renew";
    Apigw0308 = "APIGW.0308" [429]
        "calls follow each other too fast",
        "wait as long as `retry_after` says, and give the limit in the message to `rate_limit`";
    Apigw0310 = "APIGW.0310" [403]
        "the project cannot be used",
        "check HUAWEICLOUD_SDK_PROJECT_ID or `project_id`: it must be of this account and region, and active";
    Apigw0401 = "APIGW.0401" [403]
        "the address that the call comes from is not allowed",
        "call from an address that the account allows; mind the proxy, whose address it may be";
    Apigw0402 = "APIGW.0402" [403]
        "the address that the call comes from is not allowed",
        "call from an address that the account allows; mind the proxy, whose address it may be";
    Apigw0404 = "APIGW.0404" [403]
        "the address that the call comes from is not allowed",
        "call from an address that the account allows; mind the proxy, whose address it may be";
    Apigw0601 = "APIGW.0601" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0602 = "APIGW.0602" [400]
        "the gateway finds the request malformed",
        "see whether a proxy or an endpoint of one's own changes requests";
    Apigw0605 = "APIGW.0605" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0606 = "APIGW.0606" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0607 = "APIGW.0607" [400]
        "the gateway does not allow this protocol",
        "give `endpoint` an address with https";
    Apigw0608 = "APIGW.0608" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0609 = "APIGW.0609" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0610 = "APIGW.0610" [502]
        "the gateway finds no service that is up",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0611 = "APIGW.0611" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0612 = "APIGW.0612" [500]
        "the gateway failed",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0613 = "APIGW.0613" [503]
        "the identity service (IAM) is unavailable to the gateway",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0705 = "APIGW.0705" [500]
        "the gateway could not sign the request for the service behind it",
        "call again later where `is_retryable` says so; if it stays, give the request id to the support";
    Apigw0802 = "APIGW.0802" [403]
        "this IAM user may not use this region",
        "pick another `region`, or have an administrator allow this one";
}

/// What a message of the gateway has in it, and what that means. The first one that fits counts: a signature that does
/// not fit is told with the request, in which anything may stand.
const TOLD: [(&str, &str, &str); 8] = [
    (
        "verify aksk signature fail",
        "the signature does not fit: the secret access key is wrong, or something changed the request",
        "copy HUAWEICLOUD_SDK_SK again before the next call: five wrong signatures in a row lock the key",
    ),
    (
        "signature expired",
        "the clock is more than 15 minutes off the service's",
        "set the clock of this machine; where an answer tells the time, the client goes by it",
    ),
    (
        "AK access failed to reach the limit",
        "the access key is locked for a while, after too many wrong signatures",
        "wait five minutes, and mend what repeats a wrong signature",
    ),
    (
        "token expires",
        "the token has ended",
        "get a new token, or give the client credentials that it can renew",
    ),
    (
        "decrypt token fail",
        "the token cannot be read: cut short, altered, or of another cloud or region",
        "copy the token whole, or get a new one in this region",
    ),
    (
        "x-auth-token not found",
        "no credentials arrived with the request",
        "see whether a proxy takes the Authorization or X-Auth-Token header away",
    ),
    (
        "security token",
        "the security token does not belong to the access key",
        "set HUAWEICLOUD_SDK_SECURITY_TOKEN to the one that came with the key, and unset it for a permanent key",
    ),
    (
        "not exist",
        "the access key is not known: deleted, mistyped, or of another cloud",
        "check HUAWEICLOUD_SDK_AK, and that `region` is of the same cloud",
    ),
];

impl ErrorCode {
    /// Whether this version knows the code.
    ///
    /// ```
    /// use kps_model::ErrorCode;
    ///
    /// assert!(ErrorCode::from("APIGW.0301").is_known());
    /// assert!(!ErrorCode::from("IAM.0007").is_known());
    /// ```
    pub fn is_known(&self) -> bool {
        self.entry().is_some()
    }

    /// Who refuses, by the prefix; none of a code that is neither the service's nor its gateway's.
    ///
    /// ```
    /// use kps_model::{ErrorCode, ErrorOrigin};
    ///
    /// assert_eq!(ErrorCode::from("KPS.1234").origin(), Some(ErrorOrigin::Service));
    /// assert_eq!(ErrorCode::from("APIG.0101").origin(), Some(ErrorOrigin::Gateway));
    /// assert_eq!(ErrorCode::from("IAM.0007").origin(), None);
    /// ```
    pub fn origin(&self) -> Option<ErrorOrigin> {
        let code = self.as_str();
        if code.starts_with("KPS.") {
            return Some(ErrorOrigin::Service);
        }
        gateway_number(code).map(|_| ErrorOrigin::Gateway)
    }

    /// The HTTP statuses that are documented for the code; none if they are not.
    ///
    /// ```
    /// use kps_model::ErrorCode;
    ///
    /// assert_eq!(ErrorCode::Apigw0103.statuses(), [404, 500]);
    /// assert!(ErrorCode::Kps7004.statuses().is_empty());
    /// ```
    pub fn statuses(&self) -> &'static [u16] {
        self.entry().map_or(&[], |entry| entry.statuses)
    }

    /// What happened, of a code that is known. It has no full stop, so that it fits into a line.
    ///
    /// ```
    /// assert_eq!(kps_model::ErrorCode::Kps4016.cause(), Some("the key pair does not exist"));
    /// ```
    pub fn cause(&self) -> Option<&'static str> {
        self.entry().map(|entry| entry.cause)
    }

    /// What to do next, of a code that is known; what stands in backquotes are names of this library.
    ///
    /// ```
    /// let cure = kps_model::ErrorCode::Apigw0308.cure().unwrap();
    /// assert!(cure.contains("`rate_limit`"));
    /// ```
    pub fn cure(&self) -> Option<&'static str> {
        self.entry().map(|entry| entry.cure)
    }

    /// What happened, as the message tells: `APIGW.0301` is the code of a wrong secret, a wrong clock, an old token and
    /// more. A message that tells no more leaves it at [`cause`](Self::cause).
    ///
    /// ```
    /// use kps_model::ErrorCode;
    ///
    /// let message = "Incorrect IAM authentication information: calc aksk signature fail:signature expired, …";
    /// let code = ErrorCode::Apigw0301;
    /// assert_eq!(code.cause_of(message), Some("the clock is more than 15 minutes off the service's"));
    /// assert_eq!(code.cause_of("?"), code.cause());
    /// ```
    pub fn cause_of(&self, message: &str) -> Option<&'static str> {
        self.told(message).map_or_else(|| self.cause(), |(_, cause, _)| Some(cause))
    }

    /// What to do next, as the message tells; see [`cause_of`](Self::cause_of).
    ///
    /// ```
    /// use kps_model::ErrorCode;
    ///
    /// let message = "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden";
    /// assert!(ErrorCode::Apigw0301.cure_of(message).unwrap().starts_with("wait five minutes"));
    /// ```
    pub fn cure_of(&self, message: &str) -> Option<&'static str> {
        self.told(message).map_or_else(|| self.cure(), |(_, _, cure)| Some(cure))
    }

    fn told(&self, message: &str) -> Option<(&'static str, &'static str, &'static str)> {
        if *self != Self::Apigw0301 {
            return None;
        }
        TOLD.into_iter().find(|(text, ..)| message.contains(text))
    }
}

/// What is behind the prefix of a code of the gateway.
fn gateway_number(code: &str) -> Option<&str> {
    ["APIGW.", "APIG.", "APIC."].into_iter().find_map(|prefix| code.strip_prefix(prefix))
}

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        let number = gateway_number(text);
        let same = |known: &&Self| match number {
            Some(_) => gateway_number(known.as_str()) == number,
            None => known.as_str() == text,
        };
        Self::KNOWN.iter().find(same).cloned().unwrap_or_else(|| Self::Unknown(UnknownValue::new(text)))
    }
}

as_text!(ErrorCode, "an error code");

impl ErrorBody {
    /// The code, if there is one.
    ///
    /// ```
    /// use kps_model::{ErrorBody, ErrorCode};
    ///
    /// let body = ErrorBody::parse(r#"{"error_code":"KPS.9004","error_msg":"账户已冻结"}"#.as_bytes());
    /// assert_eq!(body.error_code(), Some(ErrorCode::Kps9004));
    /// ```
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.code.as_deref().map(ErrorCode::from)
    }

    /// What happened, in English, if the code is known.
    ///
    /// ```
    /// use kps_model::ErrorBody;
    ///
    /// let body = ErrorBody::parse(r#"{"error_code":"KPS.9004","error_msg":"账户已冻结"}"#.as_bytes());
    /// assert_eq!(body.cause(), Some("the account is frozen"));
    /// ```
    pub fn cause(&self) -> Option<&'static str> {
        self.error_code()?.cause_of(self.message.as_deref().unwrap_or_default())
    }

    /// What to do next, in English, if the code is known.
    ///
    /// ```
    /// use kps_model::ErrorBody;
    ///
    /// let body = ErrorBody::new("APIGW.0301", "Incorrect IAM authentication information: decrypt token fail");
    /// assert_eq!(body.cure(), Some("copy the token whole, or get a new one in this region"));
    /// ```
    pub fn cure(&self) -> Option<&'static str> {
        self.error_code()?.cure_of(self.message.as_deref().unwrap_or_default())
    }
}
