//! The service within the program, for `--demo`: the same each time, on a clock that goes only while somebody waits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_emulator::{Emulator, InProcess, Seed};
use kps_ureq::{
    AssociateKeypair, Builder, Client, Error, HttpOptions, KeypairName, Login, Region, Server, ServerId,
    Transport as _,
};

/// 2026-04-01T08:30:00Z. It stands still, so that what is printed is the same each time.
const START: Duration = Duration::from_secs(1_775_032_200);

/// What is under way when it starts: since how long and for how long in sum, on which server, with which key pair. The
/// second will fail, before the eyes of one who looks on.
const UNDER_WAY: [(Duration, Duration, &str, &str); 2] = [
    (seconds(240), seconds(600), "abfe228f-219e-4cb0-bb53-f16947ccf25e", "team-web"),
    (seconds(5), seconds(36), "54f31af3-1768-43e0-aea6-8ef786e4d3ce", "build-agents"),
];
/// How long the tasks take that come later, as in an emulator of which nothing is said.
const TASK_TIME: Duration = seconds(12);

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Of the regions three have something to show, two are empty, and the account has no project of the others.
pub(crate) struct Demo(InProcess);

impl Demo {
    pub(crate) fn new() -> Result<Self, Error> {
        // That it can be read is tested.
        let seed = Seed::from_json(include_bytes!("../demo/seed.json")).unwrap_or_default();
        let emulator = Emulator::with_seed(seed);
        let clock = UNIX_EPOCH + START;
        let first = UNDER_WAY.first().map_or(Duration::ZERO, |(ago, ..)| *ago);
        let demo = Self(emulator.in_process().with_virtual_clock(clock - first));
        for (ago, lasts, server, keypair) in UNDER_WAY {
            demo.sleep_until(clock - ago);
            emulator.set_task_time(lasts);
            demo.begin(server, keypair)?;
        }
        demo.sleep_until(clock);
        emulator.set_task_time(TASK_TIME);
        Ok(demo)
    }

    fn sleep_until(&self, moment: SystemTime) {
        self.0.sleep(moment.duration_since(self.now()).unwrap_or_default());
    }

    fn begin(&self, server: &str, keypair: &str) -> Result<(), Error> {
        let kps = self.builder().region(Region::CN_NORTH_4).build()?;
        let server = ServerId::new(server).map(|id| Server::running(id, Login::password("Emulator-Only-1")));
        if let (Ok(server), Ok(keypair)) = (server, KeypairName::new(keypair)) {
            drop(kps.send(AssociateKeypair::new(keypair, server))?);
        }
        Ok(())
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.now()
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.sleep(time);
    }

    /// The project is looked up by the region.
    pub(crate) fn builder(&self) -> Builder<Client> {
        Client::builder(self.0.clone()).http(HttpOptions::new()).credentials(Emulator::credentials())
    }
}

#[cfg(test)]
mod tests {
    use kps_ureq::{ListFailedTask, ListKeypairs, ListRunningTask, Timestamp};

    use super::*;

    #[test]
    fn there_is_something_to_look_at_in_some_regions() {
        Seed::from_json(include_bytes!("../demo/seed.json")).unwrap();
        let demo = Demo::new().unwrap();
        let counts = |region: &Region| {
            let kps = demo.builder().region(region.clone()).build().unwrap();
            let tasks: Result<Vec<_>, _> = kps.items(ListFailedTask::new()).collect();
            let tasks = tasks.ok()?;
            let times: Vec<_> = tasks.iter().map(|task| task.task_time.clone()).collect();
            assert!(times.is_sorted() && times.iter().all(Option::is_some));
            assert!(times.last().is_none_or(|last| *last < Some(Timestamp::from_millis(1_775_032_200_000))));
            Some((tasks.len(), kps.items(ListKeypairs::new()).count()))
        };
        let counts = Region::KNOWN.iter().filter_map(|region| Some((region.id(), counts(region)?)));
        let counts: Vec<_> = counts.collect();
        let expected = [
            ("ap-southeast-3", (5, 1)),
            ("cn-east-3", (0, 0)),
            ("cn-north-4", (41, 5)),
            ("cn-south-1", (0, 0)),
            ("la-south-2", (3, 1)),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn two_tasks_are_under_way_of_which_one_fails() {
        let demo = Demo::new().unwrap();
        assert_eq!(demo.now(), UNIX_EPOCH + START);
        let kps = demo.builder().region(Region::CN_NORTH_4).build().unwrap();
        let running = || -> Vec<_> {
            let tasks = kps.items(ListRunningTask::new()).map(Result::unwrap);
            tasks.map(|task| (task.server_name.unwrap().to_string(), task.operate_type.unwrap())).collect()
        };
        let under_way = running();
        let shown: Vec<_> = under_way.iter().map(|(server, kind)| (server.as_str(), kind.as_str())).collect();
        assert_eq!(shown, [("web-3", "RUNNING_BIND"), ("build-3", "READY_BIND")]);
        demo.pass(seconds(31));
        let under_way = running();
        assert_eq!((under_way.len(), under_way[0].0.as_str()), (1, "web-3"));
        let last = kps.items(ListFailedTask::new()).last().unwrap().unwrap();
        assert_eq!(last.server_name.as_deref(), Some("build-3"));
    }
}
