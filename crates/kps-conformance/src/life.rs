//! All operations, in the order in which somebody would need them.

use kps_core::{
    AssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, ClearPrivateKey, CreateKeypair,
    DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, Description, DisassociateKeypair, Encryption,
    ExportPrivateKey, ImportPrivateKey, ListFailedTask, ListKeypairDetail, ListKeypairs, ListRunningTask,
    Login, Server, UpdateKeypairDescription,
};

use crate::stage::{LAPTOP, name, public, refusal};
use crate::{Stage, Subject, password, server};

/// It is created, described, bound, replaced, unbound, exported, cleared, imported and deleted, with failures and
/// their records on the way.
pub fn the_whole_life_of_a_key_pair<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("life");
    let kps = &project.kps;

    let created = kps.send(CreateKeypair::new_hosted(name("deploy"), Encryption::Default)).unwrap().keypair;
    let key = created.private_key.unwrap();
    let description = Description::new("for deployments").unwrap();
    kps.send(UpdateKeypairDescription::new(name("deploy"), description)).unwrap();
    let detail = kps.send(ListKeypairDetail::new(name("deploy"))).unwrap().keypair;
    assert_eq!(detail.description.as_deref(), Some("for deployments"));
    assert_eq!(detail.fingerprint, created.fingerprint);

    let by = |login| Server::running(server(1), login);
    let wrong = AssociateKeypair::new(name("deploy"), by(Login::password("guessed")));
    assert_eq!(project.end_of(kps.send(wrong)), "FAILED_BIND");
    let failed = kps.items(ListFailedTask::new()).pop().unwrap().unwrap();
    assert!(failed.task_error_msg.unwrap().contains("password is wrong"));
    assert_eq!(failed.keypair_name.as_deref(), Some("deploy"));
    kps.send(DeleteFailedTask::new(failed.task_id)).unwrap();
    assert!(kps.items(ListFailedTask::new()).is_empty());

    let right = AssociateKeypair::new(name("deploy"), by(Login::password(password(1))));
    let receipt = kps.send(right).unwrap();
    let running = kps.items(ListRunningTask::new()).pop().unwrap().unwrap();
    assert_eq!(Some(&running.task_id), receipt.task_id.as_ref());
    project.end_tasks();
    assert_eq!(project.status(receipt.accepted().unwrap()), "SUCCESS_BIND");

    let (_, next_key) = project.made("next");
    let replace = AssociateKeypair::new(name("next"), by(Login::private_key(key.clone())));
    assert_eq!(project.end_of(kps.send(replace)), project.told("SUCCESS_REPLACE"));
    let stale = DisassociateKeypair::new(by(Login::private_key(key.clone())));
    assert_eq!(project.end_of(kps.send(stale)), "FAILED_UNBIND");
    let unbind = DisassociateKeypair::new(by(Login::private_key(next_key)));
    assert_eq!(project.end_of(kps.send(unbind)), "SUCCESS_UNBIND");
    assert_eq!(project.server(&server(1)).keypair_name, None);
    assert_eq!(kps.send(ListFailedTask::new()).unwrap().total, Some(1));
    kps.send(DeleteAllFailedTask::new()).unwrap();
    assert_eq!(kps.send(ListFailedTask::new()).unwrap().total, Some(0));

    let exported = kps.send(ExportPrivateKey::new(name("deploy"))).unwrap().keypair.private_key;
    assert_eq!(exported.expose(), key.expose());
    kps.send(ClearPrivateKey::new(name("deploy"))).unwrap();
    assert_eq!(refusal(kps.send(ExportPrivateKey::new(name("deploy")))), (400, "KPS.6005".into()));
    kps.send(ImportPrivateKey::new(name("deploy"), exported, Encryption::Default)).unwrap();
    let archive = kps.send(BatchExportPrivateKey::new([name("deploy")]).unwrap()).unwrap();
    assert_eq!(archive.keys().unwrap()[0].private_key.expose(), key.expose());

    let batch = BatchImportKeypair::new([CreateKeypair::import(name("laptop"), public(LAPTOP))]).unwrap();
    assert!(kps.send(batch).unwrap().failed_keypairs.is_empty());
    for keypair in kps.items(ListKeypairs::new()) {
        kps.send(DeleteKeypair::new(keypair.unwrap().name)).unwrap();
    }
    assert!(kps.items(ListKeypairs::new()).is_empty());
}
