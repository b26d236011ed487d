use crate::Error;

/// A cloud: the domain under which its services are, all of which it sets at once. That of Huawei Cloud is the default;
/// partner clouds and the European site have their own.
///
/// ```
/// use kps_core::{Credentials, ProjectId, Region, Site, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let kps = blocking::Client::builder(transport)
///     .site(Site::new("myhuaweicloud.eu")?)
///     .region(Region::new("eu-west-101")?)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// assert!(format!("{kps:?}").contains("https://kms.eu-west-101.myhuaweicloud.eu"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    domain: String,
}

impl Site {
    const HUAWEI: &'static str = "myhuaweicloud.com";

    /// The cloud whose services are at `kms.REGION.DOMAIN`, `iam.REGION.DOMAIN` and `sts.REGION.DOMAIN`.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if it is no domain.
    pub fn new(domain: impl Into<String>) -> Result<Self, Error> {
        // Hosts are compared, and signed, in small letters.
        let domain = domain.into().to_ascii_lowercase();
        let in_form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if domain.split('.').all(|label| !label.is_empty() && label.bytes().all(in_form)) {
            return Ok(Self { domain });
        }
        Err(Error::config(format!("{domain:?} is no domain: it must be like {}", Self::HUAWEI)))
    }

    /// The domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether it is Huawei Cloud itself, whose regions are known.
    pub(crate) fn is_huawei(&self) -> bool {
        self.domain == Self::HUAWEI
    }

    /// The host of a service, for all regions or for one.
    pub(crate) fn host(&self, service: &str, region: Option<&str>) -> String {
        match region {
            Some(region) => format!("{service}.{region}.{}", self.domain),
            None => format!("{service}.{}", self.domain),
        }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self { domain: Self::HUAWEI.to_owned() }
    }
}
