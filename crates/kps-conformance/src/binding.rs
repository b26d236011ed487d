//! The operations that put key pairs on servers and take them off.

use kps_core::{
    Action, AssociateKeypair, BatchAssociateKeypair, BatchServer, CreatedKeypair, DeleteKeypair,
    DisassociateKeypair, Error, FailedTask, Fingerprint, ListFailedTask, Login, OperateType, Phase, Port,
    PrivateKey, Server, ServerId, TaskId, TaskReceipt,
};

use crate::stage::{LAPTOP, Project, name, refusal};
use crate::{Stage, Subject, password, server};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    the_server_and_the_login_decide_what_is_done(stage);
    a_task_that_fails_leaves_a_record_with_the_reason(stage);
    servers_are_bound_in_a_batch_one_by_one(stage);
    what_is_not_accepted_comes_with_a_status_of_success(stage);
}

fn by_password(number: u32) -> Server {
    Server::running(server(number), Login::password(password(number))).into()
}

fn by_key(number: u32, key: &PrivateKey) -> Server {
    Server::running(server(number), Login::private_key(key.clone())).into()
}

fn sha256(keypair: &CreatedKeypair) -> String {
    Fingerprint::sha256(keypair.public_key.as_ref().unwrap()).unwrap().to_string()
}

fn action(record: &FailedTask) -> Option<Action> {
    record.operate_type.as_ref().unwrap().action()
}

fn carried<S: Subject>(project: &Project<'_, S>, number: u32) -> Option<String> {
    project.server(&server(number)).keypair_name.map(|name| name.to_string())
}

/// Bind, replace, reset and unbind, on servers that run and servers that are shut off.
pub fn the_server_and_the_login_decide_what_is_done<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("binding-table");
    let kps = &project.kps;
    let (old, old_key) = project.made("old");
    let (new, new_key) = project.made("new");
    let associate = |named: &str, server| kps.send(AssociateKeypair::new(name(named), server));
    let disassociate = |server| kps.send(DisassociateKeypair::new(server));

    assert_eq!(project.end_of(associate("old", by_password(1))), "SUCCESS_BIND");
    let state = project.server(&server(1));
    assert_eq!(state.fingerprint.unwrap(), sha256(&old));
    let replaced = project.end_of(associate("new", by_key(1, &old_key)));
    assert_eq!(replaced, project.told("SUCCESS_REPLACE"));
    let state = project.server(&server(1));
    assert_eq!(state.fingerprint.unwrap(), sha256(&new));
    assert_eq!(project.end_of(disassociate(by_key(1, &new_key))), "SUCCESS_UNBIND");
    assert_eq!(carried(&project, 1), None);

    assert_eq!(project.end_of(associate("old", Server::stopped(server(7)))), "SUCCESS_BIND");
    assert_eq!(project.end_of(associate("new", Server::stopped(server(7)))), "SUCCESS_RESET");
    assert_eq!(carried(&project, 7).as_deref(), Some("new"));
    assert_eq!(project.end_of(disassociate(Server::stopped(server(7)))), "SUCCESS_UNBIND");

    let login = Login::password(password(6));
    let other_port = Server::running(server(6), login).with_port(Port::new(2222).unwrap());
    let bind = AssociateKeypair::new(name("old"), other_port).with_disable_password(true);
    assert_eq!(project.end_of(kps.send(bind)), "SUCCESS_BIND");
    assert!(!project.server(&server(6)).takes_passwords);
    kps.send(DeleteKeypair::new(name("old"))).unwrap();
    assert_eq!(carried(&project, 6).as_deref(), Some("old"), "a server keeps what it carries");
    let other_port =
        Server::running(server(6), Login::private_key(old_key)).with_port(Port::new(2222).unwrap());
    assert_eq!(project.end_of(disassociate(other_port.into())), "SUCCESS_UNBIND");
    assert!(project.server(&server(6)).takes_passwords);

    let bind = AssociateKeypair::new(name("new"), by_password(2)).with_disable_password(false);
    assert_eq!(project.end_of(kps.send(bind)), "SUCCESS_BIND");
    assert!(project.server(&server(2)).takes_passwords);
    assert!(kps.items(ListFailedTask::new()).is_empty());
}

/// A task that failed, and what its record is to say of it.
struct Expected {
    task_id: TaskId,
    status: &'static str,
    server: ServerId,
    reason: &'static str,
}

