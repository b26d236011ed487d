//! Errors of the vocabulary as errors of a client, so that a program needs one type.

use kps_model::{InvalidBatch, InvalidId, InvalidKey, OutOfRange, TaskRefused, TooLong};

use super::Error;

/// The documented status of an answer with a receipt.
const ACCEPTED: u16 = 202;

macro_rules! of_input {
    ($($reason:ty)+) => {
        $(
            /// An [input error](crate::ErrorKind::Input).
            impl From<$reason> for Error {
                fn from(reason: $reason) -> Self {
                    Self::input(reason.to_string())
                }
            }
        )+
    };
}

of_input! { InvalidBatch InvalidId InvalidKey OutOfRange TooLong }

/// A [refusal](crate::ErrorKind::Service), of which the code tells what it comes to.
impl From<TaskRefused> for Error {
    fn from(refused: TaskRefused) -> Self {
        let text = refused.to_string();
        let mut error = Self::refused(ACCEPTED, None, refused.into());
        error.0.text = text;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, KeypairName, Limit, TaskReceipt, from_json};

    #[test]
    fn what_is_no_value_is_an_error_of_the_input() {
        let name = || -> Result<KeypairName, Error> { Ok(KeypairName::new("")?) };
        let limit = || -> Result<Limit, Error> { Ok(Limit::new(0)?) };
        for error in [name().unwrap_err(), limit().unwrap_err()] {
            assert_eq!((error.kind(), error.id()), (ErrorKind::Input, "input"));
            assert!(!error.may_have_been_applied() && error.operation().is_none());
        }
        assert_eq!(name().unwrap_err().to_string(), KeypairName::new("").unwrap_err().to_string());
    }

    #[test]
    fn a_receipt_without_a_task_is_a_refusal() {
        let receipt: TaskReceipt =
            from_json(br#"{"server_id":"s-1","status":"FAILED","error_code":"KPS.4016","error_msg":"no"}"#)
                .unwrap();
        let error = Error::from(receipt.handle().unwrap_err());
        assert_eq!(
            (error.kind(), error.id(), error.code()),
            (ErrorKind::Service, "not_found", Some("KPS.4016"))
        );
        assert_eq!(
            error.to_string(),
            "the service did not accept the task for server s-1, code KPS.4016: no"
        );
        assert!(!error.is_retryable() && !error.may_have_been_applied());
    }
}
