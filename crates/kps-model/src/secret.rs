use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

/// A text that must not be seen: a secret access key, a token.
///
/// It has no `Display`, its `Debug` shows no part of it, and its memory is wiped when it is dropped. The
/// only way to the text is [`expose`](Self::expose), so that every use can be searched for.
///
/// ```
/// use kps_model::Secret;
///
/// let secret = Secret::new("wJalrXUtnFEMI");
/// assert_eq!(format!("{secret:?}"), "Secret(<redacted>)");
/// assert_eq!(secret.expose(), "wJalrXUtnFEMI");
/// ```
///
/// ```compile_fail,E0277
/// println!("{}", kps_model::Secret::new("wJalrXUtnFEMI"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the memory it was handed in is the one that is wiped.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all, which the service treats as no secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}
