//! A list of tasks, of one region or of all.

use kps_ureq::{
    Client, FailedTask, Items, Limit, ListFailedTask, ListRunningTask, Paged, RunningTask, Shifts, TaskRecord,
};

use crate::commands::tasks::follow;
use crate::commands::tasks::regions::Regions;
use crate::commands::tasks::rows::Regional;
use crate::commands::tasks::wanted::{Selection, Wanted};
use crate::context::Context;
use crate::output::Row;
use crate::stop::{Failure, Stop};
use crate::waiting::Reading;

/// So many pages are asked for at once: of a list that is longer than a page, all but the first.
const WINDOW: usize = 4;

/// A list of tasks.
pub(crate) trait TaskList: Paged<Item = Self::Task> {
    type Task: TaskRecord + Row + Send + 'static;

    /// The whole list, in pages of this size.
    fn of(page: Limit) -> Self;
}

impl TaskList for ListFailedTask {
    type Task = FailedTask;

    fn of(page: Limit) -> Self {
        Self::new().with_limit(page)
    }
}

impl TaskList for ListRunningTask {
    type Task = RunningTask;

    fn of(page: Limit) -> Self {
        Self::new().with_limit(page)
    }
}

/// Lists the tasks that are selected, once or as they come.
pub(crate) fn run<O: TaskList>(context: &Context, selection: &Selection) -> Result<(), Stop> {
    let inquiry = Inquiry::<O>::new(context, selection)?;
    match (selection.watch, selection.all_regions) {
        (None, false) => of_one_region(context, &inquiry, |rows| context.output.list(rows)),
        (None, true) => of_all_regions(context, &inquiry, |rows| {
            context.output.list(rows.map(|row| row.map(|(region, line)| Regional { region, line })))
        }),
        (Some(pause), false) => follow::one_region(context, &inquiry, pause, &inquiry.client(context)?),
        (Some(pause), true) => follow::all_regions(context, &inquiry, pause, inquiry.regions(context)?),
    }
}

/// What is asked for.
pub(super) struct Inquiry<O> {
    pub(super) list: O,
    wanted: Option<Wanted>,
    pub(super) limit: usize,
}

impl<O: TaskList> Inquiry<O> {
    pub(super) fn new(context: &Context, selection: &Selection) -> Result<Self, Failure> {
        let now = context.now();
        selection.check(now)?;
        let wanted = selection.wanted(now);
        let list = O::of(selection.page(wanted.is_none()));
        Ok(Self { list, wanted, limit: selection.limit.map_or(usize::MAX, std::num::NonZeroUsize::get) })
    }

    /// The client to ask, unless nothing is to be sent.
    fn client(&self, context: &Context) -> Result<Client, Stop> {
        let client = context.client()?;
        context.spare(&client, &self.list)?;
        Ok(client)
    }

    fn regions<'a>(&self, context: &'a Context) -> Result<Regions<'a>, Stop> {
        let regions = Regions::new(context)?;
        regions.spare(&self.list)?;
        Ok(regions)
    }

    /// All that is wanted, without a limit.
    pub(super) fn all(&self, kps: &Client) -> Items<O> {
        let items = kps.items(self.list.clone()).with_window(WINDOW);
        match self.wanted.clone() {
            Some(wanted) => items.with_filter(move |task| wanted.holds(task)),
            None => items,
        }
    }

    /// No more than is wanted.
    pub(super) fn items(&self, kps: &Client) -> Items<O> {
        self.all(kps).with_max_items(self.limit)
    }
}

pub(super) fn of_one_region<O: TaskList>(
    context: &Context,
    inquiry: &Inquiry<O>,
    print: impl FnOnce(&mut dyn Iterator<Item = Result<O::Task, Stop>>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let client = inquiry.client(context)?;
    let reading = Reading::new(context, O::Task::NAME);
    let mut items = reading.of(inquiry.items(&client));
    let printed = print(&mut reading.rows(items.by_ref().map(|task| task.map_err(Stop::from))));
    tell_shifts(context, items.shifts(), "");
    printed
}

pub(super) fn of_all_regions<O: TaskList>(
    context: &Context,
    inquiry: &Inquiry<O>,
    print: impl FnOnce(&mut dyn Iterator<Item = Result<(kps_ureq::Region, O::Task), Stop>>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut regions = inquiry.regions(context)?;
    let reading = Reading::new(context, O::Task::NAME);
    let tasks = regions.read(|kps| inquiry.items(kps), &reading);
    let printed = print(&mut reading.rows(tasks.take(inquiry.limit).map(Ok)));
    regions.end(printed)
}

/// Says that a list may not be whole.
pub(super) fn tell_shifts(context: &Context, shifts: Shifts, of: &str) {
    if shifts.passed_over > 0 {
        context.output.remark(format_args!(
            "{of}the list grew shorter while it was read: {} tasks at most may be missing",
            shifts.passed_over
        ));
    }
}
