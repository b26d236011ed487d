//! The temporary keys of a pod in the container service.

use std::path::Path;
use std::time::Duration;

use http::header::AUTHORIZATION;
use serde_json::json;

use crate::credentials::desk::{Ask, Desk, secret_header};
use crate::credentials::half;
use crate::credentials::iam::temporary;
use crate::credentials::source::{Found, Source};
use crate::endpoint::Endpoint;
use crate::{BoxFuture, Error};

pub(crate) const FULL_URI: &str = "HC_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const TIME_LIMIT: Duration = Duration::from_secs(5);

pub(crate) struct PodIdentity;

impl Source for PodIdentity {
    fn name(&self) -> &'static str {
        "pod identity"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            const WHAT: &str = "the pod identity";
            let (uri, file) = (desk.environment.trimmed(FULL_URI)?, desk.environment.trimmed(TOKEN_FILE)?);
            let (uri, file) = match (uri, file) {
                (Some(uri), Some(file)) => (uri, file),
                (None, None) => return Ok(Found::Nothing(format!("{FULL_URI} is not set"))),
                (Some(_), None) => return Err(half(FULL_URI, TOKEN_FILE)),
                (None, Some(_)) => return Err(half(TOKEN_FILE, FULL_URI)),
            };
            let (host, path) = split(&uri);
            let endpoint = Endpoint::named(&format!("the variable {FULL_URI}"), host)?;
            let token = desk.environment.secret_file("the token of the pod", Path::new(&file))?;
            let mut ask = Ask::post(WHAT, &endpoint, path, &json!({}))?.with_secret(token.expose());
            ask.headers.push((AUTHORIZATION, secret_header("the token of the pod", token.expose())?));
            ask.time_limit = Some(TIME_LIMIT);
            let answer = desk.ask(ask).await?;
            temporary(WHAT, &answer).map(Found::from)
        })
    }
}

/// Scheme and host, and what follows.
pub(crate) fn split(uri: &str) -> (&str, &str) {
    let host = uri.find("://").map_or(0, |at| at + 3);
    let path = uri.get(host..).and_then(|rest| rest.find(['/', '?'])).map(|at| host + at);
    path.and_then(|at| uri.split_at_checked(at)).unwrap_or((uri, "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split_at_its_path() {
        for (uri, host, path) in [
            ("http://127.0.0.1:8080/v1/credentials?a=b", "http://127.0.0.1:8080", "/v1/credentials?a=b"),
            ("http://127.0.0.1", "http://127.0.0.1", "/"),
            ("pod.example/x", "pod.example", "/x"),
            ("http://pod.example?a=b", "http://pod.example", "?a=b"),
            ("", "", "/"),
        ] {
            assert_eq!(split(uri), (host, path));
        }
    }
}
