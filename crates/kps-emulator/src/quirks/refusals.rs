//! How a refusal is brought into another form.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::told::Told;

/// What is not there with the status that most services have for it.
pub(super) fn not_found_as_404(told: &mut Told) {
    let code = told.object().and_then(|body| body.get("error_code")).and_then(Value::as_str);
    if matches!(code, Some("KPS.4016" | "KPS.6004")) {
        told.set_status(StatusCode::NOT_FOUND);
    }
}

/// The same code always in the same shape, so that what a client makes of it is the same each time.
pub(super) fn reshaped(told: &mut Told) {
    let status = told.status();
    let Some(body) = told.object() else { return };
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (code, message, request_id) =
        (text("error_code"), text("error_msg"), body.get("request_id").cloned());
    let message = if code.starts_with("KPS.") { format!("请求失败：{message}") } else { message };
    let mut reshaped = shape(&code, &message, status);
    if let Some(id) = request_id {
        reshaped.insert("request_id".into(), id);
    }
    *body = reshaped;
}

fn shape(code: &str, message: &str, status: StatusCode) -> Map<String, Value> {
    let shaped = match code.bytes().map(u32::from).sum::<u32>() % 5 {
        0 => json!({"error": {"error_code": code, "error_msg": message}}),
        1 => json!({"error": {"code": code, "message": message, "title": status.canonical_reason()}}),
        2 => json!({"code": code, "message": message, "encoded_authorization_message": "RU5DT0RFRA=="}),
        3 => json!({"errorCode": code, "errorMsg": message, "error_code": null, "error_msg": null}),
        _ => {
            json!({"code": code, "message": message, "details": [{"error_code": code, "error_msg": message}]})
        }
    };
    if let Value::Object(shaped) = shaped { shaped } else { Map::new() }
}
