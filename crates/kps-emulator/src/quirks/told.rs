use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};

use crate::route::Operation;

/// An answer, taken apart.
pub(super) struct Told {
    pub(super) operation: Option<Operation>,
    /// What the body says, unless it is no JSON.
    pub(super) body: Option<Value>,
    answer: Response<Bytes>,
}

impl Told {
    pub(super) fn new(operation: Option<Operation>, answer: Response<Bytes>) -> Self {
        Self { operation, body: serde_json::from_slice(answer.body()).ok(), answer }
    }

    pub(super) fn into_answer(self) -> Response<Bytes> {
        let Self { body, mut answer, .. } = self;
        if let Some(body) = body {
            *answer.body_mut() = body.to_string().into();
        }
        answer
    }

    pub(super) fn status(&self) -> StatusCode {
        self.answer.status()
    }

    pub(super) fn set_status(&mut self, status: StatusCode) {
        *self.answer.status_mut() = status;
    }

    pub(super) fn set_content_type(&mut self, content_type: &'static str) {
        self.answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }

    /// The body, if it is an object.
    pub(super) fn object(&mut self) -> Option<&mut Map<String, Value>> {
        self.body.as_mut()?.as_object_mut()
    }

    /// The items of a list.
    pub(super) fn items(&mut self, list: &str) -> impl Iterator<Item = &mut Map<String, Value>> {
        let items = self.object().and_then(|body| body.get_mut(list)).and_then(Value::as_array_mut);
        items.into_iter().flatten().filter_map(Value::as_object_mut)
    }

    /// The key pairs it tells of, by themselves or in a list.
    pub(super) fn keypairs(&mut self) -> Vec<&mut Map<String, Value>> {
        let Some(body) = self.object() else { return Vec::new() };
        let mut found = Vec::new();
        for (name, value) in body {
            match (name.as_str(), value) {
                ("keypair", Value::Object(keypair)) => found.push(keypair),
                ("keypairs" | "succeeded_keypairs", Value::Array(items)) => {
                    found
                        .extend(items.iter_mut().filter_map(|item| item.get_mut("keypair")?.as_object_mut()));
                }
                _ => (),
            }
        }
        found
    }

    /// All objects in it, itself included, and those within them first.
    pub(super) fn each_object(&mut self, edit: &dyn Fn(&mut Map<String, Value>)) {
        self.body.iter_mut().for_each(|body| each_object(body, edit));
    }
}

fn each_object(value: &mut Value, edit: &dyn Fn(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, edit)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| each_object(field, edit));
            edit(fields);
        }
        _ => (),
    }
}
