//! Two signers against a verifier that shares no code with them: whatever is signed here, the emulator must take as
//! signed. An input is parts between zero bytes, of which the first byte says what they are for.
#![no_main]

use std::borrow::Cow;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Uri};
use kps_core::sign::Signer;
use kps_core::{
    Credentials, DecodeError, Draft, Error, Meta, Operation, ProjectId, Replay, Secret, Verb, blocking,
};
use kps_emulator::Emulator;
use kps_fuzz::{builder, check, now, pick};
use libfuzzer_sys::fuzz_target;

static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    Signer::new(Emulator::ACCESS_KEY_ID, &Secret::new(Emulator::SECRET_ACCESS_KEY)).unwrap()
});

/// Clients for an access key, for a temporary one, and of a project that has to be escaped.
static CLIENTS: LazyLock<[blocking::Client; 3]> = LazyLock::new(|| {
    let temporary =
        Credentials::access_key("AKEMULATOR0000000002", "SKemulatorIsPublicAndOpensNothing0000002")
            .with_security_token("STemulatorIsPublicAndOpensNothing");
    [
        (Emulator::credentials(), Emulator::PROJECT_ID),
        (temporary, "0a1b"),
        (Emulator::credentials(), "0a/1%b+~*&=?"),
    ]
    .map(|(credentials, project)| {
        builder(|_| Ok(http::Response::default()))
            .credentials(credentials)
            .project_id(ProjectId::new(project).unwrap())
            .build()
            .unwrap()
    })
});

static EMULATOR: LazyLock<Emulator> = LazyLock::new(Emulator::new);

/// Whether the request is refused for its signature. None of those sent here change anything.
fn verify(request: &Request<Bytes>) {
    let answer = EMULATOR.handle(request, now());
    let told = answer.body().escape_ascii();
    assert_ne!(answer.status(), 401, "{} {} {told}", request.method(), request.uri());
}

const METHODS: [&str; 4] = ["GET", "PUT", "DELETE", "get"];

/// These decide who calls, and are no matter of the signature.
const OF_THE_CALLER: [&str; 4] = ["authorization", "x-auth-token", "x-sdk-date", "x-security-token"];

/// Parts: project, name, query, body, and a name and a value for each header. What no HTTP client would send is left
/// out.
fn signer(method: &str, parts: &[&str]) -> Option<()> {
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    let (project, name, query, body) = (part(0), part(1), part(2), part(3));
    if [project, name].iter().any(|part| part.is_empty() || part.contains(['/', '?', '#'])) {
        return None;
    }
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("http://kms.example.com/v3/{project}/keypairs/{name}{mark}{query}");
    let uri: Uri = url.parse().ok()?;
    if uri != url.as_str() || project == Emulator::PROJECT_ID {
        return None;
    }
    let mut headers = Vec::new();
    for pair in parts.get(4..).unwrap_or_default().chunks_exact(2) {
        let name: HeaderName = pair[0].parse().ok()?;
        HeaderValue::from_bytes(pair[1].trim().as_bytes()).ok()?;
        if !OF_THE_CALLER.contains(&name.as_str()) {
            headers.push((pair[0], pair[1]));
        }
    }
    let signed = match SIGNER.sign(method, &url, &headers, body.as_bytes(), now()) {
        Ok(signed) => signed,
        Err(error) => {
            check(&error);
            return None;
        }
    };
    let mut request = Request::builder().method(method.to_ascii_uppercase().as_str()).uri(uri);
    for (name, value) in signed.headers() {
        request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    let request = request.header("authorization", signed.authorization());
    verify(&request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap());
    Some(())
}

/// The names of the parameters are the program's own, so they are few.
const NAMES: [&str; 8] = ["limit", "a", "a0", "a:", "A", "é", "b c", "a=&"];

/// An operation with values of every sort in its path, its query and its body.
struct Anything<'a, const VERB: usize> {
    name: &'a str,
    body: &'a str,
    query: &'a [&'a str],
}

const VERBS: [Verb; 3] = [Verb::Get, Verb::Put, Verb::Delete];

impl<const VERB: usize> Operation for Anything<'_, VERB> {
    const META: Meta =
        Meta::new("Anything", VERBS[VERB], "/v3/{project_id}/keypairs/{keypair_name}", Replay::Never, 200);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        let draft = Draft::new().path("keypair_name", self.name).body(self.body.to_owned());
        Ok(self.query.iter().zip(NAMES.iter().cycle()).fold(draft, |draft, (value, name)| {
            let shift = value.len() % 3;
            let name = NAMES[(NAMES.iter().position(|known| known == name).unwrap() + shift) % NAMES.len()];
            draft.query(name, Cow::Owned((*value).to_owned()))
        }))
    }

    fn decode(_: &http::Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

fn client(kps: &blocking::Client, verb: usize, parts: &[&str]) {
    let (name, body) = (parts[0], parts.get(1).copied().unwrap_or_default());
    let query = parts.get(2..).unwrap_or_default();
    let prepared = match verb {
        0 => kps.prepare(Anything::<'_, 0> { name, body, query }),
        1 => kps.prepare(Anything::<'_, 1> { name, body, query }),
        _ => kps.prepare(Anything::<'_, 2> { name, body, query }),
    };
    match prepared {
        Ok(request) => verify(request.as_http()),
        Err(error) => check(&error),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = pick(data) else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    let parts: Vec<&str> = text.split('\0').collect();
    match first % 8 {
        choice @ 0..4 => drop(signer(METHODS[choice], &parts)),
        4 => client(&CLIENTS[0], 0, &parts),
        choice => client(&CLIENTS[1 + first / 8 % 2], choice - 5, &parts),
    }
});
