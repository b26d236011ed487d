use http::Method;

use super::{
    Ask, Reply, callers, clock, faults, health, index, journal, ready, servers, settings, signatures,
    snapshots, state,
};
use crate::ui;
use crate::world::World;

/// One request by which an emulator is steered.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) what: &'static str,
    /// What a body looks like, if it takes one.
    pub(super) body: &'static str,
    pub(super) answer: Answer,
}

/// What it is answered with.
pub(super) enum Answer {
    /// What is told, as JSON.
    Told(fn(&mut World, &Ask<'_>) -> Reply),
    /// A file of the page.
    File(&'static ui::File),
}

impl Route {
    const fn new(
        method: Method,
        path: &'static str,
        what: &'static str,
        tell: fn(&mut World, &Ask<'_>) -> Reply,
    ) -> Self {
        Self { method, path, what, body: "", answer: Answer::Told(tell) }
    }

    const fn file(path: &'static str, what: &'static str, file: &'static ui::File) -> Self {
        Self { method: Method::GET, path, what, body: "", answer: Answer::File(file) }
    }

    const fn with_body(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    /// What stands in the place of `{name}`, if the path is this one; empty where there is no such place.
    pub(super) fn name_in<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, after)) = self.path.split_once("{name}") else {
            return (path == self.path).then_some("");
        };
        let name = path.strip_prefix(before)?.strip_suffix(after)?;
        (!name.is_empty() && !name.contains('/')).then_some(name)
    }
}

/// In the order in which they are told.
pub(super) static ROUTES: [Route; 34] = [
    Route::new(Method::GET, "/_emulator/", "tells all of these", index),
    Route::new(Method::GET, "/_emulator/health", "tells that it answers", health),
    Route::new(Method::GET, "/_emulator/ready", "tells that all is there that it was started with", ready),
    Route::new(
        Method::GET,
        "/_emulator/state",
        "shows the clock and the key pairs, servers, tasks and failed tasks of each project, of the tasks the `latest` (100, and at most 1000), without a secret",
        state::show,
    ),
    Route::new(
        Method::PATCH,
        "/_emulator/servers/{name}",
        "starts a server or shuts it off, by its id",
        servers::switch,
    )
    .with_body(r#"{"status": "stopped"}"#),
    Route::new(
        Method::GET,
        "/_emulator/callers",
        "shows the access keys and when they end, without a secret",
        callers::list,
    ),
    Route::new(
        Method::POST,
        "/_emulator/callers/revoke",
        "revokes all that was handed out: it must be renewed",
        callers::revoke_issued,
    ),
    Route::new(
        Method::POST,
        "/_emulator/callers/{name}/revoke",
        "revokes an access key, by its id: one that was handed out must be renewed, one of the seed is not known any more",
        callers::revoke,
    ),
    Route::new(Method::POST, "/_emulator/reset", "begins anew with the seed", state::reset),
    Route::new(Method::PUT, "/_emulator/seed", "begins anew with another seed", state::replace)
        .with_body(r#"{"access_keys": [{"id": "AK", "secret": "SK"}], "projects": {"0a1b": {}}}"#),
    Route::new(Method::GET, "/_emulator/settings", "shows what it was started with", settings::show),
    Route::new(Method::PATCH, "/_emulator/settings", "changes what is given of them", settings::change)
        .with_body(r#"{"task_time": "2s", "lenient_auth": true, "quirks": "hostile"}"#),
    Route::new(Method::GET, "/_emulator/clock", "shows the clock of the tasks", clock::show),
    Route::new(Method::POST, "/_emulator/clock/freeze", "stops it where it stands", clock::freeze),
    Route::new(Method::POST, "/_emulator/clock/thaw", "lets it go on from there", clock::thaw),
    Route::new(Method::POST, "/_emulator/clock/advance", "sets it forward", clock::advance)
        .with_body(r#"{"by": "12s"}"#),
    Route::new(
        Method::POST,
        "/_emulator/clock/next",
        "sets it forward to when the next task starts to run or ends",
        clock::next,
    ),
    Route::new(Method::GET, "/_emulator/faults", "lists the faults that wait for calls", faults::list),
    Route::new(Method::POST, "/_emulator/faults", "adds to them", faults::add)
        .with_body(r#"{"faults": [{"fault": "reset_after", "on": "CreateKeypair", "when": {"nth": 1}}]}"#),
    Route::new(Method::DELETE, "/_emulator/faults", "takes all of them back", faults::clear),
    Route::new(
        Method::DELETE,
        "/_emulator/faults/{name}",
        "takes back the one of this number",
        faults::take_back,
    ),
    Route::new(Method::GET, "/_emulator/faults/injected", "lists what was really injected", faults::injected),
    Route::new(
        Method::GET,
        "/_emulator/journal",
        "lists the requests after number `since`, at most `limit`, without a secret",
        journal::list,
    ),
    Route::new(
        Method::GET,
        "/_emulator/signatures",
        "lists the requests of the journal whose signatures do not fit, and explains why",
        signatures::list,
    ),
    Route::new(Method::GET, "/_emulator/snapshots", "lists the snapshots that are kept", snapshots::list),
    Route::new(Method::PUT, "/_emulator/snapshots/{name}", "keeps a snapshot by this name", snapshots::save),
    Route::new(Method::POST, "/_emulator/snapshots/{name}/load", "goes on from it", snapshots::load),
    Route::new(Method::DELETE, "/_emulator/snapshots/{name}", "forgets it", snapshots::delete),
    Route::new(
        Method::GET,
        "/_emulator/snapshot",
        "shows all that is in it, private keys and passwords too",
        snapshots::export,
    ),
    Route::new(Method::PUT, "/_emulator/snapshot", "goes on from what was shown there", snapshots::import)
        .with_body("what GET /_emulator/snapshot shows"),
    Route::file("/_emulator/ui", "is the page for people", &ui::PAGE),
    Route::file("/_emulator/ui/page.css", "is its style", &ui::STYLE),
    Route::file("/_emulator/ui/page.js", "is its script", &ui::SCRIPT),
    Route::file("/_emulator/ui/icon.svg", "is its icon", &ui::ICON),
];
