//! The life of a key pair, with the async client: made, bound to a server (with a failure on the way), replaced,
//! taken off, exported, and deleted.
//!
//! `cargo run --example keypair_life_async`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use std::time::Duration;

use kps_emulator::Emulator;
use kps_reqwest::{
    AssociateKeypair, Client, CreateKeypair, DeleteFailedTask, DeleteKeypair, Description,
    DisassociateKeypair, Encryption, ExportPrivateKey, KeypairName, ListFailedTask, ListKeypairTask, Login,
    Server, TaskReceipt, UpdateKeypairDescription,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), embedded::Failure> {
    let (emulator, _server, builder) = embedded::start(kps_reqwest::builder())?;
    let kps = builder.build()?;
    let servers = emulator.servers(&Emulator::project_id());
    let server = servers.first().ok_or("no server")?.id.clone();

    let (deploy, next) = (KeypairName::new("deploy")?, KeypairName::new("deploy-next")?);
    let key =
        kps.send(CreateKeypair::new_hosted(deploy.clone(), Encryption::Default)).await?.keypair.private_key;
    let key = key.ok_or("no private key")?;
    kps.send(UpdateKeypairDescription::new(deploy.clone(), Description::new("for deployments")?)).await?;

    for password in ["guessed", "Emulator-Only-1"] {
        let login = Login::password(password);
        let bind = AssociateKeypair::new(deploy.clone(), Server::running(server.clone(), login));
        end(&kps, &emulator, &kps.send(bind).await?).await?;
    }

    let next_key =
        kps.send(CreateKeypair::new(next.clone())).await?.keypair.private_key.ok_or("no private key")?;
    let carried = Server::running(server.clone(), Login::private_key(key));
    end(&kps, &emulator, &kps.send(AssociateKeypair::new(next.clone(), carried)).await?).await?;
    let carried = Server::running(server, Login::private_key(next_key));
    end(&kps, &emulator, &kps.send(DisassociateKeypair::new(carried)).await?).await?;

    let exported = kps.send(ExportPrivateKey::new(deploy.clone())).await?.keypair.private_key;
    println!("exported {} characters", exported.expose().len());
    for name in [deploy, next] {
        kps.send(DeleteKeypair::new(name)).await?;
    }
    Ok(())
}

/// Lets the emulator's time pass, and tells how a task ended.
async fn end(kps: &Client, emulator: &Emulator, receipt: &TaskReceipt) -> Result<(), embedded::Failure> {
    let task = receipt.accepted()?;
    emulator.advance(Duration::from_secs(12));
    let status = kps.send(ListKeypairTask::new(task.clone())).await?.task_status.ok_or("no status")?;
    println!("{status}");

    // The task does not tell why it failed; its record does.
    let mut records = kps.items(ListFailedTask::new());
    while let Some(failed) = records.next().await {
        let failed = failed?;
        if failed.task_id == *task {
            println!("  {}", failed.task_error_msg.as_deref().unwrap_or("-"));
            kps.send(DeleteFailedTask::new(failed.task_id)).await?;
        }
    }
    Ok(())
}
