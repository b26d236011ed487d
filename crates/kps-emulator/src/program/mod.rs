//! The program `kps-emulator`, for others that have it as a command: an emulator behind HTTP until it is told to stop.
//!
//! ```no_run
//! use clap::Parser;
//! use kps_emulator::program;
//!
//! #[derive(Parser)]
//! struct Cli {
//!     #[command(flatten)]
//!     emulator: program::Args,
//! }
//!
//! program::run(&Cli::parse().emulator)?;
//! # Ok::<(), program::Stop>(())
//! ```

mod args;
mod end;
mod log;
mod store;

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;

pub use args::Args;

use crate::program::store::Store;
use crate::{Builder, Emulator, FaultRule, Seed};

/// Why the program stopped; its `Display` says it in a line.
///
/// ```
/// use std::process::ExitCode;
/// use kps_emulator::program::Stop;
///
/// fn ended(outcome: Result<(), Stop>) -> ExitCode {
///     match outcome {
///         Ok(()) => ExitCode::SUCCESS,
///         Err(stop) => {
///             eprintln!("{stop}");
///             ExitCode::from(stop.code())
///         }
///     }
/// }
/// assert_eq!(ended(Ok(())), ExitCode::SUCCESS);
/// ```
#[derive(Debug)]
pub struct Stop {
    code: u8,
    reason: String,
}

impl Stop {
    /// The exit code: 2 if it was called wrongly, else 1.
    pub const fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Stop {}

/// What was called for cannot be done.
fn wrong(reason: impl fmt::Display) -> Stop {
    Stop { code: 2, reason: reason.to_string() }
}

/// What was called for went wrong.
fn failed(what: &str, reason: impl fmt::Display) -> Stop {
    Stop { code: 1, reason: format!("{what}: {reason}") }
}

/// Begins the log, prints the line with the endpoint when the emulator accepts connections, and waits for the signal to
/// stop.
///
/// ```
/// use clap::Parser;
/// use kps_emulator::program;
///
/// #[derive(Parser)]
/// struct Cli {
///     #[command(flatten)]
///     emulator: program::Args,
/// }
///
/// let cli = Cli::parse_from(["kps-emulator", "--seed", "no-such-file.json"]);
/// let stop = program::run(&cli.emulator).unwrap_err();
/// assert_eq!(stop.code(), 2);
/// assert!(stop.to_string().contains("no-such-file.json"));
/// ```
///
/// # Errors
///
/// [`Stop`] says what keeps it from running, or from saving what was in it.
pub fn run(args: &Args) -> Result<(), Stop> {
    log::start(args.log);
    let builder = builder(args)?;
    let store = args.persist.as_deref().map(Store::open).transpose().map_err(wrong)?;
    let saved = store.as_ref().map(Store::load).transpose().map_err(wrong)?.flatten();
    let builder = saved.into_iter().fold(builder, Builder::snapshot);
    // From here on no signal is missed.
    let end = end::Watch::new().map_err(|error| failed("signals cannot be waited for", error))?;
    let server = builder.start().map_err(|error| wrong(not_listening(args.listen, &error)))?;

    let greeted = writeln!(io::stdout(), "{}", server.handshake()).and_then(|()| io::stdout().flush());
    greeted.map_err(|error| failed("the line with the endpoint cannot be written", error))?;
    tracing::info!(endpoint = server.endpoint(), "listening");
    let reason = end.wait();
    tracing::info!(reason, "stopping");

    let emulator = server.emulator().clone();
    drop(server);
    let saved = store.map(|store| store.save(&emulator.snapshot()));
    saved.transpose().map(|_| ()).map_err(|error| failed("what was in it is lost", error))
}

fn builder(args: &Args) -> Result<Builder, Stop> {
    let mut builder = Emulator::builder()
        .listen(args.listen)
        .control(!args.no_control)
        .lenient_auth(args.lenient_auth)
        .quirks(args.quirks.into());
    if let Some(path) = &args.seed {
        builder = builder.seed(Seed::from_file(path).map_err(wrong)?);
    }
    if let Some(path) = &args.faults {
        builder = builder.faults(FaultRule::list_from_file(path).map_err(wrong)?);
    }
    if let Some(time) = args.task_time {
        builder = builder.task_time(time);
    }
    #[cfg(feature = "fresh-keys")]
    if args.fresh_keys {
        builder = builder.keys(crate::Fresh);
    }
    Ok(builder)
}

fn not_listening(address: SocketAddr, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::AddrInUse {
        let port = address.port();
        return format!(
            "port {port} of {} is in use: pick another with --listen, or 0 for a free one",
            address.ip()
        );
    }
    format!("it cannot listen on {address}: {error}")
}
