//! Who calls.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, Request};
use kps_model::Timestamp;
use sha2::{Digest, Sha256};

use crate::callers::{AccessKey, Callers};
use crate::identity::Issued;
use crate::refusal::Refusal;
use crate::signature::{Claim, Signing, text};

/// How far a request's date may be off.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// Against what a request is checked.
pub(crate) struct Known<'a> {
    pub(crate) callers: &'a Callers,
    pub(crate) issued: &'a Issued,
    /// Whether anybody is let in.
    pub(crate) lenient: bool,
    /// The time by which requests are signed.
    pub(crate) now: SystemTime,
    /// The time by which what was issued ends, in milliseconds since 1970.
    pub(crate) clock: i64,
}

/// Checks the token or the signature of a request.
pub(crate) fn authenticate(known: &Known<'_>, request: &Request<Bytes>) -> Result<(), Refusal> {
    if known.lenient {
        return Ok(());
    }
    let headers = request.headers();
    if let Some(token) = headers.get("x-auth-token") {
        return known.token(token.as_bytes());
    }
    let authorization = text(headers, "authorization").ok_or("x-auth-token not found");
    let key = authorization
        .map_err(ToOwned::to_owned)
        .and_then(|authorization| signature(known, request, &authorization))
        .map_err(|reason| Refusal::unauthenticated(&reason))?;
    known.issued.check_key(&key, known.clock)
}

impl Known<'_> {
    fn token(&self, token: &[u8]) -> Result<(), Refusal> {
        if self.callers.tokens.iter().any(|known| same(known.expose().as_bytes(), token)) {
            return Ok(());
        }
        self.issued.check_token(token, self.clock)
    }

    pub(crate) fn key(&self, id: &str) -> Option<&AccessKey> {
        self.callers.access_keys.iter().find(|key| key.id == id).or_else(|| self.issued.key(id))
    }

    /// The secret keys of the seed.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.callers.access_keys.iter().map(|key| key.secret.expose().as_bytes())
    }
}

/// The id of the access key a request is rightly signed with.
fn signature(known: &Known<'_>, request: &Request<Bytes>, authorization: &str) -> Result<String, String> {
    let claim = Claim::parse(authorization).ok_or("the Authorization header is malformed")?;
    let key = known.key(claim.access).ok_or_else(|| format!("ak {} not exist", claim.access))?;

    let names: Vec<&str> = claim.signed_headers.split(';').collect();
    let lower_case = !claim.signed_headers.contains(|letter: char| letter.is_ascii_uppercase());
    if !lower_case || !names.is_sorted_by(|one, next| one < next) {
        return Err("the signed headers must be in lower case and in order, each once".into());
    }
    if !names.contains(&"x-sdk-date") {
        return Err("x-sdk-date must be signed".into());
    }
    let date = text(request.headers(), "x-sdk-date").unwrap_or_default();
    timely(&date, known.now)?;
    security_token(key, request.headers())?;

    let signing = Signing::of(request, &names)?;
    let lower_case = !claim.signature.contains(|digit: char| digit.is_ascii_uppercase());
    let given = hex::decode(claim.signature).ok().filter(|_| lower_case).unwrap_or_default();
    if !signing.is_signed(key.secret.expose().as_bytes(), &given) {
        // The gateway quotes what it has hashed, the values of all signed headers included.
        let quoted = signing.canonical().replace('\n', "|");
        return Err(format!("verify aksk signature fail, canonicalRequest:{quoted}"));
    }
    Ok(key.id.clone())
}

fn timely(date: &str, now: SystemTime) -> Result<(), String> {
    let signed = moment(date).ok_or_else(|| format!("the date {date:?} is not like 20260401T083000Z"))?;
    let off = now.duration_since(signed).unwrap_or_else(|early| early.duration());
    if off <= WINDOW {
        return Ok(());
    }
    let server = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let server = Timestamp::from_millis(i64::try_from(server).unwrap_or_default()).to_string();
    let server: String = server.split('.').next().unwrap_or_default().replace(['-', ':'], "");
    Err(format!(
        "calc aksk signature fail:signature expired, signature time:{date},server time:{}Z",
        server.trim_end_matches('Z'),
    ))
}

