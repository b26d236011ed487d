//! The life of a key pair, with the blocking client: made, bound to a server (with a failure on the way), replaced,
//! taken off, exported, and deleted.
//!
//! `cargo run --example keypair_life`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use std::time::Duration;

use kps_emulator::Emulator;
use kps_ureq::{
    AssociateKeypair, Client, CreateKeypair, DeleteFailedTask, DeleteKeypair, Description,
    DisassociateKeypair, Encryption, ExportPrivateKey, KeypairName, ListFailedTask, ListKeypairTask, Login,
    Server, TaskReceipt, UpdateKeypairDescription,
};

fn main() -> Result<(), embedded::Failure> {
    let (emulator, _server, builder) = embedded::start(kps_ureq::builder())?;
    let kps = builder.build()?;
    let servers = emulator.servers(&Emulator::project_id());
    let server = servers.first().ok_or("no server")?.id.clone();

    let (deploy, next) = (KeypairName::new("deploy")?, KeypairName::new("deploy-next")?);
    let key = kps.send(CreateKeypair::new_hosted(deploy.clone(), Encryption::Default))?.keypair.private_key;
    let key = key.ok_or("no private key")?;
    kps.send(UpdateKeypairDescription::new(deploy.clone(), Description::new("for deployments")?))?;

    for password in ["guessed", "Emulator-Only-1"] {
        let login = Login::password(password);
        let bind = AssociateKeypair::new(deploy.clone(), Server::running(server.clone(), login));
        end(&kps, &emulator, &kps.send(bind)?)?;
    }

    let next_key = kps.send(CreateKeypair::new(next.clone()))?.keypair.private_key.ok_or("no private key")?;
    let carried = Server::running(server.clone(), Login::private_key(key));
    end(&kps, &emulator, &kps.send(AssociateKeypair::new(next.clone(), carried))?)?;
    let carried = Server::running(server, Login::private_key(next_key));
    end(&kps, &emulator, &kps.send(DisassociateKeypair::new(carried))?)?;

    let exported = kps.send(ExportPrivateKey::new(deploy.clone()))?.keypair.private_key;
    println!("exported {} characters", exported.expose().len());
    for name in [deploy, next] {
        kps.send(DeleteKeypair::new(name))?;
    }
    Ok(())
}

/// Lets the emulator's time pass, and tells how a task ended.
fn end(kps: &Client, emulator: &Emulator, receipt: &TaskReceipt) -> Result<(), embedded::Failure> {
    let task = receipt.accepted()?;
    emulator.advance(Duration::from_secs(12));
    let status = kps.send(ListKeypairTask::new(task.clone()))?.task_status.ok_or("no status")?;
    println!("{status}");

    // The task does not tell why it failed; its record does.
    for failed in kps.items(ListFailedTask::new()) {
        let failed = failed?;
        if failed.task_id == *task {
            println!("  {}", failed.task_error_msg.as_deref().unwrap_or("-"));
            kps.send(DeleteFailedTask::new(failed.task_id))?;
        }
    }
    Ok(())
}
