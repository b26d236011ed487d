//! What a command has to hand: the client, the clock, and where its output goes.

use std::time::{Duration, SystemTime};

use kps_ureq::{Builder, Client, CredentialsSource, Environment, Operation, Paged, Region, Signatory};

use crate::args::Globals;
#[cfg(feature = "emulator")]
use crate::demo::Demo;
use crate::machine;
use crate::output::{Output, Tint};
use crate::stop::{Failure, Stop};
use crate::talk::{Talk, Told};

/// What a command has to hand.
pub(crate) struct Context {
    pub(crate) globals: Globals,
    pub(crate) output: Output,
    environment: Environment,
    #[cfg(feature = "emulator")]
    demo: Option<Demo>,
}

impl Context {
    pub(crate) fn new(globals: Globals) -> Result<Self, Stop> {
        let environment = Environment::process();
        Talk::warnings(globals.output.is_json());
        // What it is set to does not matter, nor whether it is Unicode.
        let plain = globals.no_color || !matches!(environment.get("NO_COLOR"), Ok(None));
        let person = machine::stdout_is_terminal();
        #[cfg(feature = "emulator")]
        let demo = globals.demo.then(Demo::new).transpose()?;
        #[cfg(feature = "emulator")]
        let now = demo.as_ref().map_or_else(machine::now, Demo::now);
        #[cfg(not(feature = "emulator"))]
        let now = machine::now();
        let output = Output::new(
            globals.output,
            globals.query.as_deref(),
            if person && !plain { Tint::Colors } else { Tint::Plain },
            person.then_some(now),
        )?;
        Ok(Self {
            globals,
            output,
            environment,
            #[cfg(feature = "emulator")]
            demo,
        })
    }

    /// The time by which things are so long ago.
    pub(crate) fn now(&self) -> SystemTime {
        #[cfg(feature = "emulator")]
        if let Some(demo) = &self.demo {
            return demo.now();
        }
        machine::now()
    }

    /// Whether the service is within the program.
    pub(crate) const fn is_demo(&self) -> bool {
        #[cfg(feature = "emulator")]
        return self.demo.is_some();
        #[cfg(not(feature = "emulator"))]
        false
    }

    /// The variables and files of the process.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The client that the command line asks for.
    pub(crate) fn client(&self) -> Result<Client, Stop> {
        match self.region()? {
            Some(region) => self.client_of(region),
            None if self.globals.endpoint.is_some() => Ok(self.builder().build()?),
            None => Err(Failure::usage("no region is named")
                .with_cure("say --region, or set HUAWEICLOUD_SDK_REGION; `kps region list` shows them")
                .into()),
        }
    }

    /// The client of a region.
    pub(crate) fn client_of(&self, region: Region) -> Result<Client, Stop> {
        Ok(self.builder().region(region).build()?)
    }

    /// Who signs requests of one's own; it needs neither a region nor a project.
    pub(crate) fn signatory(&self) -> Result<Signatory, Stop> {
        let builder = self.builder();
        Ok(match self.region()? {
            Some(region) => builder.region(region),
            None => builder,
        }
        .signatory()?)
    }

    /// The client of one of all regions. What the command line and the variables say of a project and an endpoint is of
    /// one of them only, so it does not count.
    pub(crate) fn client_beside(&self, region: &Region) -> Result<Client, Stop> {
        Ok(self.builder().region(region.clone()).project_by_region().build()?)
    }

    /// The region, by the command line, else the variables, else the credentials file.
    pub(crate) fn region(&self) -> Result<Option<Region>, Stop> {
        if let Some(region) = &self.globals.region {
            return Ok(Some(region.clone()));
        }
        #[cfg(feature = "emulator")]
        if self.demo.is_some() {
            return Ok(Some(Region::CN_NORTH_4));
        }
        for variable in ["HUAWEICLOUD_SDK_REGION", "HW_REGION_NAME"] {
            if let Some(region) = self.environment.get(variable)? {
                let region = Region::new(region.trim());
                return region
                    .map(Some)
                    .map_err(|error| Failure::usage(format_args!("{variable}: {error}")).into());
            }
        }
        let Some(region) = self.environment.profile_entry(self.globals.profile.as_deref(), "region")? else {
            return Ok(None);
        };
        Region::new(&region)
            .map(Some)
            .map_err(|error| Failure::usage(format_args!("`region` in the credentials file: {error}")).into())
    }

    fn builder(&self) -> Builder<Client> {
        #[cfg(feature = "emulator")]
        if let Some(demo) = &self.demo {
            return self.told(demo.builder());
        }
        let builder = self.told(kps_ureq::builder().environment(self.environment.clone()));
        match &self.globals.profile {
            Some(profile) => builder.credentials(CredentialsSource::profile(profile)),
            None => builder,
        }
    }

    /// What the command line says of all clients.
    fn told(&self, mut builder: Builder<Client>) -> Builder<Client> {
        builder = builder
            .timeout(self.globals.timeout)
            .user_agent_suffix(concat!("kps-cli/", env!("CARGO_PKG_VERSION")));
        if let Some(project_id) = &self.globals.project_id {
            builder = builder.project_id(project_id.clone());
        }
        if let Some(told) = Told::of(self.globals.verbose, self.globals.trace) {
            builder = builder.observer(Talk::new(told, self.globals.output.is_json()));
        }
        match &self.globals.endpoint {
            Some(endpoint) => builder.endpoint(endpoint),
            None => builder,
        }
    }

    /// Makes a call, or prints it if nothing is to be sent.
    pub(crate) fn send<O: Operation>(&self, kps: &Client, operation: O) -> Result<O::Output, Stop> {
        if self.globals.dry_run {
            self.output.request(&kps.prepare(operation)?)?;
            return Err(Stop::Done);
        }
        Ok(kps.send(operation)?)
    }

    /// Prints a request in place of sending it, if nothing is to be sent.
    pub(crate) fn spare<O: Operation + Clone>(&self, kps: &Client, operation: &O) -> Result<(), Stop> {
        if !self.globals.dry_run {
            return Ok(());
        }
        self.output.request(&kps.prepare(operation.clone())?)?;
        Err(Stop::Done)
    }

    /// A list, or its first request if nothing is to be sent.
    pub(crate) fn items<O: Paged>(&self, kps: &Client, list: O) -> Result<kps_ureq::Items<O>, Stop> {
        self.spare(kps, &list)?;
        Ok(kps.items(list))
    }

    /// Lets time pass, for one who looks on; if nobody does any more, that is the end.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), Stop> {
        #[cfg(feature = "emulator")]
        if let Some(demo) = &self.demo {
            demo.pass(time);
        }
        if machine::sleep_while_read(time) { Ok(()) } else { Err(Stop::Done) }
    }
}
