//! The calls of `official.py`, step by step, through our client.

use base64ct::{Base64, Encoding as _};
use kps_ureq::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer,
    ClearPrivateKey, Client, CreateKeypair, Credentials, DecodeError, DeleteAllFailedTask, DeleteFailedTask,
    DeleteKeypair, Description, DisassociateKeypair, Draft, Encryption, Error, ExportPrivateKey,
    ImportPrivateKey, KeypairName, KeypairType, Limit, ListFailedTask, ListKeypairDetail, ListKeypairTask,
    ListKeypairs, ListRunningTask, Login, Meta, Offset, Operation, PrivateKey, ProjectId, PublicKey, Replay,
    Scope, Server, ServerId, TaskId, ToJson, UpdateKeypairDescription, Verb, to_json,
};
use serde_json::Value;

use crate::Seen;
use crate::support::Program;

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

struct Script<'a> {
    program: &'a Program,
    kps: Client,
    seen: Vec<Seen>,
}

impl Script<'_> {
    fn step<O>(&mut self, step: &str, operation: O) -> Option<O::Output>
    where
        O: Operation,
        O::Output: ToJson,
    {
        let outcome = self.kps.send(operation);
        self.note(step, &outcome, |output| serde_json::from_slice(&to_json(output).unwrap()).unwrap());
        outcome.ok()
    }

    fn note<T>(&mut self, step: &str, outcome: &Result<T, Error>, read: impl Fn(&T) -> Value) {
        let mut seen = Seen { step: step.to_owned(), ..Seen::default() };
        match outcome {
            Ok(output) => seen.read = read(output),
            Err(error) => {
                seen.code = error.code().map(str::to_owned);
                seen.message = error.message().map(str::to_owned);
                seen.id = error.request_id().map(str::to_owned);
                assert!(error.status().is_some(), "{step}: {error}");
            }
        }
        self.seen.push(seen);
    }

    /// As by another client.
    fn step_as(&mut self, kps: Client, step: &str) {
        let own = std::mem::replace(&mut self.kps, kps);
        self.step(step, ListKeypairs::new());
        self.kps = own;
    }

    fn advance(&self, time: &str) {
        self.program.steer("POST", "/clock/advance", &format!(r#"{{"by":"{time}"}}"#));
    }

    fn server(&self, at: usize) -> (ServerId, &str) {
        let server = &self.program.greeting["servers"][at];
        (ServerId::new(server["id"].as_str().unwrap()).unwrap(), server["password"].as_str().unwrap())
    }

    fn bind(&self, keypair: &str, at: usize) -> AssociateKeypair {
        let (id, password) = self.server(at);
        AssociateKeypair::new(name(keypair), Server::running(id, Login::password(password)))
    }
}

/// Limits that no request of the client's own can hold.
struct NoKeypairs;
struct NoTasks;

impl Operation for NoKeypairs {
    const META: Meta = Meta::new("ListKeypairs", Verb::Get, "/v3/{project_id}/keypairs", Replay::Safe, 200);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().query("limit", "0"))
    }

    fn decode(_: &http::Response<bytes::Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Operation for NoTasks {
    const META: Meta =
        Meta::new("ListFailedTask", Verb::Get, "/v3/{project_id}/failed-tasks", Replay::Safe, 200);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().query("limit", "0"))
    }

    fn decode(_: &http::Response<bytes::Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

fn name(name: &str) -> KeypairName {
    KeypairName::new(name).unwrap()
}

pub(crate) fn run(program: &Program) -> Vec<Seen> {
    let mut script = Script { program, kps: program.client(), seen: Vec::new() };
    let (made, hosted, public_keys) = key_pairs(&mut script);
    private_keys(&mut script, &made, &hosted, &public_keys);
    tasks(&mut script);
    bindings(&mut script, made, hosted);
    ends(&mut script);
    strangers(&mut script);
    script.seen
}

fn key_pairs(script: &mut Script<'_>) -> (PrivateKey, PrivateKey, [PublicKey; 2]) {
    let first = CreateKeypair::new(name("deploy")).with_type(KeypairType::Ssh).with_scope(Scope::User);
    let made = script.step("make one", first).unwrap().keypair;
    script.step("the name is taken", CreateKeypair::new(name("deploy")));
    let hosted = CreateKeypair::new_hosted(name("hosted"), Encryption::Default);
    let hosted = script.step("make one and host it", hosted).unwrap().keypair;
    let public_keys = [made.public_key.unwrap(), hosted.public_key.unwrap()];
    script.step("import one", CreateKeypair::import(name("imported"), public_keys[0].clone()));
    let broken = PublicKey::new("ssh-rsa AAAA").unwrap();
    script.step("a key that is none", CreateKeypair::import(name("broken"), broken));

    let page = script.step("list some", ListKeypairs::new().with_limit(Limit::new(2).unwrap())).unwrap();
    let rest =
        ListKeypairs::new().with_limit(Limit::new(9).unwrap()).with_marker(page.next_marker().unwrap());
    script.step("list the rest", rest);
    script.step("a limit that is none", NoKeypairs);
    script.step("show one", ListKeypairDetail::new(name("deploy")));
    script.step("show one that is not there", ListKeypairDetail::new(name("absent")));
    let description = Description::new("für Zürich ✓").unwrap();
    script.step("describe it", UpdateKeypairDescription::new(name("deploy"), description));
    script.step("show it described", ListKeypairDetail::new(name("deploy")));
    (made.private_key.unwrap(), hosted.private_key.unwrap(), public_keys)
}

fn private_keys(script: &mut Script<'_>, made: &PrivateKey, hosted: &PrivateKey, public: &[PublicKey; 2]) {
    script.step("export a private key", ExportPrivateKey::new(name("hosted")));
    let cleared = script.kps.send(ClearPrivateKey::new(name("hosted")));
    script.note("clear it", &cleared, |_| Value::Null);
    script.step("export one that is not there", ExportPrivateKey::new(name("hosted")));
    let cleared = script.kps.send(ClearPrivateKey::new(name("hosted")));
    script.note("clear one that is not there", &cleared, |_| Value::Null);
    let import = |keypair| ImportPrivateKey::new(name(keypair), hosted.clone(), Encryption::Default);
    script.step("import it", import("hosted"));
    script.step("import another's", import("deploy"));
    let batch = BatchImportKeypair::new([
        CreateKeypair::import_hosted(name("batch-1"), public[0].clone(), made.clone(), Encryption::Default),
        CreateKeypair::import(name("batch-2"), public[1].clone()),
        CreateKeypair::import(name("deploy"), public[0].clone()),
    ]);
    script.step("import several", batch.unwrap());
    let export = BatchExportPrivateKey::new([name("hosted"), name("batch-1")]).unwrap();
    let archive = script.kps.send(export);
    script.note("export several", &archive, |archive| Base64::encode_string(archive.as_bytes()).into());
}

fn tasks(script: &mut Script<'_>) {
    let bind = script.bind("deploy", 0);
    let bound = script.step("bind", bind).unwrap().accepted().unwrap().clone();
    script.step("it waits", ListRunningTask::new());
    script.advance("2s");
    let paged = ListRunningTask::new().with_limit(Limit::new(10).unwrap()).with_offset(Offset::START);
    script.step("it runs", paged);
    script.advance("10s");
    script.step("it has ended", ListKeypairTask::new(bound));
    script.step("nothing is under way", ListRunningTask::new().with_limit(Limit::new(1).unwrap()));
    let guessed = Server::running(script.server(1).0, Login::password("guessed"));
    let failed = script.step("bind with a wrong password", AssociateKeypair::new(name("deploy"), guessed));
    let failed = failed.unwrap().accepted().unwrap().clone();
    script.advance("12s");
    script.step("it has failed", ListKeypairTask::new(failed.clone()));
    let last = ListFailedTask::new().with_limit(Limit::new(1).unwrap()).with_offset(Offset::new(43).unwrap());
    script.step("the reason", last);
    script.step("a limit of tasks that is none", NoTasks);
    script.step("forget it", DeleteFailedTask::new(failed.clone()));
    script.step("it is forgotten already", DeleteFailedTask::new(failed));
    script.step("a task that is not there", ListKeypairTask::new(TaskId::new(NOWHERE).unwrap()));
    script.step("an id that is none", ListKeypairTask::new(TaskId::new("a").unwrap()));
}

fn bindings(script: &mut Script<'_>, made: PrivateKey, hosted: PrivateKey) {
    let (first, password) = script.server(0);
    let elsewhere = Server::running(ServerId::new(NOWHERE).unwrap(), Login::password(password));
    script.step("a server that is not there", AssociateKeypair::new(name("deploy"), elsewhere));
    let absent = script.bind("absent", 1);
    script.step("bind one that is not there", absent);
    let several = [1, 3, 5].map(|at| {
        let (id, password) = script.server(at);
        BatchServer::new(id, password)
    });
    script.step("bind several", BatchAssociateKeypair::new(name("hosted"), several).unwrap());
    let carried = Server::running(first.clone(), Login::private_key(made));
    script.step("replace", AssociateKeypair::new(name("hosted"), carried));
    script.advance("12s");
    let carried = Server::running(first, Login::private_key(hosted));
    let freed = script.step("take it off", DisassociateKeypair::new(carried)).unwrap();
    script.advance("12s");
    script.step("it is off", ListKeypairTask::new(freed.accepted().unwrap().clone()));
}

fn ends(script: &mut Script<'_>) {
    script.step("forget all failures", DeleteAllFailedTask::new());
    script.step("there are none", ListFailedTask::new());
    script.step("delete", DeleteKeypair::new(name("imported")));
    script.step("it is deleted already", DeleteKeypair::new(name("imported")));
}

fn strangers(script: &mut Script<'_>) {
    let program = script.program;
    let (key, secret) = (program.text("access_key"), program.text("secret_key"));
    for (step, key, secret) in
        [("a secret that is wrong", key, "SKwrong"), ("a caller that is unknown", "AKNOBODY", secret)]
    {
        script.step_as(program.client_with(Credentials::access_key(key, secret)), step);
    }
    let elsewhere = ProjectId::new("f".repeat(32)).unwrap();
    let kps = program.builder(Credentials::access_key(key, secret)).project_id(elsewhere).build().unwrap();
    script.step_as(kps, "a project that is another's");
}
