//! What a user may want to know though nothing failed: events of `tracing`, if that feature is on.

/// Something that works and should be mended. It never holds a secret.
#[cfg(feature = "tracing")]
pub(crate) fn warn(text: &str) {
    tracing::warn!("{text}");
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn warn(_: &str) {}

#[cfg(test)]
#[cfg(feature = "tracing")]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use crate::{CredentialsSource, Environment, ListKeypairs, Prepared, ProjectId, Region, blocking};

    /// Keeps the texts of events.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl Visit for Kept {
        fn record_debug(&mut self, _: &Field, value: &dyn std::fmt::Debug) {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }

    impl Subscriber for Kept {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    /// The events of one call with these credentials.
    fn events(source: CredentialsSource, environment: Environment) -> Vec<String> {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            let kps = blocking::Client::builder(|_: Prepared| Ok(http::Response::default()))
                .region(Region::CN_NORTH_4)
                .project_id(ProjectId::new("0a1b").unwrap())
                .credentials(source)
                .environment(environment)
                .build()
                .unwrap();
            let _ = kps.prepare(ListKeypairs::new());
        });
        let events = kept.0.lock().unwrap().clone();
        assert!(!events.concat().contains("hunter2"), "{events:?}");
        events
    }

    #[test]
    fn blanks_that_are_left_out_are_told() {
        let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AK "), ("HUAWEICLOUD_SDK_SK", "hunter2")]);
        assert_eq!(
            events(CredentialsSource::environment(), variables),
            ["the variable HUAWEICLOUD_SDK_AK has blanks at its ends, which were left out"],
        );
    }

    #[test]
    fn a_file_that_others_can_read_is_told() {
        let kept = Environment::from([("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/keys")])
            .with_file("/keys", "[basic]\nak=AK\nsk=hunter2\n");
        let open = kept.clone().with_file_open_to_others("/keys");
        assert_eq!(events(CredentialsSource::file(), kept), Vec::<String>::new());
        assert_eq!(events(CredentialsSource::file(), open), ["/keys can be read by others; `chmod 600` it"],);
    }

    #[test]
    fn a_renewal_that_fails_is_told() {
        let nobody = Environment::from([("HOME", "/nowhere")]);
        let events = events(CredentialsSource::file(), nobody);
        assert_eq!(events.len(), 1);
        assert!(events.concat().starts_with("renewing credentials failed: no credentials: "), "{events:?}");
    }
}
