//! A call that makes a key pair and whose answer does not come: where the private key is then, if it is anywhere.

use std::path::PathBuf;

use kps_ureq::{Error, KeypairName};

use crate::context::Context;
use crate::machine;
use crate::stop::{Exit, Failure, Stop};

/// What is told if the answer of a call is lost, be it to an error or to whoever interrupts. Once it is dropped, an
/// interrupt ends the program as ever.
pub(crate) struct Unanswered {
    cure: String,
    as_json: bool,
}

impl Unanswered {
    pub(crate) fn new(cure: impl Into<String>, context: &Context) -> Self {
        Self { cure: cure.into(), as_json: context.output.format().is_json() }
    }

    /// The private key is in the answer and nowhere else.
    pub(crate) fn only_copy(name: &KeypairName, context: &Context) -> Self {
        let cure = format!(
            "the key pair {name} may be made all the same, and then its private key cannot be had any more: {}",
            anew(name)
        );
        Self::new(cure, context)
    }

    /// From now on an interrupt tells it, and takes these files away, in which there is nothing yet.
    pub(crate) fn watch(&self, empty: Vec<PathBuf>) -> Result<(), Stop> {
        let (cure, as_json) = (self.cure.clone(), self.as_json);
        machine::on_interrupt(move || {
            machine::remove(&empty);
            let _ = Failure::new(Exit::Interrupted, "interrupted").with_cure(cure.clone()).tell(as_json);
            machine::end_interrupted()
        })
        .map_err(|error| {
            Failure::new(Exit::Failed, format_args!("interrupts cannot be watched: {error}")).into()
        })
    }

    /// The answer has come: nobody gets between the private key and its places.
    pub(crate) fn hold(&self) {
        // It could be watched, so it can be held.
        drop(machine::on_interrupt(|| {}));
    }

    /// The private key is in its places. One that is printed and nothing else is not, before it is printed.
    pub(crate) fn end(self, is_seen_alone: bool) -> Option<Self> {
        if !is_seen_alone {
            return None;
        }
        // It could be watched before; and now the key is to be printed, whatever comes of this.
        drop(self.watch(Vec::new()));
        Some(self)
    }

    /// With what to do.
    pub(crate) fn tell(&self, failure: Failure) -> Failure {
        failure.with_cure(self.cure.as_str())
    }

    /// An error of the call, with what to do if the service may have done it all the same.
    pub(crate) fn of(&self, error: Error) -> Stop {
        let is_unsure = error.may_have_been_applied();
        let failure = Failure::from(error);
        if is_unsure { self.tell(failure).into() } else { failure.into() }
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        machine::end_when_interrupted();
    }
}

/// The private key of a key pair that is made was to be read, and is not printed.
pub(crate) fn unread(why: Stop, name: &KeypairName) -> Failure {
    let failure = match why {
        Stop::Failed(failure) => Failure::new(Exit::Failed, failure.text()),
        Stop::Done | Stop::Told(_) => Failure::new(Exit::Failed, "the private key cannot be printed"),
    };
    failure.with_cure(nowhere_else(name))
}

/// What to do if the answer came, and the private key in it is lost.
pub(crate) fn nowhere_else(name: &KeypairName) -> String {
    format!("its private key is nowhere else: {}", anew(name))
}

/// What to do about a key pair without a private key.
pub(crate) fn anew(name: &KeypairName) -> String {
    format!("`kps keypair delete {name}`, and create it anew")
}
