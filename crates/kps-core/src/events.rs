//! What a user may want to know though nothing failed: events of `tracing`, if that feature is on.

/// Something that works and should be mended. It never holds a secret.
#[cfg(feature = "tracing")]
pub(crate) fn warn(text: &str) {
    tracing::warn!("{text}");
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn warn(_: &str) {}
