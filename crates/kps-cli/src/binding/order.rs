//! The way of a command: who is meant, what keeps it from succeeding, how to log in, the calls, and the wait.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use kps_ureq::{
    AssociateKeypair, BatchOptions, Client, DisassociateKeypair, Outcome, Resolution, Server, TaskHandle,
    Timestamp,
};

use crate::binding::judge::{Aim, Means, judge};
use crate::binding::login::Secrets;
use crate::binding::step::{Step, not_tried};
use crate::binding::{BindingArgs, Line, checks};
use crate::context::Context;
use crate::servers::{Directory, State};
use crate::stop::{Exit, Failure, Stop};
use crate::waiting::{self, Awaited, Interrupt, resume_line};

/// Sees to it that servers carry a key pair, or none.
pub(crate) fn settle(
    context: &Context,
    args: &BindingArgs,
    aim: Aim<'_>,
    disable_password: bool,
) -> Result<(), Stop> {
    let names = args.names()?;
    let kps = context.client()?;
    let mut steps = judged(context, &kps, args, aim, &names)?;
    let secrets = Secrets::read(args, &steps)?;
    let interrupt = Interrupt::watch(context)?;
    send(context, &kps, aim, disable_password, &secrets, &mut steps)?;
    drop(secrets);
    refuse_one(&mut steps)?;
    if let Some(timeout) = args.wait {
        wait(context, &kps, &mut steps, args.poll.options(timeout), &interrupt);
        refuse_one(&mut steps)?;
    }
    print(context, &steps)
}

/// The servers, and what is to be done with each.
fn judged(
    context: &Context,
    kps: &Client,
    args: &BindingArgs,
    aim: Aim<'_>,
    names: &[String],
) -> Result<Vec<Step>, Stop> {
    // Where nothing is to be sent nothing is checked: that takes calls too.
    let is_checked = !context.globals.dry_run;
    if let (Some(keypair), true) = (aim.keypair(), is_checked) {
        checks::keypair(kps, keypair)?;
    }
    let servers = Directory::new(context, kps, &args.find).find(names)?;
    let tasks = if is_checked { checks::running_tasks(kps)? } else { HashMap::new() };
    // A login that is given is not meant for those that are shut off among others.
    let is_for_others = servers.iter().any(|server| server.state != State::Stopped);
    let steps = servers.into_iter().map(|server| {
        let spared = server.state == State::Stopped && is_for_others;
        let means = if spared { Means::default() } else { args.means() };
        let verdict = judge(&server, tasks.get(&server.id), aim, means);
        Step::new(server, aim.keypair(), verdict)
    });
    let mut steps = steps.collect();
    refuse_one(&mut steps)?;
    Ok(steps)
}

/// If there is one server, what went wrong with it went wrong with the command.
fn refuse_one(steps: &mut Vec<Step>) -> Result<(), Stop> {
    let is_failed = matches!(steps.as_slice(), [only] if only.failure().is_some());
    let failure = if is_failed { steps.pop().and_then(Step::into_failure) } else { None };
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Makes the calls.
fn send(
    context: &Context,
    kps: &Client,
    aim: Aim<'_>,
    disable_password: bool,
    secrets: &Secrets,
    steps: &mut [Step],
) -> Result<(), Stop> {
    let since = timestamp(context.now());
    let mut places = Vec::new();
    let mut servers = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        if let Some(server) = step.login().and_then(|login| secrets.server(&step.server, login)) {
            places.push(at);
            servers.push(server);
        }
    }
    let results = match aim {
        Aim::Bound { keypair, .. } => {
            let binding = |server| {
                let binding = AssociateKeypair::new(keypair.clone(), server);
                if disable_password { binding.with_disable_password(true) } else { binding }
            };
            bind(context, kps, servers.into_iter().map(binding).collect())?
        }
        Aim::Unbound => unbind(context, kps, servers)?,
    };
    for (at, result) in places.into_iter().zip(results) {
        if let Some(step) = steps.get_mut(at) {
            step.called(result, &since);
        }
    }
    Ok(())
}

type Accepted = Result<TaskHandle, Failure>;

fn bind(context: &Context, kps: &Client, bindings: Vec<AssociateKeypair>) -> Result<Vec<Accepted>, Stop> {
    if context.globals.dry_run {
        bindings.into_iter().try_for_each(|binding| context.output.request(&kps.prepare(binding)?))?;
        return Err(Stop::Done);
    }
    let outcomes = kps.associate_keypairs(bindings, &BatchOptions::new());
    Ok(outcomes.into_iter().map(|Outcome { result, .. }| result.map_err(Failure::from)).collect())
}

fn unbind(context: &Context, kps: &Client, servers: Vec<Server>) -> Result<Vec<Accepted>, Stop> {
    let mut results: Vec<Accepted> = Vec::with_capacity(servers.len());
    let mut is_over = false;
    for server in servers {
        let unbinding = DisassociateKeypair::new(server);
        if context.globals.dry_run {
            context.output.request(&kps.prepare(unbinding)?)?;
            continue;
        }
        let result = if is_over { Err(not_tried()) } else { unbound(kps, &unbinding) };
        // Above all, wrong signatures are not repeated, since they lock the key.
        is_over |= result.as_ref().is_err_and(|failure| failure.exit() == Exit::Credentials);
        results.push(result);
    }
    if context.globals.dry_run { Err(Stop::Done) } else { Ok(results) }
}

/// Unbinds one server, and looks for the task if the answer was lost.
fn unbound(kps: &Client, unbinding: &DisassociateKeypair) -> Accepted {
    match kps.send(unbinding.clone()) {
        Ok(receipt) => receipt.handle().map_err(|refused| Failure::new(Exit::Failed, refused)),
        Err(error) => match kps.resolve(unbinding, &error) {
            Ok(Resolution::Done(task)) => Ok(TaskHandle::new(task)),
            _ => Err(error.into()),
        },
    }
}

/// Waits for the tasks that were accepted.
fn wait(
    context: &Context,
    kps: &Client,
    steps: &mut [Step],
    options: kps_ureq::WaitOptions,
    interrupt: &Interrupt,
) {
    let (mut places, mut tasks) = (Vec::new(), Vec::new());
    for (at, step) in steps.iter().enumerate() {
        if let Some(handle) = step.task() {
            places.push(at);
            tasks.push(Awaited { handle: handle.clone(), label: step.server.label().to_owned() });
        }
    }
    let ends = waiting::wait(context, kps, &tasks, options, interrupt);
    for (at, end) in places.into_iter().zip(ends) {
        if let Some(step) = steps.get_mut(at) {
            step.ended(end);
        }
    }
}

/// Tells what came of each server, and how to wait for what goes on.
fn print(context: &Context, steps: &[Step]) -> Result<(), Stop> {
    let lines: Vec<Line> = steps.iter().map(Step::line).collect();
    match lines.as_slice() {
        [only] => context.output.one(only)?,
        _ => context.output.list(lines.into_iter().map(Ok))?,
    }
    let tasks: Vec<&TaskHandle> = steps.iter().filter_map(Step::task).collect();
    if !tasks.is_empty() {
        let line = resume_line(&context.globals, tasks);
        context.output.note(&format!("`{line}` waits for the end"))?;
    }
    let failed: Vec<Exit> = steps.iter().filter_map(Step::failure).map(Failure::exit).collect();
    waiting::sum(&failed, steps.len(), "servers")
}

fn timestamp(time: SystemTime) -> Timestamp {
    let millis = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