fn expected(
    receipt: &Result<TaskReceipt, Error>,
    status: &'static str,
    number: u32,
    reason: &'static str,
) -> Expected {
    let task_id = receipt.as_ref().unwrap().task_id.clone().unwrap();
    Expected { task_id, status, server: server(number), reason }
}

/// And the server as it was.
pub fn a_task_that_fails_leaves_a_record_with_the_reason<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("binding-failures");
    let (_, old_key) = project.made("old");
    let (_, other_key) = project.made("other");
    project.made("gone");
    for number in [1, 2] {
        let bind = AssociateKeypair::new(name("old"), by_password(number));
        assert_eq!(project.end_of(project.kps.send(bind)), "SUCCESS_BIND");
    }

    let mut failed = failed_logins(&project, &old_key, &other_key);
    failed.extend(failed_meanwhile(&project));
    assert_recorded(&project, &failed);
    for number in [1, 2] {
        assert_eq!(carried(&project, number).as_deref(), Some("old"));
    }
    for number in 3..=9 {
        assert_eq!(carried(&project, number), None);
    }
}

/// Of what does not fit the server.
fn failed_logins<S: Subject>(
    project: &Project<'_, S>,
    old_key: &PrivateKey,
    other_key: &PrivateKey,
) -> Vec<Expected> {
    let associate = |server| project.kps.send(AssociateKeypair::new(name("other"), server));
    let disassociate = |server| project.kps.send(DisassociateKeypair::new(server));
    let wrong = Server::running(server(3), Login::password("hunter2"));
    let wrong_port =
        Server::running(server(3), Login::password(password(3))).with_port(Port::new(23).unwrap());
    let laptop = PrivateKey::new(format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU{LAPTOP}"
    ));
    [
        (associate(wrong.into()), "FAILED_BIND", 3, "the password is wrong"),
        (associate(wrong_port.into()), "FAILED_BIND", 3, "nothing listens on the SSH port"),
        (associate(by_password(6)), "FAILED_BIND", 6, "nothing listens on the SSH port"),
        (associate(by_key(3, old_key)), "FAILED_BIND", 3, "it carries no key pair"),
        (associate(by_key(1, other_key)), "FAILED_REPLACE", 1, "the private key is wrong"),
        (associate(by_key(1, &laptop.unwrap())), "FAILED_REPLACE", 1, "the private key is wrong"),
        (associate(by_password(1)), "FAILED_REPLACE", 1, "whose private key is needed"),
        (associate(Server::stopped(server(1))), "FAILED_REPLACE", 1, "A running server needs auth"),
        (associate(by_password(7)), "FAILED_BIND", 7, "auth must not be set"),
        (associate(by_password(9)), "FAILED_BIND", 9, "authorized_keys was changed"),
        (disassociate(by_password(9)), "FAILED_UNBIND", 9, "authorized_keys was changed"),
        (disassociate(by_key(1, other_key)), "FAILED_UNBIND", 1, "private key is wrong"),
        (disassociate(Server::stopped(server(8))), "FAILED_UNBIND", 8, "carries no key pair"),
    ]
    .into_iter()
    .map(|(receipt, status, number, reason)| {
        let expected = expected(&receipt, status, number, reason);
        assert_eq!(project.end_of(receipt), project.told(status), "{reason}");
        expected
    })
    .collect()
}

/// Of what happens between acceptance and end.
fn failed_meanwhile<S: Subject>(project: &Project<'_, S>) -> [Expected; 2] {
    let kps = &project.kps;
    let associate = |named: &str, server| kps.send(AssociateKeypair::new(name(named), server));
    let receipt = associate("gone", by_password(4));
    kps.send(DeleteKeypair::new(name("gone"))).unwrap();
    let gone = expected(&receipt, "FAILED_BIND", 4, "is not exist");
    assert_eq!(project.end_of(receipt), "FAILED_BIND");

    let receipt = associate("other", by_password(5));
    project.set_running(&server(5), false);
    project.set_running(&server(5), true);
    let switched = expected(&receipt, "FAILED_BIND", 5, "started or stopped");
    assert_eq!(project.end_of(receipt), "FAILED_BIND");
    [gone, switched]
}

