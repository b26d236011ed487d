//! Temporary credentials as the services hand them out, each in a form of its own.

use kps_model::{DecodeError, Secret, from_json};
use serde::Deserialize;

use crate::Credentials;
use crate::credentials::expiry;

/// The union of all forms: the keys at the top, or in `credential`, or in `credentials`; each under several names, of
/// which the first that is there and not empty counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    credential: Option<Box<Self>>,
    credentials: Option<Box<Self>>,
    access: Option<Secret>,
    access_key_id: Option<Secret>,
    #[serde(rename = "access_key_id")]
    access_key_id_with_lines: Option<Secret>,
    secret: Option<Secret>,
    secret_access_key: Option<Secret>,
    #[serde(rename = "secret_access_key")]
    secret_access_key_with_lines: Option<Secret>,
    securitytoken: Option<Secret>,
    security_token: Option<Secret>,
    #[serde(rename = "security_token")]
    security_token_with_lines: Option<Secret>,
    #[serde(rename = "expires_at")]
    expires_at: Option<String>,
    expiration: Option<String>,
}

/// Reads temporary credentials; the error never quotes any.
pub(crate) fn read(json: &[u8]) -> Result<Credentials, String> {
    let form: Form = from_json(json).map_err(|fault: DecodeError| fault.without_reason().to_string())?;
    keys(form)
}

fn keys(form: Form) -> Result<Credentials, String> {
    if let Some(within) = form.credential.or(form.credentials) {
        return keys(*within);
    }
    let first = |what: &str, names: [Option<Secret>; 3]| {
        let given = names.into_iter().flatten().find(|value| !value.is_empty());
        given.ok_or_else(|| format!("the answer has no {what}"))
    };
    let access = first("access key id", [form.access, form.access_key_id, form.access_key_id_with_lines])?;
    let secret =
        first("secret access key", [form.secret, form.secret_access_key, form.secret_access_key_with_lines])?;
    let token =
        first("security token", [form.securitytoken, form.security_token, form.security_token_with_lines])?;
    let credentials = Credentials::access_key(access.expose(), secret).with_security_token(token);
    let expiry =
        [form.expires_at, form.expiration].into_iter().flatten().find(|text| !text.trim().is_empty());
    let Some(text) = expiry else { return Ok(credentials) };
    let expiry = expiry::parse(&text).ok_or_else(|| format!("the expiry {text:?} is no time"))?;
    Ok(credentials.with_expiry(expiry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn every_form_is_read() {
        for json in [
            r#"{"credential":{"access":"AK","secret":"SK","securitytoken":"ST","expires_at":"2020-01-08T03:50:07.574000Z"}}"#,
            r#"{"credentials":{"access_key_id":"AK","secret_access_key":"SK","security_token":"ST","expiration":"2020-01-08T03:50:07Z"},"assumed_agency":{"urn":"u"}}"#,
            r#"{"access":"AK","access_key_id":"AK","accessKeyId":"","secret":"SK","securitytoken":"","security_token":"ST","expires_at":"","expiration":"2020-01-08T03:50:07Z"}"#,
            r#"{"accessKeyId":"AK","secretAccessKey":"SK","securityToken":"ST","expiration":"2020-01-08T11:50:07+08:00"}"#,
        ] {
            let credentials = read(json.as_bytes()).unwrap();
            let seconds = credentials.expiry().unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs();
            assert_eq!(seconds, 1_578_455_407, "{json}");
            assert_eq!(format!("{credentials:?}"), "Credentials(temporary access key)");
        }
        assert_eq!(read(br#"{"access":"a","secret":"b","securitytoken":"c"}"#).unwrap().expiry(), None);
    }

    #[test]
    fn what_is_missing_is_said_and_nothing_is_quoted() {
        for (json, reason) in [
            ("", "at `$`"),
            (r#"{"credential":"hunter2"}"#, "at `credential`"),
            (r#"{"access":"a","securitytoken":"hunter2"}"#, "no secret access key"),
            (r#"{"access":"a","secret":"hunter2"}"#, "no security token"),
            (r#"{"access":"a","secret":"hunter2","securitytoken":""}"#, "no security token"),
            (r#"{"secret":"hunter2"}"#, "no access key id"),
            (
                r#"{"access":"a","secret":"hunter2","securitytoken":"c","expires_at":"soon"}"#,
                "\"soon\" is no time",
            ),
        ] {
            let error = read(json.as_bytes()).unwrap_err();
            assert!(error.contains(reason) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_fraction_of_a_second_counts() {
        let json = r#"{"access":"a","secret":"b","securitytoken":"c","expires_at":"1970-01-01T00:00:01.5Z"}"#;
        assert_eq!(read(json.as_bytes()).unwrap().expiry(), Some(UNIX_EPOCH + Duration::from_millis(1500)));
    }
}
