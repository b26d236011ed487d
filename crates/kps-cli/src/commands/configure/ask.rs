//! What is written down: of arguments, files and standard input, and on a terminal asked for.

use std::path::Path;

use kps_ureq::{ProjectId, Region, Secret};

use super::{Args, Keys};
use crate::context::Context;
use crate::input;
use crate::machine;
use crate::stop::{Failure, Stop};

/// Keys have 40 letters, tokens some thousand.
const MOST: usize = 64 << 10;

pub(super) fn keys(args: &Args, context: &Context) -> Result<Keys, Stop> {
    let asks = machine::stdin_is_terminal() && !args.sk_stdin;
    let ak = match &args.ak {
        Some(ak) => ak.clone(),
        None if asks => input::line("Access key id (AK): ")?,
        None => return Err(missing("the access key id (AK)", "--ak")),
    };
    let sk = match &args.sk_file {
        Some(path) => secret(path, "the secret access key (SK)")?,
        None if args.sk_stdin => secret(Path::new("-"), "the secret access key (SK)")?,
        None if asks => {
            let typed = input::hidden("Secret access key (SK): ").map_err(|error| {
                Failure::usage(format_args!(
                    "the secret access key (SK) cannot be asked for: {}",
                    machine::reason(&error)
                ))
                .with_cure("say --sk-stdin or --sk-file")
            })?;
            Secret::new(typed.trim())
        }
        None => return Err(missing("the secret access key (SK)", "--sk-stdin or --sk-file")),
    };
    let token = args.security_token_file.as_deref();
    // Whoever gives the rest by arguments is not asked for more.
    let asks = asks && args.ak.is_none();
    let region = match &context.globals.region {
        None if asks => optional("Region, such as cn-north-4 (none): ")?.map(Region::new).transpose()?,
        given => given.clone(),
    };
    let project_id = match &context.globals.project_id {
        None if asks => optional("Project id (none; it is looked up by the region): ")?
            .map(ProjectId::new)
            .transpose()
            .map_err(|fault| Failure::usage(format_args!("the project id is {fault}")))?,
        given => given.clone(),
    };
    Ok(Keys {
        ak,
        sk,
        security_token: token.map(|path| secret(path, "the security token")).transpose()?,
        project_id,
        region,
    })
}

fn missing(what: &str, flag: &str) -> Stop {
    Failure::usage(format_args!("{what} is needed")).with_cure(format!("say {flag}")).into()
}

fn secret(path: &Path, what: &str) -> Result<Secret, Failure> {
    let text = input::text(path, what, MOST)?;
    let secret = text.trim();
    if secret.is_empty() || secret.contains(char::is_whitespace) {
        return Err(Failure::usage(format_args!("{what} in {} is not one word", path.display())));
    }
    Ok(Secret::new(secret))
}

fn optional(question: &str) -> Result<Option<String>, Stop> {
    Ok(Some(input::line(question)?).filter(|answer| !answer.is_empty()))
}
