//! The same list of all regions, where one that fails does not hide the others.

use std::collections::BTreeSet;

use kps_ureq::blocking::Lists;
use kps_ureq::{Client, Items, Region};

use crate::commands::tasks::follow::{Look, bear};
use crate::commands::tasks::list::{Inquiry, TaskList, tell_shifts};
use crate::context::Context;
use crate::stop::{Exit, Failure, Stop};
use crate::waiting::Reading;

/// So many are read at once.
const AT_ONCE: usize = 8;

/// The regions, and what became of them.
pub(super) struct Regions<'a> {
    context: &'a Context,
    clients: Vec<(Region, Client)>,
    /// Those where the account has no project.
    without_project: Vec<Region>,
    /// Those whose last look came to an error that passes.
    troubled: BTreeSet<Region>,
    /// What others came to.
    exits: Vec<Exit>,
}

impl<'a> Regions<'a> {
    pub(super) fn new(context: &'a Context) -> Result<Self, Stop> {
        let clients = Region::KNOWN.iter().map(|region| Ok((region.clone(), context.client_beside(region)?)));
        let clients = clients.collect::<Result<_, Stop>>()?;
        Ok(Self {
            context,
            clients,
            without_project: Vec::new(),
            troubled: BTreeSet::new(),
            exits: Vec::new(),
        })
    }

    /// Prints the requests in place of sending them, if nothing is to be sent.
    pub(super) fn spare<O: TaskList>(&self, list: &O) -> Result<(), Stop> {
        if !self.context.globals.dry_run {
            return Ok(());
        }
        for (_, client) in &self.clients {
            match client.prepare(list.clone()) {
                Err(error) if error.is_no_project() => {}
                prepared => self.context.output.request(&prepared?)?,
            }
        }
        Err(Stop::Done)
    }

    /// The tasks of all regions, each with its region, in the order of the regions.
    pub(super) fn read<O: TaskList>(
        &mut self,
        list: impl Fn(&Client) -> Items<O>,
        reading: &Reading,
    ) -> impl Iterator<Item = (Region, O::Task)> {
        let (mut read, all) = (0, self.clients.len());
        Lists::new(self.clients.clone(), list).with_at_once(AT_ONCE).flat_map(move |list| {
            let region = list.tag;
            match list.error {
                Some(error) if error.is_no_project() => self.without_project.push(region.clone()),
                Some(error) => reading.aside(|| self.tell(&Failure::from(error).of(Some(&region)))),
                None => reading.aside(|| tell_shifts(self.context, list.shifts, &format!("{region}: "))),
            }
            read += 1;
            reading.tell(&format!("{read} of {all} regions read"));
            list.items.into_iter().map(move |task| (region.clone(), task))
        })
    }

    /// One look of many. Regions where there is nothing to be seen are not looked into again.
    pub(super) fn look<O: TaskList>(&mut self, inquiry: &Inquiry<O>) -> Look<Region, O::Task> {
        let mut tasks = Vec::new();
        let lists = Lists::new(self.clients.clone(), |kps| inquiry.all(kps)).with_at_once(AT_ONCE);
        for list in lists {
            let region = list.tag;
            tasks.extend(list.items.into_iter().map(|task| (region.clone(), task)));
            let mut troubled = self.troubled.contains(&region);
            match list.error {
                Some(error) if error.is_no_project() => self.without_project.push(region.clone()),
                error => match bear(self.context, error, &mut troubled, Some(&region)) {
                    Ok(()) => {
                        if troubled {
                            self.troubled.insert(region);
                        } else {
                            self.troubled.remove(&region);
                        }
                        continue;
                    }
                    Err(Stop::Failed(failure)) => self.tell(&failure),
                    Err(_) => {}
                },
            }
            self.clients.retain(|(other, _)| *other != region);
        }
        self.tell_without_project();
        let end = if self.clients.is_empty() { Err(self.stop().unwrap_or(Stop::Done)) } else { Ok(()) };
        (tasks, end)
    }

    fn tell(&mut self, failure: &Failure) {
        failure.tell(self.context.globals.output.is_json());
        self.exits.push(failure.exit());
    }

    /// Says where there was nothing to look into, and ends with the code of what went wrong.
    pub(super) fn end(mut self, printed: Result<(), Stop>) -> Result<(), Stop> {
        self.tell_without_project();
        printed?;
        self.stop().map_or(Ok(()), Err)
    }

    /// What the regions that failed come to.
    fn stop(&self) -> Option<Stop> {
        let (first, others) = self.exits.split_first()?;
        let same = others.iter().all(|other| other == first);
        Some(Stop::Told(if same { *first } else { Exit::Failed }))
    }

    fn tell_without_project(&mut self) {
        let regions = std::mem::take(&mut self.without_project);
        if regions.is_empty() {
            return;
        }
        let names: Vec<&str> = regions.iter().map(Region::id).collect();
        self.context.output.remark(format_args!(
            "no project in {} of {} regions: {}",
            names.len(),
            Region::KNOWN.len(),
            names.join(", ")
        ));
    }
}
