//! Tasks of the emulator.

use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use kps_conformance::{Awaited, Subject};
use kps_core::{
    Action, AssociateKeypair, Builder, Client, CreateKeypair, Error, ErrorKind, KeypairName, Login, Region,
    Retries, Server, TaskHandle, TaskState, WaitOptions, blocking,
};
use kps_emulator::{AuthFault, Emulator, Fault, FaultRule, InProcess, RefusalCode};

use crate::{handle, keeping, options, seconds, statuses};

/// Binding on the emulator, whose tasks take 12 seconds.
struct Site {
    emulator: Emulator,
    transport: InProcess,
}

fn on_emulator<C>(builder: Builder<C>) -> Builder<C> {
    builder
        .region(Region::CN_NORTH_4)
        .endpoint("http://kms.example.com")
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .retries(Retries::new().with_seed(1))
}

impl Site {
    fn new() -> Self {
        let emulator = Emulator::new();
        let transport = emulator.in_process().with_virtual_clock(UNIX_EPOCH + seconds(1_800_000_000));
        let site = Self { emulator, transport };
        site.blocking().send(CreateKeypair::new(KeypairName::new("deploy").unwrap())).unwrap();
        site
    }

    fn blocking(&self) -> blocking::Client {
        on_emulator(blocking::Client::builder(self.transport.clone())).build().unwrap()
    }

    fn awaited(&self) -> Awaited {
        Awaited::new(|| on_emulator(Client::builder(self.transport.clone())).build().unwrap())
    }

    fn bind(&self, password: &str) -> TaskHandle {
        let server = self.emulator.servers(&Emulator::project_id())[0].id.clone();
        let running = Server::running(server, Login::password(password));
        let bind = AssociateKeypair::new(KeypairName::new("deploy").unwrap(), running);
        self.blocking().send(bind).unwrap().handle().unwrap()
    }

    fn time(&self) -> Duration {
        kps_core::Transport::ticks(&self.transport)
    }
}

/// The test in both colours, each on a site of its own.
fn in_both_colours(test: impl Fn(&Site, &dyn Fn(TaskHandle, &WaitOptions) -> Result<TaskState, Error>)) {
    let site = Site::new();
    let kps = site.blocking();
    test(&site, &|handle, options| kps.wait(handle, options));
    let site = Site::new();
    let kps = site.awaited();
    test(&site, &|handle, options| Subject::wait(&kps, handle, options));
}

const RIGHT: &str = "Emulator-Only-1";

#[test]
fn a_task_ends_well() {
    in_both_colours(|site, wait| {
        let (options, kept) = keeping(options());
        let end = wait(site.bind(RIGHT), &options).unwrap();
        assert_eq!((end.looks, end.elapsed, site.time()), (3, seconds(15), seconds(15)));
        let kept = kept.lock().unwrap();
        assert_eq!(statuses(&kept), ["RUNNING_BIND", "RUNNING_BIND", "SUCCESS_BIND"]);
        assert_eq!(kept.last(), Some(&end));
        assert_eq!(site.emulator.applied("ListFailedTask"), 0);
    });
}

#[test]
fn a_task_fails_with_its_reason() {
    in_both_colours(|site, wait| {
        let error = wait(site.bind("guessed"), &options()).unwrap_err();
        let record = error.failed_task().unwrap();
        let message = record.task_error_msg.as_deref().unwrap();
        assert_eq!(message, "Failed to log in to the server: the password is wrong");
        assert_eq!(error.message(), Some(message));
        assert_eq!(record.operate_type.as_ref().unwrap().as_str(), "FAILED_BIND");
        assert!(error.to_string().ends_with(&format!("key pair deploy failed (FAILED_BIND): {message}")));
        assert!(error.is_task_failed() && !error.is_retryable());
        assert_eq!(site.emulator.applied("ListFailedTask"), 1);
    });
}

#[test]
fn a_wait_goes_on_by_a_stored_handle_after_a_restart() {
    let site = Site::new();
    let hasty = options().with_timeout(seconds(7));
    let error = site.blocking().wait(site.bind("guessed"), &hasty).unwrap_err();
    assert_eq!((error.kind(), site.time()), (ErrorKind::TaskTimeout, seconds(7)));
    assert!(error.is_retryable() && error.is_timeout());
    let stored = kps_core::to_json(&error.task_state().unwrap().handle).unwrap();

    let kps = site.awaited();
    let error = Subject::wait(&kps, kps_core::from_json(&stored).unwrap(), &options()).unwrap_err();
    assert!(error.message().unwrap().contains("password is wrong"));
}

#[test]
fn what_passes_is_ridden_out() {
    let throttle = Fault::Throttle { limit: 0, window: seconds(10) };
    for fault in [
        Fault::Latency(seconds(100)),
        Fault::Refuse,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::CutBody,
        Fault::Status(StatusCode::SERVICE_UNAVAILABLE),
        Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT),
        Fault::Code(RefusalCode::new("KPS.5001").unwrap()),
        throttle,
    ] {
        in_both_colours(|site, wait| {
            let task = site.bind(RIGHT);
            // More than the attempts of two calls.
            site.emulator.inject(FaultRule::new(fault.clone()).on("ListKeypairTask").unwrap().first(7));
            let end = wait(task, &options()).unwrap();
            assert_eq!(end.action(), Some(Action::Bind));
            assert!(end.looks > 2 && site.emulator.injected().len() == 7, "{fault:?}: {end:?}");
        });
    }
    in_both_colours(|site, wait| {
        let task = site.bind(RIGHT);
        site.emulator.inject(FaultRule::new(Fault::Garbage).on("ListKeypairTask").unwrap().first(2));
        assert!(wait(task, &options()).is_ok());
    });
}

#[test]
fn what_will_not_pass_ends_the_wait_at_once() {
    for (fault, word, looks) in [
        (Fault::Code(RefusalCode::new("KPS.9003").unwrap()), "forbidden", 1),
        (Fault::Status(StatusCode::FORBIDDEN), "forbidden", 1),
        (Fault::Auth(AuthFault::Signature), "unauthenticated", 1),
        (Fault::Code(RefusalCode::new("KPS.0001").unwrap()), "refused", 1),
        (Fault::Garbage, "decode", 3),
    ] {
        in_both_colours(|site, wait| {
            let task = site.bind(RIGHT);
            site.emulator.inject(FaultRule::new(fault.clone()).on("ListKeypairTask").unwrap());
            let error = wait(task.clone(), &options()).unwrap_err();
            assert_eq!((error.id(), error.operation()), (word, Some("ListKeypairTask")));
            assert_eq!(site.emulator.injected().len(), looks, "{fault:?}");
            assert_eq!(error.task_state().unwrap().handle, task);
        });
    }
}

#[test]
fn a_task_that_nobody_knows_is_gone() {
    in_both_colours(|site, wait| {
        let error = wait(handle("4b7e19ac-d053-4c68-8f21-a9e6037dc5b4"), &options()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::TaskGone, Some("KPS.0005")));
        assert!(error.is_not_found() && error.request_id().is_some());
        let text = error.to_string();
        let expected =
            "ListKeypairTask: task 4b7e19ac-d053-4c68-8f21-a9e6037dc5b4 is not known: the service answered";
        assert!(text.starts_with(expected), "{text}");
        assert_eq!((site.emulator.applied("ListFailedTask"), site.time()), (2, seconds(10)));
    });
}
