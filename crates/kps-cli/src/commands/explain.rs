//! `kps explain`.

use kps_ureq::{ErrorCode, ErrorOrigin};
use serde::Serialize;

use crate::args;
use crate::context::Context;
use crate::output::{Cell, Record, Row};
use crate::stop::{Exit, Failure, Stop};
use crate::words;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps explain KPS.6011",
    "kps explain APIGW.0301 --message 'signature expired'",
]))]
pub(crate) struct Args {
    /// The code, such as KPS.6011 or APIGW.0301
    #[arg(value_name = "CODE", required_unless_present = "list")]
    code: Option<String>,
    /// The message that came with it: of APIGW.0301 that tells which of several causes it was
    #[arg(long, value_name = "TEXT", requires = "code")]
    message: Option<String>,
    /// List all codes that are known
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let message = args.message.as_deref().unwrap_or_default();
    match &args.code {
        Some(text) => context.output.one(&Explained::new(find(text)?, message)),
        None => context.output.list(ErrorCode::KNOWN.iter().map(|code| Ok(Explained::new(code, message)))),
    }
}

/// The code that is meant: in any case, with or without the point, or by its number alone.
fn find(text: &str) -> Result<&'static ErrorCode, Failure> {
    let meant = folded(text);
    if meant.is_empty() {
        return Err(Failure::usage(format_args!("{text:?} is no code"))
            .with_cure("`kps explain --list` shows those that are known"));
    }
    let known = |code: &&ErrorCode| {
        let code = folded(code.as_str());
        code == meant || code.trim_start_matches(char::is_alphabetic) == meant
    };
    let mut found = ErrorCode::KNOWN.iter().filter(known);
    if let (Some(code), None) = (found.next(), found.next()) {
        return Ok(code);
    }
    let failure = Failure::new(Exit::NotFound, format_args!("the code {text} is not known"));
    let near = near(&meant);
    Err(failure.with_cure(match near.as_slice() {
        [] => "`kps explain --list` shows those that are".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    }))
}

/// Letters and digits alone, in capitals, of the gateway by its usual prefix.
fn folded(text: &str) -> String {
    let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let text = text.to_ascii_uppercase();
    match text.strip_prefix("APIG").or_else(|| text.strip_prefix("APIC")) {
        Some(rest) if !rest.starts_with('W') => format!("APIGW{rest}"),
        _ => text,
    }
}

/// The codes that are one or two slips away, the nearest first.
fn near(meant: &str) -> Vec<&'static str> {
    let number = meant.trim_start_matches(char::is_alphabetic);
    let distance = |code: &'static ErrorCode| {
        let code = folded(code.as_str());
        let whole = strsim::damerau_levenshtein(&code, meant);
        // Somebody who gives a number alone means no prefix.
        match number == meant {
            true => strsim::damerau_levenshtein(code.trim_start_matches(char::is_alphabetic), number),
            false => whole,
        }
    };
    let mut near: Vec<(usize, &str)> =
        ErrorCode::KNOWN.iter().map(|code| (distance(code), code.as_str())).collect();
    near.sort_unstable();
    let nearest = near.first().map_or(usize::MAX, |(distance, _)| *distance);
    let within = |(distance, _): &&(usize, &str)| *distance <= 2 && *distance == nearest;
    near.iter().filter(within).take(5).map(|(_, code)| *code).collect()
}

#[derive(Serialize)]
struct Explained {
    code: &'static str,
    /// Who refuses.
    origin: Option<&'static str>,
    statuses: &'static [u16],
    cause: Option<&'static str>,
    cure: Option<String>,
}

impl Explained {
    fn new(code: &'static ErrorCode, message: &str) -> Self {
        Self {
            code: code.as_str(),
            origin: code.origin().map(|origin| match origin {
                ErrorOrigin::Gateway => "gateway",
                _ => "service",
            }),
            statuses: code.statuses(),
            cause: code.cause_of(message),
            cure: code.cure_of(message).map(|cure| words::of_the_command_line(cure).into_owned()),
        }
    }

    fn statuses(&self) -> Cell {
        let statuses: Vec<String> = self.statuses.iter().map(u16::to_string).collect();
        if statuses.is_empty() { Cell::Empty } else { Cell::Text(statuses.join(", ")) }
    }
}

impl Record for Explained {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        vec![
            ("Code", Cell::of(Some(self.code))),
            ("From", Cell::of(self.origin)),
            ("Status", self.statuses()),
            ("Cause", Cell::of(self.cause)),
            ("What to do", Cell::of(self.cure.as_ref())),
        ]
    }
}

impl Row for Explained {
    const COLUMNS: &'static [&'static str] = &["CODE", "STATUS", "CAUSE"];

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::of(Some(self.code)), self.statuses(), Cell::of(self.cause)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for text in ["KPS.6011", "kps.6011", "KPS6011", " kps-6011", "6011"] {
            assert_eq!(find(text).unwrap(), &ErrorCode::Kps6011, "{text}");
        }
        for text in ["APIGW.0301", "apig.0301", "apic.0301", "0301"] {
            assert_eq!(find(text).unwrap(), &ErrorCode::Apigw0301, "{text}");
        }
    }

    #[test]
    fn slips_lead_to_what_is_near() {
        for (text, near) in [
            ("KPS.611", "did you mean KPS.6011?"),
            ("KPS.6101", "did you mean KPS.6011?"),
            ("KSP.6011", "did you mean KPS.6011?"),
            ("601", "did you mean APIGW.0601 or KPS.6010 or KPS.6011?"),
            ("IAM.0007", "`kps explain --list` shows those that are"),
            ("", "\"\" is no code; `kps explain --list` shows those that are known"),
        ] {
            let told = find(text).unwrap_err().to_string();
            assert!(told.ends_with(near), "{text}: {told}");
        }
    }
}
