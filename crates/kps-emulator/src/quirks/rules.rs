//! What is told in different forms, as a table.

use http::StatusCode;

use super::told::Told;
use super::{Quirks, refusals, rewrites};
use crate::route::Operation::{
    self, AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair,
    ClearPrivateKey, CreateKeypair, DisassociateKeypair, ImportPrivateKey, ListFailedTask, ListKeypairDetail,
    ListKeypairTask, ListKeypairs, ListRunningTask,
};

/// One thing, and its forms.
pub(super) struct Rule {
    pub(super) what: &'static str,
    pub(super) on: On,
    pub(super) documented: Form,
    pub(super) observed: Form,
    pub(super) hostile: Form,
}

/// Which answers tell it.
pub(super) enum On {
    /// Those of success of these operations.
    Success(&'static [Operation]),
    /// Those of success of any.
    AnySuccess,
    /// Those that refuse.
    Refusals,
}

impl On {
    pub(super) fn is_for(&self, operation: Option<Operation>, status: StatusCode) -> bool {
        match self {
            Self::Success(operations) => {
                status.is_success() && operation.is_some_and(|own| operations.contains(&own))
            }
            Self::AnySuccess => status.is_success(),
            Self::Refusals => !status.is_success(),
        }
    }
}

type Rewrite = fn(&mut Told);

/// How a thing is told.
pub(super) struct Form {
    pub(super) text: &'static str,
    /// What brings an answer of the service into this form, if it is not in it.
    pub(super) rewrite: Option<Rewrite>,
}

/// The form in which the service has it already.
const fn as_is(text: &'static str) -> Form {
    Form { text, rewrite: None }
}

const fn made(text: &'static str, rewrite: Rewrite) -> Form {
    Form { text, rewrite: Some(rewrite) }
}

impl Rule {
    pub(super) const fn form(&self, quirks: Quirks) -> &Form {
        match quirks {
            Quirks::Documented => &self.documented,
            Quirks::Observed => &self.observed,
            Quirks::Hostile => &self.hostile,
        }
    }
}

const RECEIPTS: &[Operation] = &[AssociateKeypair, DisassociateKeypair, BatchAssociateKeypair];
const LISTS: &[Operation] = &[ListRunningTask, ListFailedTask];

/// In the order in which they are applied: those of one thing before those of all, and what hides a thing from others last.
pub(super) static RULES: [Rule; 23] = [
    Rule {
        what: "the times of a key pair",
        on: On::Success(&[ListKeypairDetail]),
        documented: made("seconds", rewrites::times_in_seconds),
        observed: as_is("milliseconds"),
        hostile: made("seconds, in a string", rewrites::times_in_seconds_as_text),
    },
    Rule {
        what: "the time of a task",
        on: On::Success(LISTS),
        documented: as_is("milliseconds, in a string"),
        observed: as_is("milliseconds, in a string"),
        hostile: made("seconds, as a number", rewrites::task_time_in_seconds),
    },
    Rule {
        what: "`frozen_state`",
        on: On::Success(&[ListKeypairs, ListKeypairDetail]),
        documented: as_is("a string in a list, a number in a detail"),
        observed: as_is("a string in a list, a number in a detail"),
        hostile: made("a number in a list, a string in a detail", rewrites::frozen_the_other_way),
    },
    Rule {
        what: "the fingerprint of a key pair",
        on: On::Success(&[CreateKeypair, ListKeypairs, ListKeypairDetail, BatchImportKeypair]),
        documented: as_is("SHA-256"),
        observed: as_is("SHA-256"),
        hostile: made("MD5, as in the samples", rewrites::fingerprint_by_md5),
    },
    Rule {
        what: "`operate_type` of a task",
        on: On::Success(LISTS),
        documented: as_is("a phase and an action"),
        observed: as_is("a phase and an action"),
        hostile: made(
            "the bare phase of a running task, `RUNNING_` and the action of a failed one",
            rewrites::operate_type_astray,
        ),
    },
    Rule {
        what: "`task_status`",
        on: On::Success(&[ListKeypairTask]),
        documented: made(
            "a phase and an action; a replacement ends as `_RESET`",
            rewrites::replaced_as_reset,
        ),
        observed: as_is("a phase and an action"),
        hostile: made("the same in lower case", rewrites::task_status_in_lower_case),
    },
    Rule {
        what: "`status` of a receipt",
        on: On::Success(RECEIPTS),
        documented: as_is("`SUCCESS` or `FAILED`"),
        observed: as_is("`SUCCESS` or `FAILED`"),
        hostile: made("`Success` or `Failed`", rewrites::receipt_status_capitalized),
    },
    Rule {
        what: "the receipt for one server",
        on: On::Success(&[AssociateKeypair, DisassociateKeypair]),
        documented: as_is("all that is known"),
        observed: as_is("all that is known"),
        hostile: made("the task's id alone, if there is a task", rewrites::task_id_alone),
    },
    Rule {
        what: "the receipts for several servers",
        on: On::Success(&[BatchAssociateKeypair]),
        documented: as_is("in the order of the request"),
        observed: as_is("in the order of the request"),
        hostile: made("from the last to the first", rewrites::receipts_reversed),
    },
    Rule {
        what: "the status with which a task is accepted",
        on: On::Success(RECEIPTS),
        documented: as_is("202"),
        observed: as_is("202"),
        hostile: made("200", rewrites::accepted_as_ok),
    },
    Rule {
        what: "`private_key` in the answer to a batch that imports",
        on: On::Success(&[BatchImportKeypair]),
        documented: made("absent", rewrites::no_imported_private_key),
        observed: as_is("of one that is hosted"),
        hostile: as_is("of one that is hosted"),
    },
    Rule {
        what: "the answer to an imported private key",
        on: On::Success(&[ImportPrivateKey]),
        documented: as_is("all that was sent, the private key too"),
        observed: made("the name alone", rewrites::name_alone),
        hostile: made("the name, and `null`", rewrites::name_and_null),
    },
    Rule {
        what: "the answer to a private key that is cleared",
        on: On::Success(&[ClearPrivateKey]),
        documented: as_is("empty"),
        observed: as_is("empty"),
        hostile: made("a string of JSON", rewrites::cleared_with_text),
    },
    Rule {
        what: "the content type of exported private keys",
        on: On::Success(&[BatchExportPrivateKey]),
        documented: as_is("`application/octet-stream`"),
        observed: as_is("`application/octet-stream`"),
        hostile: made("`application/json`", rewrites::archive_as_json),
    },
    Rule {
        what: "`total` of a list of tasks",
        on: On::Success(LISTS),
        documented: as_is("of the whole list"),
        observed: as_is("of the whole list"),
        hostile: made("of the page", rewrites::total_of_the_page),
    },
    Rule {
        what: "the markers of a list of key pairs",
        on: On::Success(&[ListKeypairs]),
        documented: as_is("the name of a key pair"),
        observed: as_is("the name of a key pair"),
        hostile: made("an address whose query has it; `null` for none", rewrites::markers_as_addresses),
    },
    Rule {
        what: "an empty page of key pairs",
        on: On::Success(&[ListKeypairs]),
        documented: as_is("with `page_info`"),
        observed: as_is("with `page_info`"),
        hostile: made("without", rewrites::no_page_info_if_empty),
    },
    Rule {
        what: "what there is not",
        on: On::Success(&[
            CreateKeypair,
            ListKeypairs,
            ListKeypairDetail,
            BatchImportKeypair,
            ListRunningTask,
            ListFailedTask,
        ]),
        documented: made("`null`, where a sample has it so", rewrites::null_as_in_the_samples),
        observed: as_is("absent"),
        hostile: made("`null`, an empty list too", rewrites::null_for_all_there_is_not),
    },
    Rule {
        what: "a count, and the id of a key pair",
        on: On::AnySuccess,
        documented: as_is("a number"),
        observed: as_is("a number"),
        hostile: made("a string", rewrites::counts_as_text),
    },
    Rule {
        what: "what nobody knows",
        on: On::AnySuccess,
        documented: as_is("nothing"),
        observed: as_is("nothing"),
        hostile: made("a field in each object, and the `type` of each key pair", rewrites::unknown_things),
    },
    Rule {
        what: "`succeeded_keypairs` of a batch",
        on: On::Success(&[BatchImportKeypair]),
        documented: as_is("each in an object"),
        observed: made("each in an object within an object", rewrites::succeeded_in_two_objects),
        hostile: made("each in an object within an object", rewrites::succeeded_in_two_objects),
    },
    Rule {
        what: "the status for a key pair that is not there",
        on: On::Refusals,
        documented: as_is("400; 404 where its private key is cleared"),
        observed: as_is("400; 404 where its private key is cleared"),
        hostile: made("404", refusals::not_found_as_404),
    },
    Rule {
        what: "a refusal",
        on: On::Refusals,
        documented: as_is("`error_code` and `error_msg`, in English"),
        observed: as_is("`error_code` and `error_msg`, in English"),
        hostile: made(
            "in one of five other shapes, by its code; the service's in Chinese",
            refusals::reshaped,
        ),
    },
];