/// The moment that a date like `20260401T083000Z` names.
fn moment(date: &str) -> Option<SystemTime> {
    let (day, time) = date.split_once('T').filter(|_| date.len() == 16)?;
    let (year, month, day) = (day.get(..4)?, day.get(4..6)?, day.get(6..)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
    humantime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}")).ok()
}

/// A temporary key is worth nothing without its token.
fn security_token(key: &AccessKey, headers: &HeaderMap) -> Result<(), String> {
    let Some(expected) = &key.security_token else { return Ok(()) };
    let given = headers.get("x-security-token").map(http::HeaderValue::as_bytes).unwrap_or_default();
    if same(expected.expose().as_bytes(), given) { Ok(()) } else { Err("the security token is wrong".into()) }
}

/// Whether two secrets are the same, told by their hashes, so that the time it takes tells nothing of them.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Emulator, Seed};
    use kps_core::Secret;
    use kps_core::sign::Signer;
    use kps_model::ErrorBody;
    use proptest::prelude::*;

    fn known<'a>(seed: &'a Seed, issued: &'a Issued) -> Known<'a> {
        Known { callers: &seed.callers, issued, lenient: false, now: UNIX_EPOCH + NOW, clock: 0 }
    }

    const NOW: Duration = Duration::from_secs(1_775_032_200);
    const URL: &str = "http://kms.example.com/v3/0a1b/failed-tasks?limit=1";

    struct Sent {
        id: &'static str,
        secret: &'static str,
        method: String,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: String,
        skew: i64,
    }

    impl Sent {
        fn new() -> Self {
            Self {
                id: Emulator::ACCESS_KEY_ID,
                secret: Emulator::SECRET_ACCESS_KEY,
                method: "GET".into(),
                url: URL.into(),
                headers: vec![("content-type", "application/json".into())],
                body: String::new(),
                skew: 0,
            }
        }

        fn request(&self) -> Request<Bytes> {
            let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let at = UNIX_EPOCH + NOW.saturating_add_signed(self.skew);
            let signer = Signer::new(self.id, &Secret::new(self.secret)).unwrap();
            let signed = signer.sign(&self.method, &self.url, &headers, self.body.as_bytes(), at).unwrap();
            let mut request = Request::builder().method(self.method.as_str()).uri(&self.url);
            for (name, value) in signed.headers() {
                request = request.header(name, value);
            }
            request.header("authorization", signed.authorization()).body(self.body.clone().into()).unwrap()
        }
    }

    trait AddSigned {
        fn saturating_add_signed(self, seconds: i64) -> Duration;
    }

    impl AddSigned for Duration {
        fn saturating_add_signed(self, seconds: i64) -> Duration {
            Duration::from_secs(self.as_secs().saturating_add_signed(seconds))
        }
    }

    fn reason(request: &Request<Bytes>) -> Option<String> {
        let refusal = authenticate(&known(&Seed::built_in(), &Issued::default()), request).err()?;
        let answer = refusal.answer("id");
        let body = ErrorBody::parse(answer.body());
        assert_eq!((answer.status().as_u16(), body.code.as_deref()), (401, Some("APIGW.0301")));
        let message = body.message.unwrap();
        assert!(!message.contains("SKemulator"), "{message}");
        Some(message.strip_prefix("Incorrect IAM authentication information: ").unwrap().to_owned())
    }

    fn with_header(name: &'static str, value: &[u8]) -> Request<Bytes> {
        let mut request = Sent::new().request();
        request.headers_mut().insert(name, http::HeaderValue::from_bytes(value).unwrap());
        request
    }

    #[test]
    fn who_may_not_call_is_told_why() {
        let unsigned = Request::get(URL).body(Bytes::new()).unwrap();
        let no_date = "SDK-HMAC-SHA256 Access=AKEMULATOR0000000001, SignedHeaders=host, Signature=00";
        let absent =
            "SDK-HMAC-SHA256 Access=AKEMULATOR0000000001, SignedHeaders=x-a;x-sdk-date, Signature=00";
        for (request, expected) in [
            (unsigned, "x-auth-token not found"),
            (Sent { id: "AKNOBODY", ..Sent::new() }.request(), "ak AKNOBODY not exist"),
            (
                Sent { secret: "wrong", ..Sent::new() }.request(),
                "verify aksk signature fail, canonicalRequest:GET|/v3/0a1b/failed-tasks/|limit=1|content-type:application/json|host:kms.example.com|x-sdk-date:20260401T083000Z||content-type;host;x-sdk-date|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                Sent { skew: -901, ..Sent::new() }.request(),
                "calc aksk signature fail:signature expired, signature time:20260401T081459Z,server time:20260401T083000Z",
            ),
            (
                Sent { skew: 901, ..Sent::new() }.request(),
                "calc aksk signature fail:signature expired, signature time:20260401T084501Z,server time:20260401T083000Z",
            ),
            (
                Sent {
                    id: "AKEMULATOR0000000002",
                    secret: "SKemulatorIsPublicAndOpensNothing0000002",
                    ..Sent::new()
                }
                .request(),
                "the security token is wrong",
            ),
            (with_header("x-auth-token", b"wrong"), "decrypt token fail"),
            (with_header("x-auth-token", b"\xff"), "decrypt token fail"),
            (with_header("authorization", b"Basic x"), "the Authorization header is malformed"),
            (with_header("authorization", b"\xff"), "x-auth-token not found"),
            (with_header("authorization", no_date.as_bytes()), "x-sdk-date must be signed"),
            (with_header("authorization", absent.as_bytes()), "the signed header x-a is missing"),
            (with_header("x-sdk-date", b"yesterday"), "the date \"yesterday\" is not like 20260401T083000Z"),
            (
                with_header("x-sdk-date", b"20260231T083000Z"),
                "the date \"20260231T083000Z\" is not like 20260401T083000Z",
            ),
        ] {
            assert_eq!(reason(&request).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_date_is_taken_in_one_form_alone() {
        let seconds = |date: &str| Some(moment(date)?.duration_since(UNIX_EPOCH).unwrap().as_secs());
        for (date, expected) in [
            ("19700101T000000Z", Some(0)),
            ("20000229T235959Z", Some(951_868_799)),
            ("20260401T083000Z", Some(NOW.as_secs())),
            ("99991231T235959Z", Some(253_402_300_799)),
            ("19691231T235959Z", None),
            ("20230229T000000Z", None),
            ("21000229T000000Z", None),
            ("20260431T000000Z", None),
            ("20261301T000000Z", None),
            ("20260400T000000Z", None),
            ("20260401T240000Z", None),
            ("20260401T006000Z", None),
            ("20260401T000061Z", None),
            ("20260401T083000", None),
            ("20260401T083000z", None),
            ("20260401T083000+", None),
            ("20260401 083000Z", None),
            ("20260401T08300ZZ", None),
            ("+2026401T083000Z", None),
            ("202604T010083000Z", None),
            ("2026-04-01T08:30:00Z", None),
            ("20260401T083000.5Z", None),
            ("2026040éT083000Z", None),
            ("T", None),
            ("", None),
        ] {
            assert_eq!(seconds(date), expected, "{date}");
        }
    }

    #[test]
    fn anybody_is_let_in_where_that_is_wanted() {
        let (seed, issued) = (Seed::empty(), Issued::default());
        let forged = with_header("authorization", b"Basic x");
        assert!(authenticate(&known(&seed, &issued), &forged).is_err());
        let lenient = Known { lenient: true, ..known(&seed, &issued) };
        for request in [forged, with_header("x-auth-token", b"wrong"), Request::default()] {
            assert!(authenticate(&lenient, &request).is_ok());
        }
    }

    #[test]
    fn what_was_not_signed_proves_nothing() {
        let mut forged = Sent { body: "true body".into(), ..Sent::new() }.request();
        let stated = hex::encode(Sha256::digest(b"true body"));
        forged.headers_mut().insert("x-sdk-content-sha256", stated.parse().unwrap());
        assert_eq!(reason(&forged), None);
        *forged.body_mut() = Bytes::from_static(b"forged body");
        assert!(reason(&forged).unwrap().starts_with("verify aksk signature fail"));

        let mut twice = Sent::new().request();
        twice.headers_mut().append("content-type", http::HeaderValue::from_static("text/plain"));
        assert_eq!(reason(&twice).as_deref(), Some("the signed header content-type is given twice"));
    }

    #[test]
    fn only_the_one_form_of_a_signature_is_taken() {
        let good = Sent::new().request().headers()["authorization"].to_str().unwrap().to_owned();
        let (head, signature) = good.split_once("Signature=").unwrap();
        let upper = format!("{head}Signature={}", signature.to_uppercase());
        let unsorted = good.replace("content-type;host;", "host;content-type;");
        let repeated = good.replace("content-type;", "content-type;content-type;");
        let capital = good.replace("content-type;", "Content-Type;");
        for (authorization, expected) in [
            (upper, "verify aksk signature fail"),
            (unsorted, "the signed headers must be in lower case and in order"),
            (repeated, "the signed headers must be in lower case and in order"),
            (capital, "the signed headers must be in lower case and in order"),
        ] {
            let reason = reason(&with_header("authorization", authorization.as_bytes())).unwrap();
            assert!(reason.starts_with(expected), "{reason}");
        }
    }

    #[test]
    fn who_may_call_is_let_in() {
        let temporary = Sent {
            id: "AKEMULATOR0000000002",
            secret: "SKemulatorIsPublicAndOpensNothing0000002",
            headers: vec![("x-security-token", "STemulatorIsPublicAndOpensNothing".into())],
            ..Sent::new()
        };
        let token = Request::get(URL).header("x-auth-token", Emulator::TOKEN).body(Bytes::new()).unwrap();
        for request in [
            Sent::new().request(),
            temporary.request(),
            token,
            Sent { skew: -900, ..Sent::new() }.request(),
            Sent { skew: 900, ..Sent::new() }.request(),
        ] {
            assert_eq!(reason(&request), None);
        }
    }

    proptest! {
        #[test]
        fn what_the_client_signs_is_accepted_and_nothing_near_it(
            method in "(GET|PUT|POST|DELETE)",
            path in "(/[a-zA-Z0-9._~%+*:@-]{0,6}){1,4}",
            query in "([a-cA-C%+]{1,3}(=[a-z0-9%+~*]{0,4})?&?){0,4}",
            body in "(|\\{\"a\":\"\\PC{0,6}\"\\})",
            header in "[a-zA-Z0-9 ;=]{1,10}",
            change in 0..5,
        ) {
            let sent = Sent {
                method,
                url: format!("http://kms.example.com:8080{path}?{query}"),
                headers: vec![("x-language", header)],
                body,
                ..Sent::new()
            };
            let mut request = sent.request();
            prop_assert_eq!(reason(&request), None);
            match change {
                0 => *request.method_mut() = http::Method::PATCH,
                1 => *request.uri_mut() = format!("http://kms.example.com:8080{path}x?{query}").parse().unwrap(),
                2 => *request.uri_mut() = format!("http://kms.example.com:8080{path}?z=1&{query}").parse().unwrap(),
                3 => drop(request.headers_mut().insert("x-language", http::HeaderValue::from_static("!"))),
                _ => *request.body_mut() = Bytes::from(format!("{} ", sent.body)),
            }
            prop_assert!(reason(&request).is_some());
        }
    }
}
