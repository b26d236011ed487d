//! The wait for many tasks: one loop over the moments at which something is due, so that a task that is waited for
//! costs neither a thread nor a future.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use kps_model::{ListKeypairTask, ListRunningTask, TaskHandle, TaskId};

use super::record;
use super::vigil::{Vigil, Wish};
use super::watch::sleep_until;
use crate::flight::{Job, gather};
use crate::{Client, Error, ErrorKind, TaskState, WaitOptions};

/// How many looks go at once.
const AT_ONCE: usize = 4;

/// From so many tasks on, one look at the list of running ones stands for a look at each of them.
const LIST_FROM: usize = 4;

/// Waits for all of them. The outcomes come in the order of the handles.
pub(super) async fn wait_all(
    client: &Client,
    handles: Vec<TaskHandle>,
    options: &WaitOptions,
) -> Vec<Result<TaskState, Error>> {
    let mut crowd = Crowd::new(client, handles, options);
    while let Some(due) = crowd.gather_due().await {
        let looks = crowd.wishing(&due, Wish::State);
        crowd.look(looks).await;
        // Those among them, too, that were just seen to have failed.
        crowd.read_records(crowd.wishing(&due, Wish::Record)).await;
        crowd.queue(due);
    }
    crowd.vigils.into_iter().map(Vigil::into_outcome).collect()
}

struct Crowd<'a> {
    client: Client,
    options: &'a WaitOptions,
    vigils: Vec<Vigil>,
    /// When which of them is due, in ticks.
    queue: BinaryHeap<Reverse<(Duration, usize)>>,
    /// When the wait is over, and the next call may go, in ticks.
    end: Duration,
    turn: Duration,
    now: Duration,
    /// Whether the list of running tasks may be read.
    may_list: bool,
}

impl<'a> Crowd<'a> {
    fn new(client: &Client, handles: Vec<TaskHandle>, options: &'a WaitOptions) -> Self {
        let now = client.inner().transport.ticks();
        let end = now.saturating_add(options.timeout);
        let vigils: Vec<_> = handles.into_iter().map(|handle| Vigil::new(handle, options, now)).collect();
        let everybody = 0..vigils.len();
        let mut crowd = Self {
            client: client.until(end),
            options,
            vigils,
            queue: BinaryHeap::new(),
            end,
            turn: now,
            now,
            may_list: true,
        };
        crowd.queue(everybody);
        crowd
    }

    /// Puts those back that have not ended.
    fn queue(&mut self, places: impl IntoIterator<Item = usize>) {
        for at in places {
            if let Some(vigil) = self.vigils.get(at).filter(|vigil| vigil.wish().is_some()) {
                self.queue.push(Reverse((vigil.due(), at)));
            }
        }
    }

    /// Waits until something is due, and takes those out that are, or will be in a moment: so they stay together, and one
    /// look at a list is for all of them. `None` when all have ended.
    async fn gather_due(&mut self) -> Option<Vec<usize>> {
        let Reverse((first, _)) = *self.queue.peek()?;
        self.sleep_until(first).await;
        if self.now >= self.end {
            self.vigils.iter_mut().for_each(Vigil::expire);
            return None;
        }
        let soon = self.now.saturating_add(self.options.least / 2);
        let mut due = Vec::new();
        while let Some(Reverse((moment, at))) = self.queue.peek().copied() {
            if moment > soon || moment >= self.end {
                break;
            }
            self.queue.pop();
            due.push(at);
        }
        Some(due)
    }

    fn wishing(&self, places: &[usize], wish: Wish) -> Vec<usize> {
        let wishes = |at: &&usize| self.vigils.get(**at).is_some_and(|vigil| vigil.wish() == Some(wish));
        places.iter().filter(wishes).copied().collect()
    }

    /// Looks at tasks: those that the list of running ones does not tell of are looked at one by one.
    async fn look(&mut self, mut places: Vec<usize>) {
        if places.len() >= LIST_FROM && self.may_list {
            places = self.look_at_list(places).await;
        }
        let calls = usize::try_from(self.options.calls).unwrap_or(usize::MAX);
        for chunk in places.chunks(AT_ONCE.min(calls).max(1)) {
            if !self.take_turn(chunk.len()).await {
                return;
            }
            let jobs: Vec<_> = chunk.iter().filter_map(|at| self.job(*at)).collect();
            let answers = gather(&self.client, jobs.len(), jobs).await;
            self.tick();
            for (at, answer) in chunk.iter().zip(answers) {
                if let Some(error) = answer.as_ref().err().filter(|error| is_of_all(error)) {
                    return self.give_up(error);
                }
                self.take_in(*at, |vigil, now| vigil.looked(now, answer));
            }
        }
    }

