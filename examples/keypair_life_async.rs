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
    DisassociateKeypair, Encryption, ExportPrivateKey, KeypairName, Login, Server, TaskReceipt, TaskState,
    UpdateKeypairDescription, WaitOptions,
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

    println!("made {deploy}, whose private key the service keeps");

    for (what, password) in [("a guessed password", "guessed"), ("the password of root", "Emulator-Only-1")] {
        let login = Login::password(password);
        let bind = AssociateKeypair::new(deploy.clone(), Server::running(server.clone(), login));
        let step = format!("bind {deploy} with {what}");
        end(&kps, &emulator, &step, &kps.send(bind).await?).await?;
    }

    let next_key =
        kps.send(CreateKeypair::new(next.clone())).await?.keypair.private_key.ok_or("no private key")?;
    let carried = Server::running(server.clone(), Login::private_key(key));
    let replace = kps.send(AssociateKeypair::new(next.clone(), carried)).await?;
    end(&kps, &emulator, &format!("replace it by {next}"), &replace).await?;
    let carried = Server::running(server, Login::private_key(next_key));
    end(&kps, &emulator, "take it off", &kps.send(DisassociateKeypair::new(carried)).await?).await?;

    let exported = kps.send(ExportPrivateKey::new(deploy.clone())).await?.keypair.private_key;
    println!("exported the private key of {deploy}: {} characters", exported.expose().len());
    for name in [deploy, next] {
        kps.send(DeleteKeypair::new(name.clone())).await?;
        println!("deleted {name}");
    }
    Ok(())
}

/// Lets the emulator's time pass, and tells how a task ended.
async fn end(
    kps: &Client,
    emulator: &Emulator,
    step: &str,
    receipt: &TaskReceipt,
) -> Result<(), embedded::Failure> {
    emulator.advance(Duration::from_secs(12));
    let at_once = WaitOptions::new().with_first_look(Duration::ZERO);
    match kps.wait(receipt.handle()?, &at_once).await {
        Ok(state) => println!("{step}: {}", status(&state)),
        Err(error) => {
            let (Some(state), Some(record)) = (error.task_state(), error.failed_task()) else {
                return Err(error.into());
            };
            println!("{step}: {}: {}", status(state), error.message().unwrap_or("-"));
            kps.send(DeleteFailedTask::new(record.task_id.clone())).await?;
        }
    }
    Ok(())
}

fn status(state: &TaskState) -> &str {
    state.status.as_ref().map_or("no status", |status| status.as_str())
}
