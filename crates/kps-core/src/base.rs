//! What a client has besides the service itself.

use std::sync::Arc;

use kps_model::ProjectId;

use crate::credentials::desk::Hosts;
use crate::credentials::{AGENCY_URN, FULL_URI, ID_TOKEN_FILE, IDP_ID, Keyring, PROVIDER_URN, split};
use crate::endpoint::Endpoint;
use crate::{AsyncTransport, CredentialsSource, Environment, Error, HttpOptions, Proxy, ProxyRules};

type Make = Box<dyn FnOnce(&HttpOptions, ProxyRules) -> Result<Arc<dyn AsyncTransport>, Error> + Send>;

/// Where the transport comes from.
pub(crate) enum Connect {
    /// One that is ready has a proxy of its own, or none, whatever the environment says.
    Ready(Arc<dyn AsyncTransport>),
    Make(Make),
}

/// What a client has besides the service itself.
pub(crate) struct Base {
    pub(crate) source: CredentialsSource,
    pub(crate) keyring: Keyring,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) hosts: Hosts,
    pub(crate) environment: Environment,
}

impl Connect {
    pub(crate) fn transport(self, http: &HttpOptions, base: &Base) -> Result<Arc<dyn AsyncTransport>, Error> {
        match self {
            Self::Ready(transport) => Ok(transport),
            Self::Make(make) => make(http, proxies(http.proxy(), &base.environment, &base.hosts)?),
        }
    }
}

pub(crate) const METADATA: &str = "http://169.254.169.254";

fn proxies(proxy: &Proxy, environment: &Environment, hosts: &Hosts) -> Result<ProxyRules, Error> {
    let mut rules = match proxy {
        Proxy::None => return Ok(ProxyRules::none()),
        Proxy::Url(address) => ProxyRules::only(address)?,
        Proxy::System => ProxyRules::read(environment)?,
    };
    // These are of this machine alone: through a proxy one would become somebody else.
    rules.reach_directly(hosts.metadata.host_name());
    // What is wrong with it is told when it is used.
    let pod = environment.get(FULL_URI).ok().flatten();
    if let Some(Ok(pod)) = pod.map(|pod| Endpoint::named(FULL_URI, split(pod.trim()).0)) {
        rules.reach_directly(pod.host_name());
    }
    Ok(rules)
}

/// The source that the variables and the files name. An access key in the variables needs no source that is asked again, and
/// what is wrong with it is said at once; but variables of another source may count for more.
pub(crate) fn of_environment(environment: &Environment) -> Result<CredentialsSource, Error> {
    for variable in [IDP_ID, ID_TOKEN_FILE, PROVIDER_URN, AGENCY_URN] {
        if environment.get(variable)?.is_some() {
            return Ok(CredentialsSource::default_chain());
        }
    }
    Ok(environment.credentials()?.map_or_else(CredentialsSource::default_chain, CredentialsSource::from))
}
