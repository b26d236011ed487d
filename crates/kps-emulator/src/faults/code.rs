use serde::{Deserialize, Serialize};

use crate::UnknownName;
use crate::refusal::Refusal;

/// A code the service is known to refuse with, such as `KPS.5001`, or `APIGW.0308`, by which the gateway throttles.
///
/// ```
/// use kps_emulator::{Emulator, Fault, FaultRule, RefusalCode};
///
/// let busy = Fault::Code(RefusalCode::new("KPS.5001")?);
/// Emulator::new().inject(FaultRule::new(busy).first(2));
/// assert!(RefusalCode::new("KPS.1234").is_err());
/// # Ok::<(), kps_emulator::UnknownName>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct RefusalCode(Name);

/// One of the codes there are. Written as what it is, it would be taken for one that borrows from the text of a rule.
type Name = &'static str;

impl RefusalCode {
    /// The code of this text.
    ///
    /// # Errors
    ///
    /// [`UnknownName`], if there is no such code.
    pub fn new(code: &str) -> Result<Self, UnknownName> {
        Refusal::code(code).map(Self).ok_or_else(|| UnknownName(code.to_owned()))
    }

    /// Its text.
    ///
    /// ```
    /// assert_eq!(kps_emulator::RefusalCode::new("KPS.5001")?.as_str(), "KPS.5001");
    /// # Ok::<(), kps_emulator::UnknownName>(())
    /// ```
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    pub(crate) fn refusal(self) -> Refusal {
        Refusal::known(self.0)
    }
}

impl TryFrom<String> for RefusalCode {
    type Error = UnknownName;

    fn try_from(code: String) -> Result<Self, UnknownName> {
        Self::new(&code)
    }
}

impl From<RefusalCode> for &'static str {
    fn from(code: RefusalCode) -> Self {
        code.as_str()
    }
}
