use super::*;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use proptest::prelude::*;

#[test]
fn each_known_code_has_a_cause_and_a_cure_that_fit_into_a_line() {
    let of_codes = ErrorCode::KNOWN.iter().flat_map(|code| [code.cause().unwrap(), code.cure().unwrap()]);
    let of_messages = TOLD.iter().flat_map(|(_, cause, cure)| [*cause, *cure]);
    for text in of_codes.chain(of_messages) {
        assert!(text.is_ascii() && (10..160).contains(&text.len()), "{text}");
        // `|` would break the table in the documents.
        assert!(!text.contains(['|', '\n']) && !text.ends_with('.') && text.trim() == text, "{text}");
        assert!(text.starts_with(|first: char| first.is_ascii_lowercase()), "{text}");
    }
}

#[test]
fn known_codes_are_listed_once_and_in_order() {
    let (kps, gateway): (Vec<_>, Vec<_>) =
        ErrorCode::KNOWN.iter().partition(|code| code.origin() == Some(ErrorOrigin::Service));
    for codes in [&kps, &gateway] {
        assert!(codes.is_sorted_by(|one, other| one.as_str() < other.as_str()), "{codes:?}");
    }
    assert!(gateway.iter().all(|code| code.origin() == Some(ErrorOrigin::Gateway)));
    assert_eq!((kps.len(), gateway.len()), (25, 31));
    assert_eq!([kps, gateway].concat(), ErrorCode::KNOWN.iter().collect::<Vec<_>>());
    for code in ErrorCode::KNOWN {
        let (_, number) = code.as_str().split_once('.').unwrap();
        assert!(format!("{code:?}").ends_with(number), "{code:?} is {code}");
        assert!(code.statuses().iter().all(|status| (400..600).contains(status)), "{code}");
    }
}

#[test]
fn the_table_in_the_documents_is_that_of_the_code() {
    let document = include_str!("../../../../docs/error-codes.md");
    let documented: Vec<Vec<String>> = document
        .lines()
        .filter(|line| line.starts_with("| `KPS.") || line.starts_with("| `APIGW."))
        .map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_string()).collect())
        .collect();
    let mut expected = Vec::new();
    for code in ErrorCode::KNOWN {
        let statuses: Vec<String> = code.statuses().iter().map(u16::to_string).collect();
        let statuses = if statuses.is_empty() { "–".to_string() } else { statuses.join(", ") };
        let (cause, cure) = (code.cause().unwrap().to_string(), code.cure().unwrap().to_string());
        expected.push(vec![format!("`{code}`"), statuses, cause, cure]);
        if *code == ErrorCode::Apigw0301 {
            expected.extend(TOLD.iter().map(|(text, cause, cure)| {
                vec![format!("`{code}` … `{text}`"), "401".into(), (*cause).into(), (*cure).into()]
            }));
        }
    }
    for (documented, expected) in documented.iter().zip(&expected) {
        assert_eq!(documented, expected);
    }
    assert_eq!(documented.len(), expected.len());
}

#[test]
fn a_message_of_the_gateway_tells_which_of_several_causes_it_is() {
    let mut causes = BTreeSet::new();
    for (text, cause) in [
        (
            "verify aksk signature fail, canonicalRequest:GET|/v3/0a1b/keypairs/signature%20expired/||host:kms",
            "the signature does not fit",
        ),
        (
            "calc aksk signature fail:signature expired, signature time:20211217T064303Z,server time:20211217T065804Z",
            "the clock is",
        ),
        ("ak AKXXX not exist", "the access key is not known"),
        ("Get secretKey failed,ak:AKXXX,err:ak not exist", "the access key is not known"),
        ("AK access failed to reach the limit,forbidden", "the access key is locked"),
        ("decrypt token fail", "the token cannot be read"),
        ("token expires, expires_at: 2026-04-01T08:30:00Z", "the token has ended"),
        ("x-auth-token not found", "no credentials arrived"),
        ("the security token is wrong", "the security token does not belong"),
        ("something else", "the gateway does not accept the signature or the token"),
    ] {
        let message = format!("Incorrect IAM authentication information: {text}");
        for prefix in ["APIGW", "APIG", "APIC"] {
            let body = ErrorBody::new(format!("{prefix}.0301"), message.clone());
            assert!(body.cause().unwrap().starts_with(cause), "{text}: {:?}", body.cause());
            causes.insert((body.cause(), body.cure()));
        }
        let other = ErrorBody::new("KPS.0002", message);
        assert_eq!((other.cause(), other.cure()), (ErrorCode::Kps0002.cause(), ErrorCode::Kps0002.cure()));
    }
    // One for each text, and one where none fits.
    assert_eq!(causes.len(), TOLD.len() + 1);
}

#[test]
fn a_body_without_a_code_that_is_known_tells_no_cause() {
    for body in ["{}", "<html>", r#"{"error":{"code":401,"message":"token expires"}}"#] {
        let body = ErrorBody::parse(body.as_bytes());
        assert_eq!((body.cause(), body.cure()), (None, None));
    }
    assert_eq!(ErrorBody::default().error_code(), None);
}

proptest! {
    #[test]
    fn any_text_comes_back_unchanged(text in prop_oneof![
        " ?(KPS|APIGW|APIG|APIC|IAM|kps)?\\.?[0-9]{0,5}\\PC{0,8} ?",
        "(KPS|APIGW|APIG|APIC)\\.0[0-3]0[0-9]",
    ]) {
        let code = ErrorCode::from(text.as_str());
        let number = text.strip_prefix("APIG.").or_else(|| text.strip_prefix("APIC."));
        if let Some(number) = number.filter(|_| code.is_known()) {
            prop_assert_eq!(code.to_string(), format!("APIGW.{number}"));
        } else {
            prop_assert_eq!(code.to_string(), text.clone());
        }
        prop_assert_eq!(code.is_known(), !matches!(code, ErrorCode::Unknown(_)));
        let json = crate::to_json(&code).unwrap();
        prop_assert_eq!(crate::from_json::<ErrorCode>(&json).unwrap(), code);
    }
}
