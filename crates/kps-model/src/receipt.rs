//! What the service answers to binding and unbinding.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::one_line::OneLine;
use crate::{ErrorBody, ServerId, TaskId, Text, scalar};

/// What the service answers to binding and unbinding: whether the task was *accepted*, not whether it succeeded.
///
/// **A refusal comes with a status of success too**, so ask [`accepted`](Self::accepted) for the task. Of a single
/// server the answer may hold nothing but the task's id.
///
/// ```
/// use kps_model::{TaskId, TaskReceipt};
///
/// let receipt: TaskReceipt = kps_model::from_json(br#"{"task_id":"4b7e19ac-d053-4c68-8f21-a9e6037dc5b4"}"#)?;
/// assert_eq!(receipt.accepted()?, "4b7e19ac-d053-4c68-8f21-a9e6037dc5b4");
///
/// let receipt: TaskReceipt = kps_model::from_json(
///     br#"{"server_id":"8d3f6b21","status":"Failed","error_code":"KPS.4016","error_msg":"The key pair is not exist"}"#,
/// )?;
/// assert_eq!(
///     receipt.accepted().unwrap_err().to_string(),
///     "the service did not accept the task for server 8d3f6b21, code KPS.4016: The key pair is not exist",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "TaskResponseBody")]
#[doc(alias = "AssociateKeypairResponse")]
#[doc(alias = "DisassociateKeypairResponse")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "a task may have been refused"]
#[non_exhaustive]
pub struct TaskReceipt {
    /// The task, by which [`ListKeypairTask`](crate::ListKeypairTask) follows it; none if it was refused.
    #[serde(default, deserialize_with = "TaskId::or_none", skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The server.
    #[serde(default, deserialize_with = "ServerId::or_none", skip_serializing_if = "Option::is_none")]
    pub server_id: Option<ServerId>,
    /// Whether the task was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ReceiptStatus>,
    /// Why it was not, as a code such as `KPS.4016`.
    #[serde(default, deserialize_with = "Text::given", skip_serializing_if = "Option::is_none")]
    pub error_code: Option<Text>,
    /// Why it was not, as a sentence.
    #[serde(default, deserialize_with = "Text::given", skip_serializing_if = "Option::is_none")]
    pub error_msg: Option<Text>,
}

impl TaskReceipt {
    /// The task, if it was accepted.
    ///
    /// # Errors
    ///
    /// [`TaskRefused`], with what the service said, if there is no task or the status is `FAILED`.
    pub fn accepted(&self) -> Result<&TaskId, TaskRefused> {
        let failed = self.status.as_ref().is_some_and(ReceiptStatus::is_failed);
        self.task_id.as_ref().filter(|_| !failed).ok_or_else(|| TaskRefused {
            server_id: self.server_id.clone(),
            code: self.error_code.clone(),
            message: self.error_msg.clone(),
        })
    }
}

/// Why a task was not accepted.
///
/// ```
/// use kps_model::TaskReceipt;
///
/// let receipt: TaskReceipt = kps_model::from_json(br#"{"status":"FAILED","error_code":"KPS.0002","error_msg":"no such server"}"#)?;
/// let refused = receipt.accepted().unwrap_err();
/// assert_eq!(refused.to_string(), "the service did not accept the task, code KPS.0002: no such server");
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskRefused {
    /// The server.
    pub server_id: Option<ServerId>,
    /// A code such as `KPS.4016`.
    pub code: Option<Text>,
    /// A sentence, in whatever language the service picks.
    pub message: Option<Text>,
}

impl fmt::Display for TaskRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the service did not accept the task")?;
        if let Some(id) = &self.server_id {
            write!(f, " for server {}", OneLine(id.as_str()))?;
        }
        if let Some(code) = &self.code {
            write!(f, ", code {}", OneLine(code))?;
        }
        match &self.message {
            Some(message) => write!(f, ": {}", OneLine(message)),
            None => Ok(()),
        }
    }
}

impl core::error::Error for TaskRefused {}

/// The code and the message, as a refusal of the whole call has them.
impl From<TaskRefused> for ErrorBody {
    fn from(refused: TaskRefused) -> Self {
        Self {
            code: refused.code.map(Into::into),
            message: refused.message.map(Into::into),
            ..Self::default()
        }
    }
}

/// Whether a task was accepted: `SUCCESS` or `FAILED`, in any case of letters; the sample of the service has `Failed`.
/// Any other text is kept.
///
/// ```
/// use kps_model::ReceiptStatus;
///
/// assert!(ReceiptStatus::from("Failed").is_failed());
/// let other = ReceiptStatus::from("PENDING");
/// assert!(!other.is_failed() && !other.is_success() && other.as_str() == "PENDING");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReceiptStatus(Text);

impl ReceiptStatus {
    /// Whether the task was accepted.
    pub fn is_success(&self) -> bool {
        self.0.eq_ignore_ascii_case("SUCCESS")
    }

    /// Whether the task was refused.
    pub fn is_failed(&self) -> bool {
        self.0.eq_ignore_ascii_case("FAILED")
    }

    /// The text as the service sent it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<&str> for ReceiptStatus {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for ReceiptStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The answer to [`BatchAssociateKeypair`](crate::BatchAssociateKeypair), a receipt for each server, in no promised
/// order.
///
/// ```
/// use kps_model::{BatchAssociateKeypairResponse, ServerId};
///
/// let answer: BatchAssociateKeypairResponse = kps_model::from_json(br#"{"tasks":[
///     {"task_id":"t-1","server_id":"s-1","status":"SUCCESS"},
///     {"server_id":"s-2","status":"Failed","error_code":"KPS.0002","error_msg":"no such server"}
/// ]}"#)?;
/// assert_eq!(answer.of(&ServerId::new("s-1")?).unwrap().accepted()?, "t-1");
/// let refused = answer.of(&ServerId::new("s-2")?).unwrap().accepted().unwrap_err();
/// assert_eq!(refused.code.as_deref(), Some("KPS.0002"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[must_use = "a task may have been refused"]
#[non_exhaustive]
pub struct BatchAssociateKeypairResponse {
    /// The receipts. Their order is not promised: match them by [`server_id`](TaskReceipt::server_id).
    #[serde(default, deserialize_with = "scalar::list")]
    pub tasks: Vec<TaskReceipt>,
}

impl BatchAssociateKeypairResponse {
    /// The receipt for this server.
    pub fn of(&self, server: &ServerId) -> Option<&TaskReceipt> {
        self.tasks.iter().find(|receipt| receipt.server_id.as_ref() == Some(server))
    }
}
