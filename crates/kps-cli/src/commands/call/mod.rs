//! `kps call`.

mod operations;
mod request;

use std::path::PathBuf;

use kps_ureq::{ClearPrivateKeyResponse, KeypairName, Meta, PrivateKeyArchive, ToJson};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::args;
use crate::commands::call::operations::{Entry, Line, OPERATIONS, Raw};
use crate::commands::call::request::Field;
use crate::context::Context;
use crate::deliver::{Unanswered, nowhere_else, unread};
use crate::machine::{self, NewFile, Readers};
use crate::output::Format;
use crate::stop::{Exit, Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps call ListFailedTask limit=10",
    "kps call CreateKeypair --skeleton",
    "kps call AssociateKeypair --json request.json",
]))]
pub(crate) struct Args {
    /// The operation, such as ListFailedTask
    #[arg(value_name = "OPERATION", required_unless_present = "list")]
    operation: Option<String>,
    /// A field of the request, such as limit=10 or keypair.name=ci; no secrets
    #[arg(value_name = "FIELD=VALUE", value_parser = request::field)]
    fields: Vec<Field>,
    /// The request as JSON, in a file; - is standard input
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Show all that the request may hold, and call nothing
    #[arg(long, conflicts_with_all = ["fields", "json"])]
    skeleton: bool,
    /// List the operations
    #[arg(long, conflicts_with = "operation")]
    list: bool,
    /// Print private keys in the answer too
    #[arg(long)]
    reveal: bool,
    /// Write the private key of the answer, or the archive of them, to this file
    #[arg(long, value_name = "FILE", conflicts_with = "reveal")]
    save: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "save")]
    force: bool,
}

/// A call that is asked for.
struct Call<'a> {
    args: &'a Args,
    context: &'a Context,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let Some(name) = &args.operation else {
        return context.output.list(OPERATIONS.iter().map(|entry| Ok(Line::from(entry))));
    };
    let entry = find(name)?;
    // What cannot be printed is not asked for: the call may delete something, or have the only copy of a key in its answer.
    if context.output.format() == Format::Csv {
        return Err(Failure::usage("--output csv does not go with this").with_cure("take json").into());
    }
    if args.skeleton {
        let skeleton: Value = serde_json::from_str(entry.skeleton).unwrap_or_default();
        return context.output.json(skeleton);
    }
    (entry.run)(&Call { args, context })
}

fn find(name: &str) -> Result<&'static Entry, Failure> {
    let folded = |text: &str| {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let meant = folded(name);
    let found = OPERATIONS.iter().find(|entry| folded(entry.meta.name) == meant);
    found.ok_or_else(|| {
        let distance = |entry: &&'static Entry| {
            let known = folded(entry.meta.name);
            let part = meant.len() >= 4 && (known.contains(&meant) || meant.contains(&known));
            if part { 0 } else { strsim::damerau_levenshtein(&known, &meant) }
        };
        let mut near: Vec<(usize, &str)> =
            OPERATIONS.iter().map(|entry| (distance(&entry), entry.meta.name)).collect();
        near.sort_unstable();
        let near: Vec<&str> = near.iter().take_while(|(far, _)| *far <= 3).map(|(_, name)| *name).collect();
        let failure = Failure::usage(format_args!("there is no operation {name}"));
        failure.with_cure(match near.as_slice() {
            [] => "`kps call --list` shows them".to_owned(),
            near => format!("did you mean {}?", near.join(" or ")),
        })
    })
}

impl Call<'_> {
    fn request<O: Raw>(&self) -> Result<O, Failure> {
        let meta = &O::META;
        let json = request::json(meta, self.args.json.as_deref(), &self.args.fields)?;
        kps_ureq::from_json(json.as_bytes()).map_err(|fault| {
            let fault = if meta.secret_request { fault.without_reason() } else { fault };
            Failure::usage(format_args!("the request of {}: {fault}", meta.name))
                .with_cure(request::shape(meta))
        })
    }

    /// Refuses a call from which nothing can be saved that is to be, or whose answer would be lost.
    fn check<O: Raw>(&self, request: &O) -> Result<(), Failure> {
        let Self { args, context } = self;
        if args.save.is_some() && !request.hands_out_a_key() {
            return Err(Failure::usage(format_args!(
                "the answer of this {} holds no private key to save",
                O::META.name
            )));
        }
        let seen = args.reveal || args.save.is_some() || context.globals.dry_run;
        if request.only_copy().is_some() && !seen {
            return Err(unseen(
                &O::META,
                "the private key is in the answer and nowhere else, and would be lost",
            ));
        }
        Ok(())
    }

    /// The file for a key. It is there before the call is made.
    fn file(&self) -> Result<Option<NewFile>, Failure> {
        let path = self.args.save.as_deref().filter(|_| !self.context.globals.dry_run);
        let Some(path) = path else { return Ok(None) };
        let file = NewFile::create(path, self.args.force, Readers::Owner)?;
        machine::remove_when_interrupted(vec![file.unnamed().to_owned()]);
        Ok(Some(file))
    }
}

