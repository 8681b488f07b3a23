//! Examples: each JSON body of the contract is shown filled in, composed from the examples of its fields.
use serde_json::{Map, Value, json};
use utoipa::openapi::{Content, OpenApi, RefOr};

use super::shared::operations;

/// Gives every JSON body that has none an example.
pub(super) fn fill(api: &mut OpenApi) {
    let schemas = api
        .components
        .as_ref()
        .and_then(|parts| serde_json::to_value(&parts.schemas).ok())
        .unwrap_or_default();
    let composer = Composer { schemas };
    for item in api.paths.paths.values_mut() {
        for operation in operations(item) {
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                body.content.values_mut().for_each(|content| composer.complete(content));
            }
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response {
                    let json = response.content.iter_mut().filter(|(kind, _)| kind.ends_with("json"));
                    json.for_each(|(_, content)| composer.complete(content));
                }
            }
        }
    }
}

struct Composer {
    schemas: Value,
}

impl Composer {
    fn complete(&self, content: &mut RefOr<Content>) {
        let RefOr::T(content) = content else { return };
        if content.example.is_none() && content.examples.is_empty() {
            let schema = content
                .schema
                .as_ref()
                .and_then(|schema| serde_json::to_value(schema).ok());
            content.example = schema.map(|schema| self.example(&schema, 0));
        }
    }

    /// An example of a schema: its own, or one composed from its parts.
    fn example(&self, schema: &Value, depth: usize) -> Value {
        const DEEPEST: usize = 12;
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(own) = schema.get("example").or_else(|| schema.get("examples")?.get(0)) {
            return own.clone();
        }
        if let Some(name) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|path| path.rsplit('/').next())
        {
            return self
                .schemas
                .get(name)
                .map_or(Value::Null, |referred| self.example(referred, depth + 1));
        }
        if let Some(first) = schema.get("enum").and_then(|list| list.get(0)) {
            return first.clone();
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branches) = schema.get(key).and_then(Value::as_array) {
                let real = branches
                    .iter()
                    .find(|branch| branch.get("type") != Some(&json!("null")));
                return real.map_or(Value::Null, |branch| self.example(branch, depth + 1));
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.example(part, depth + 1) {
                    whole.extend(fields);
                }
            }
            return Value::Object(whole);
        }
        self.by_type(schema, depth)
    }

    fn by_type(&self, schema: &Value, depth: usize) -> Value {
        let kind = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            Some(Value::String(kind)) => Some(kind.as_str()),
            _ => None,
        };
        match kind {
            Some("object") => {
                let fields = schema.get("properties").and_then(Value::as_object);
                let filled = fields
                    .into_iter()
                    .flatten()
                    .map(|(name, field)| (name.clone(), self.example(field, depth + 1)));
                Value::Object(filled.collect())
            }
            Some("array") => schema
                .get("items")
                .map_or(json!([]), |item| json!([self.example(item, depth + 1)])),
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            Some("string") => json!(match schema.get("format").and_then(Value::as_str) {
                Some("uuid") => "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f",
                Some("date") => "2027-02-22",
                Some("date-time") => "2027-02-22T00:30:00Z",
                _ => "…",
            }),
            _ => Value::Null,
        }
    }
}
