//! In which of the forms the service answers, of all in which it is told to.

mod refusals;
mod rewrites;
mod rules;
#[cfg(test)]
mod tests;
mod told;

use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};

use crate::route::Operation;
use rules::RULES;
use told::Told;

/// In which form the service answers. Its documents contradict themselves, its samples and what was seen of it; a client
/// has to read every form. What it does with a request is the same in each.
///
/// ```
/// use kps_core::{CreateKeypair, KeypairName, ListKeypairDetail, Region, blocking};
/// use kps_emulator::{Emulator, Quirks};
///
/// let emulator = Emulator::builder().quirks(Quirks::Hostile).build();
/// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
/// let deploy = KeypairName::new("deploy")?;
/// let error = kps.send(ListKeypairDetail::new(deploy.clone())).unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.status(), Some(404), "documented as 400");
///
/// kps.send(CreateKeypair::new(deploy.clone()))?;
/// let answer = kps.send(ListKeypairDetail::new(deploy))?;
/// assert!(answer.keypair.create_time.unwrap().utc().is_some(), "seconds, in a string");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Quirks {
    /// As the documents say, where they are clear.
    Documented,
    /// As it was seen in the field, else as documented.
    #[default]
    Observed,
    /// Each thing in the form that is the hardest to read, all at once.
    Hostile,
}

impl Quirks {
    /// What is told in different forms: the thing, and its forms as documented, as observed and as hostile as can be.
    ///
    /// ```
    /// let mut forms = kps_emulator::Quirks::forms();
    /// let (_, documented, observed, hostile) = forms.find(|(what, ..)| *what == "the times of a key pair").unwrap();
    /// assert_eq!(documented, "seconds");
    /// assert_eq!(observed, "milliseconds");
    /// assert_eq!(hostile, "seconds, in a string");
    /// ```
    pub fn forms() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
        RULES.iter().map(|rule| (rule.what, rule.documented.text, rule.observed.text, rule.hostile.text))
    }

    /// The answer in this form. It is none of an operation where the gateway has found none.
    pub(crate) fn form(self, operation: Option<Operation>, answer: Response<Bytes>) -> Response<Bytes> {
        let fits = |rule: &&rules::Rule| rule.on.is_for(operation, answer.status());
        let rewrites: Vec<_> = RULES.iter().filter(fits).filter_map(|rule| rule.form(self).rewrite).collect();
        if rewrites.is_empty() {
            return answer;
        }
        let mut told = Told::new(operation, answer);
        rewrites.into_iter().for_each(|rewrite| rewrite(&mut told));
        told.into_answer()
    }
}