/// Makes a call whose answer is JSON.
fn plain<O: Raw<Output: ToJson>>(call: &Call<'_>) -> Result<(), Stop> {
    made::<O, _>(call, |answer| answer)
}

/// Makes the call whose answer is a text, if it has any.
fn text<O: Raw<Output = ClearPrivateKeyResponse>>(call: &Call<'_>) -> Result<(), Stop> {
    made::<O, _>(call, |answer| answer.body)
}

fn made<O: Raw, T: ToJson>(call: &Call<'_>, answered: fn(O::Output) -> T) -> Result<(), Stop> {
    let Call { args, context } = call;
    let request: O = call.request()?;
    call.check(&request)?;
    let file = call.file()?;
    let client = context.client()?;
    let only_copy = request.only_copy().cloned();
    let unanswered = only_copy.as_ref().map(|name| Unanswered::only_copy(name, context));
    let answer = match &unanswered {
        Some(unanswered) if !context.globals.dry_run => {
            unanswered.watch(file.iter().map(|file| file.unnamed().to_owned()).collect())?;
            let answer = client.send(request);
            unanswered.hold();
            answered(answer.map_err(|error| unanswered.of(error))?)
        }
        _ => answered(context.send(&client, request)?),
    };
    let json = Zeroizing::new(kps_ureq::to_json(&answer).map_err(|fault| Failure::new(Exit::Failed, fault))?);
    let mut answer: Value = serde_json::from_slice(&json).unwrap_or_default();
    if let Some(file) = file {
        keep(&answer, file, only_copy.as_ref())?;
    }
    let _unprinted = unanswered.and_then(|unanswered| unanswered.end(args.save.is_none()));
    if !args.reveal {
        mask(&mut answer);
    }
    match (context.output.json(answer), only_copy) {
        // This was for reading, and nobody does any more, or it was not to be found.
        (Err(stop), Some(name)) if args.save.is_none() => Err(unread(stop, &name).into()),
        (printed, _) => printed,
    }
}

/// Writes the private key of an answer to its file.
fn keep(answer: &Value, file: NewFile, only_copy: Option<&KeypairName>) -> Result<(), Failure> {
    let lost = |told: &str| {
        let failure = Failure::new(Exit::Failed, told);
        match only_copy {
            Some(name) => failure.with_cure(nowhere_else(name)),
            None => failure,
        }
    };
    let key = private_key(answer).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| lost("there is no private key in the answer"))?;
    file.write(key.as_bytes()).map_err(|unsaved| match unsaved.elsewhere {
        Some(_) => Failure::new(Exit::Failed, unsaved.tell()),
        None => lost(&unsaved.tell()),
    })
}

/// Makes the call whose answer is an archive.
fn zip<O: Raw<Output = PrivateKeyArchive>>(call: &Call<'_>) -> Result<(), Stop> {
    let Call { args, context } = call;
    let request: O = call.request()?;
    if !args.reveal && args.save.is_none() && !context.globals.dry_run {
        return Err(unseen(&O::META, "the answer is an archive of private keys").into());
    }
    let file = call.file()?;
    let archive = context.send(&context.client()?, request)?;
    match file {
        Some(file) => Ok(file.write(archive.as_bytes())?),
        None => context.output.bytes(archive.as_bytes()),
    }
}

fn unseen(meta: &Meta, why: &str) -> Failure {
    Failure::usage(format_args!("{}: {why}", meta.name)).with_cure("say --save FILE, or --reveal to print it")
}

/// The one private key of an answer.
fn private_key(answer: &Value) -> Option<&str> {
    let fields = answer.as_object()?;
    fields.get("private_key").and_then(Value::as_str).or_else(|| fields.values().find_map(private_key))
}

/// Takes private keys out of an answer.
fn mask(answer: &mut Value) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "private_key" && !value.is_null() { *value = "***".into() } else { mask(value) }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_are_found_in_any_spelling_and_slips_told() {
        for name in ["ListFailedTask", "listfailedtask", "list-failed-task", "list_failed_task"] {
            assert_eq!(find(name).ok().unwrap().meta.name, "ListFailedTask");
        }
        for (name, cure) in [
            ("ListFailedTasks", "did you mean ListFailedTask?"),
            ("CreateKeyPiar", "did you mean CreateKeypair?"),
            ("Associate", "did you mean AssociateKeypair or BatchAssociateKeypair or DisassociateKeypair?"),
            ("Frobnicate", "`kps call --list` shows them"),
        ] {
            let told = find(name).err().unwrap().to_string();
            assert!(told.contains(cure), "{told}");
        }
    }

    #[test]
    fn keys_are_masked_wherever_they_are() {
        let mut answer =
            json!({"a": [{"keypair": {"private_key": "hunter2", "name": "x"}}], "private_key": null});
        assert_eq!(
            private_key(&json!({"keypair": {"name": "x", "private_key": "hunter2"}})),
            Some("hunter2")
        );
        mask(&mut answer);
        assert_eq!(
            answer,
            json!({"a": [{"keypair": {"private_key": "***", "name": "x"}}], "private_key": null})
        );
    }
}