fn assert_recorded<S: Subject>(project: &Project<'_, S>, failed: &[Expected]) {
    let records: Vec<FailedTask> =
        project.kps.items(ListFailedTask::new()).into_iter().map(|task| task.unwrap()).collect();
    assert_eq!(records.len(), failed.len());
    let unbind = records
        .iter()
        .find(|record| record.server_id == Some(server(1)) && action(record) == Some(Action::Unbind));
    assert_eq!(unbind.unwrap().keypair_name.as_deref(), Some("old"), "what was to be taken off");
    for (record, Expected { task_id, status, server, reason }) in records.iter().zip(failed) {
        assert_eq!((&record.task_id, record.server_id.as_ref()), (task_id, Some(server)));
        // The list has been seen to tell of a failed task as of a running one.
        assert_eq!(action(record), OperateType::from(*status).action());
        assert!(record.task_error_msg.as_deref().unwrap().contains(reason), "{record:?}");
        assert_eq!(record.server_name.as_deref(), Some(&*server.as_str().replace("server", "name")));
        assert!(record.task_time.as_ref().unwrap().millis().unwrap() > 1_500_000_000_000);
    }
}

/// Those that run and carry no key pair.
pub fn servers_are_bound_in_a_batch_one_by_one<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("binding-batch");
    let kps = &project.kps;
    project.made("all");
    let bind = AssociateKeypair::new(name("all"), by_password(1));
    assert_eq!(project.end_of(kps.send(bind)), "SUCCESS_BIND");

    let item = |number| BatchServer::new(server(number), password(number));
    let absent = ServerId::new("absent").unwrap();
    let servers = [
        item(2),
        item(3).with_disable_password(true),
        item(6).with_port(Port::new(2222).unwrap()),
        BatchServer::new(server(4), "hunter2"),
        item(1),
        item(7),
        BatchServer::new(absent.clone(), "p"),
    ];
    let answer = kps.send(BatchAssociateKeypair::new(name("all"), servers).unwrap()).unwrap();
    assert_eq!(answer.tasks.len(), 7);
    project.end_tasks();
    for (number, status) in
        [(2, "SUCCESS_BIND"), (3, "SUCCESS_BIND"), (6, "SUCCESS_BIND"), (4, "FAILED_BIND")]
    {
        let receipt = answer.of(&server(number)).unwrap();
        assert_eq!(project.status(receipt.accepted().unwrap()), status, "{number}");
    }
    for refused in [server(1), server(7), absent] {
        let error = answer.of(&refused).unwrap().accepted().unwrap_err();
        assert_eq!((error.server_id, error.code.as_deref()), (Some(refused), Some("KPS.0002")));
    }
    assert!(!project.server(&server(3)).takes_passwords);

    let other = stage.project("binding-ten");
    other.made("all");
    let ten = BatchAssociateKeypair::new(
        name("all"),
        (1..=10).map(|number| BatchServer::new(server(number), password(number))),
    );
    assert_eq!(other.kps.send(ten.unwrap()).unwrap().tasks.len(), 10);

    let absent = BatchAssociateKeypair::new(name("absent"), [item(4), item(5)]).unwrap();
    for receipt in kps.send(absent).unwrap().tasks {
        assert_eq!(receipt.accepted().unwrap_err().code.as_deref(), Some("KPS.4016"));
    }
}

/// Of a server that is not there; a key pair that is not there refuses the call.
pub fn what_is_not_accepted_comes_with_a_status_of_success<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("binding-refused");
    let kps = &project.kps;
    project.made("a");
    let absent = || Server::stopped(ServerId::new("absent").unwrap());
    for receipt in [
        kps.send(AssociateKeypair::new(name("a"), absent())).unwrap(),
        kps.send(DisassociateKeypair::new(absent())).unwrap(),
    ] {
        let TaskReceipt { task_id, status, .. } = &receipt;
        assert_eq!((task_id, status.as_ref().unwrap().is_failed()), (&None, true));
        assert_eq!(receipt.accepted().unwrap_err().code.as_deref(), Some("KPS.0002"));
    }
    let absent = AssociateKeypair::new(name("absent"), by_password(1));
    assert_eq!(refusal(kps.send(absent)), stage.no_keypair());

    let receipt = kps.send(AssociateKeypair::new(name("a"), by_password(1))).unwrap();
    let task = kps.send(kps_core::ListKeypairTask::new(receipt.accepted().unwrap().clone())).unwrap();
    let status = task.task_status.unwrap();
    assert_eq!((status.phase(), status.action()), (Some(Phase::Ready), Some(Action::Bind)));
    // A receipt may tell the task alone.
    assert!(receipt.server_id.is_none_or(|id| Some(id) == task.server_id));
}
