//! What would keep a call from succeeding, as far as it can be asked. What may not be asked is not checked.

use std::collections::HashMap;

use kps_ureq::{Client, FrozenState, KeypairName, ListKeypairDetail, ListRunningTask, ServerId, TaskId};

use crate::stop::{Exit, Failure, Stop};

/// The key pair must be there, and not be frozen.
pub(super) fn keypair(kps: &Client, name: &KeypairName) -> Result<(), Stop> {
    let detail = match kps.send(ListKeypairDetail::new(name.clone())) {
        Ok(answer) => answer.keypair,
        Err(error) if error.is_not_found() => {
            return Err(Failure::new(Exit::NotFound, format_args!("there is no key pair {name}"))
                .with_cure(format!(
                    "`kps keypair list` shows those there are, `kps keypair create {name}` makes one"
                ))
                .into());
        }
        Err(error) if error.is_forbidden() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match detail.frozen_state.filter(FrozenState::is_frozen) {
        Some(state) => {
            Err(Failure::new(Exit::Failed, format_args!("the key pair {name} is frozen{}", why(&state)))
                .with_cure("take another, or have it released by the support of the service")
                .into())
        }
        None => Ok(()),
    }
}

fn why(state: &FrozenState) -> String {
    let reasons = [
        (FrozenState::ORDINARY, "in the ordinary way"),
        (FrozenState::POLICE, "by the police"),
        (FrozenState::VIOLATION, "for a violation"),
        (FrozenState::UNVERIFIED, "since the real name of its owner was not verified"),
    ];
    let reasons: Vec<&str> =
        reasons.iter().filter(|(flag, _)| state.has(*flag)).map(|(_, reason)| *reason).collect();
    if reasons.is_empty() { String::new() } else { format!(" {}", reasons.join(" and ")) }
}

/// The tasks that are under way, by their servers.
pub(super) fn running_tasks(kps: &Client) -> Result<HashMap<ServerId, TaskId>, Stop> {
    let mut tasks = HashMap::new();
    for task in kps.items(ListRunningTask::new()) {
        match task {
            Ok(task) => tasks.extend(task.server_id.map(|server| (server, task.task_id))),
            Err(error) if error.is_forbidden() => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kps_ureq::{Credentials, Prepared, ProjectId, Region};

    fn checked(status: u16, body: &'static str) -> String {
        let transport = move |_: Prepared| {
            let mut answer = http::Response::new(bytes::Bytes::from_static(body.as_bytes()));
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Ok(answer)
        };
        let builder = Client::builder(transport).region(Region::CN_NORTH_4);
        let builder = builder.project_id(ProjectId::new("0a1b").unwrap());
        let kps = builder.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
        match keypair(&kps, &KeypairName::new("team").unwrap()) {
            Ok(()) => "fine".into(),
            Err(Stop::Failed(failure)) => format!("{:?} {failure}", failure.exit()),
            Err(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn a_key_pair_must_be_there_and_not_frozen() {
        for (status, body, expected) in [
            (200, r#"{"keypair":{"name":"team","frozen_state":0}}"#, "fine"),
            (200, r#"{"keypair":{"name":"team"}}"#, "fine"),
            (403, r#"{"error_code":"KPS.9003","error_msg":"no"}"#, "fine"),
            (
                200,
                r#"{"keypair":{"name":"team","frozen_state":"5"}}"#,
                "Failed kps: the key pair team is frozen in the ordinary way and for a violation;",
            ),
            (
                200,
                r#"{"keypair":{"name":"team","frozen_state":"new"}}"#,
                "Failed kps: the key pair team is frozen;",
            ),
            (
                400,
                r#"{"error_code":"KPS.4016","error_msg":"no"}"#,
                "NotFound kps: there is no key pair team;",
            ),
            (401, r#"{"error_code":"APIGW.0301","error_msg":"no"}"#, "Credentials kps: ListKeypairDetail:"),
        ] {
            let told = checked(status, body);
            assert!(told.starts_with(expected), "{body}: {told}");
        }
    }
}
