//! The metadata service of a cloud server, which hands out temporary keys of the server's agency.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use kps_model::Secret;

use crate::credentials::desk::{Ask, Desk, refused, secret_header};
use crate::credentials::iam::temporary;
use crate::credentials::source::{CredentialsSource, Found, Source};
use crate::{BoxFuture, Error, redact};

const WHAT: &str = "the metadata service";
const TIME_LIMIT: Duration = Duration::from_secs(3);
const TOKEN_SECONDS: u32 = 6 * 3600;
/// How long it is believed that there are no tokens.
const NO_TOKEN: Duration = Duration::from_secs(24 * 3600);
const NO_AGENCY: &str = "Please configure Cloud Service Agency first";

#[derive(Default)]
pub(crate) struct Metadata(Mutex<State>);

#[derive(Clone, Default)]
struct State {
    token: Option<Secret>,
    /// When a token was last asked for.
    asked: Option<SystemTime>,
}

impl Source for Metadata {
    fn name(&self) -> &'static str {
        "metadata service"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            let redact = |text: &mut String| {
                let token = self.state().token;
                token.iter().for_each(|token| redact::one(text, token.expose()));
            };
            // It is not there on a machine that is no cloud server, or somebody else answers in its place; neither is a
            // fault of who did not set it up.
            Ok(match self.keys(desk).await {
                Err(error) => Found::Nothing(error.report()),
                Ok(answer) if !answer.status().is_success() => {
                    Found::Nothing(refused(WHAT, &answer, &redact).to_string())
                }
                Ok(answer) => match temporary(WHAT, &answer) {
                    Ok(credentials) => credentials.into(),
                    Err(error) => Found::Nothing(error.to_string()),
                },
            })
        })
    }

    fn instance(&self) -> Option<CredentialsSource> {
        Some(CredentialsSource::metadata())
    }
}

impl Metadata {
    async fn keys(&self, desk: &Desk<'_>) -> Result<Response<Bytes>, Error> {
        let state = self.state();
        let long_ago = state
            .asked
            .is_none_or(|asked| desk.now().duration_since(asked).is_ok_and(|since| since > NO_TOKEN));
        if state.token.is_none() && long_ago {
            self.renew_token(desk, true).await?;
        }
        let answer = self.ask(desk).await?;
        let has_agency = !String::from_utf8_lossy(answer.body()).contains(NO_AGENCY);
        if answer.status() != StatusCode::UNAUTHORIZED || !has_agency {
            return Ok(answer);
        }
        self.renew_token(desk, false).await?;
        self.ask(desk).await
    }

    async fn ask(&self, desk: &Desk<'_>) -> Result<Response<Bytes>, Error> {
        let mut ask = Ask::get(WHAT, &desk.hosts.metadata, "/openstack/latest/securitykey");
        ask.time_limit = Some(TIME_LIMIT);
        if let Some(token) = self.state().token {
            let token = secret_header("the token of the metadata service", token.expose())?;
            ask.headers.push((HeaderName::from_static("x-metadata-token"), token));
        }
        desk.send(ask).await
    }

    /// Asks for a token. An old service has none, which at the first time is no fault.
    async fn renew_token(&self, desk: &Desk<'_>, may_be_missing: bool) -> Result<(), Error> {
        let mut ask = Ask::get(WHAT, &desk.hosts.metadata, "/meta-data/latest/api/token");
        ask.method = Method::PUT;
        ask.time_limit = Some(TIME_LIMIT);
        let seconds = HeaderValue::from(TOKEN_SECONDS);
        ask.headers.push((HeaderName::from_static("x-metadata-token-ttl-seconds"), seconds));
        let answer = desk.send(ask).await?;
        let token = match answer.status().as_u16() {
            200 => Some(Secret::new(String::from_utf8_lossy(answer.body()).trim())),
            404 | 405 | 503 if may_be_missing => None,
            _ => return Err(refused(WHAT, &answer, &|_| ())),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State { token, asked: Some(desk.now()) };
        Ok(())
    }

    fn state(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