    fn job(&self, at: usize) -> Option<Job<Result<kps_model::ListKeypairTaskResponse, Error>>> {
        let look = ListKeypairTask::new(self.vigils.get(at)?.state().handle.task_id.clone());
        let client = self.client.clone();
        Some(Box::pin(async move { client.call(&look).await }))
    }

    /// Looks at the list of running tasks, and returns those that it tells nothing of.
    async fn look_at_list(&mut self, places: Vec<usize>) -> Vec<usize> {
        if !self.take_turn(1).await {
            return Vec::new();
        }
        let mut untold: HashMap<TaskId, Vec<usize>> = HashMap::new();
        for at in places {
            if let Some(vigil) = self.vigils.get(at) {
                untold.entry(vigil.state().handle.task_id.clone()).or_default().push(at);
            }
        }
        let mut rest = Vec::new();
        let mut running = self.client.items(ListRunningTask::new());
        while !untold.is_empty() {
            let Some(entry) = running.next().await else { break };
            self.tick();
            match entry {
                Ok(entry) => {
                    for at in untold.remove(&entry.task_id).unwrap_or_default() {
                        if !self.take_in(at, |vigil, now| vigil.listed(now, &entry)) {
                            rest.push(at);
                        }
                    }
                }
                Err(error) => {
                    if !self.do_without_list(&error, untold.values().flatten()) {
                        return Vec::new();
                    }
                    break;
                }
            }
        }
        rest.extend(untold.into_values().flatten());
        rest.sort_unstable();
        rest
    }

    /// Whether to look at the tasks one by one, where the list cannot be read.
    fn do_without_list<'p>(&mut self, error: &Error, untold: impl Iterator<Item = &'p usize>) -> bool {
        if error.is_retryable() {
            // It is the same for those that are looked at one by one, and they need not all find out.
            for at in untold {
                self.take_in(*at, |vigil, now| {
                    vigil.missed(now, error.again());
                    false
                });
            }
            return false;
        }
        // The user may look at a task and not at the list, say.
        let is_of_list = error.is_forbidden() || !is_of_all(error);
        if is_of_list {
            self.may_list = false;
        } else {
            self.give_up(error);
        }
        is_of_list
    }

    /// Reads the records of failures once for all of these.
    async fn read_records(&mut self, places: Vec<usize>) {
        if places.is_empty() || !self.take_turn(1).await {
            return;
        }
        let states = |at: &usize| self.vigils.get(*at).map(|vigil| vigil.state().clone());
        let tasks: Vec<TaskState> = places.iter().filter_map(states).collect();
        let found = record::find(&self.client, &tasks).await;
        self.tick();
        for (nth, at) in places.into_iter().enumerate() {
            let record = match &found {
                Ok(records) => Ok(records.get(nth).cloned().flatten()),
                Err(error) => Err(error.again()),
            };
            self.take_in(at, |vigil, now| {
                vigil.read(now, record);
                false
            });
        }
    }

    /// Has a task take in what was seen, and tells of a state that was. Whether there was one.
    fn take_in(&mut self, at: usize, take_in: impl FnOnce(&mut Vigil, Duration) -> bool) -> bool {
        let Some(vigil) = self.vigils.get_mut(at) else { return false };
        let seen = take_in(vigil, self.now);
        if seen {
            self.options.tell(vigil.state());
        }
        seen
    }

    /// Ends all that have not ended.
    fn give_up(&mut self, error: &Error) {
        for vigil in &mut self.vigils {
            vigil.give_up(error.again());
        }
    }

    /// Waits until so many calls may go, and tells whether there is time for them.
    async fn take_turn(&mut self, calls: usize) -> bool {
        self.sleep_until(self.turn.min(self.end)).await;
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        self.turn = self.now.saturating_add(self.options.rate().spacing().saturating_mul(calls));
        self.now < self.end
    }

    async fn sleep_until(&mut self, moment: Duration) {
        self.tick();
        if self.now < moment {
            self.now = sleep_until(&self.client, moment).await;
        }
    }

    /// It does not go back where a transport does not really sleep.
    fn tick(&mut self) {
        self.now = self.now.max(self.client.inner().transport.ticks());
    }
}

/// Whether it will not pass, and would be the same for any other task. Above all, wrong signatures are not repeated, since
/// they lock the key.
fn is_of_all(error: &Error) -> bool {
    if error.is_retryable() {
        return false;
    }
    match error.kind() {
        ErrorKind::Service => error.is_auth() || error.is_forbidden(),
        ErrorKind::Input | ErrorKind::Decode | ErrorKind::TooLarge => false,
        _ => true,
    }
}
