//! The contract as a judge: every answer that a test sees must be one that the contract promises.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

/// The contract that the code generates, with validators made as they are needed.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

impl Contract {
    /// The one of this process.
    ///
    /// # Panics
    /// When the contract is not JSON.
    pub fn ours() -> &'static Self {
        static OURS: OnceLock<Contract> = OnceLock::new();
        OURS.get_or_init(|| Self {
            document: serde_json::to_value(api::openapi::document()).expect("the contract as JSON"),
            validators: Mutex::default(),
        })
    }

    /// The whole document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation as (method in lower case, path template, operation).
    pub fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self
            .document
            .get("paths")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods
                .filter(|(method, _)| ["get", "put", "post", "patch", "delete"].contains(&method.as_str()))
                .map(|(method, operation)| (method.as_str(), path.as_str(), operation))
        })
    }

    /// The operation that serves a path; a literal segment is a better match than a parameter.
    pub fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let served = self
            .operations()
            .filter(|(m, template, _)| *m == method && matches(template, path));
        served
            .min_by_key(|(_, template, _)| template.matches('{').count())
            .map(|(_, template, found)| (template, found))
    }

    /// Judges an answer.
    ///
    /// # Errors
    /// A sentence that says which promise is broken.
    pub fn judge(&self, method: &str, path: &str, status: u16, media_type: &str, body: &str) -> Result<(), String> {
        let (template, operation) = self
            .operation(method, path)
            .ok_or_else(|| format!("{method} {path} is not in the contract"))?;
        let promised = operation
            .get("responses")
            .and_then(|responses| responses.get(status.to_string()));
        let promised = promised.ok_or_else(|| format!("{method} {template} does not promise {status}: {body}"))?;
        let promised = self.resolve(promised);
        let Some(contents) = promised.get("content").and_then(Value::as_object) else {
            return if body.is_empty() {
                Ok(())
            } else {
                Err(format!("{method} {template} {status} promises no body: {body}"))
            };
        };
        if status == 304 {
            return Ok(());
        }
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let content = contents.get(media_type).ok_or_else(|| {
            format!(
                "{method} {template} {status} promises {:?}, not {media_type}",
                contents.keys().collect::<Vec<_>>()
            )
        })?;
        match content.get("schema") {
            Some(schema) if media_type.ends_with("json") => {
                self.validate(&format!("{method} {template} {status} {media_type}"), schema, body)
            }
            _ => Ok(()),
        }
    }

    /// Judges an event that another system was told.
    ///
    /// # Errors
    /// A sentence that says which promise is broken.
    pub fn judge_event(&self, body: &str) -> Result<(), String> {
        let event: Value = serde_json::from_str(body).map_err(|e| format!("not JSON: {e}: {body}"))?;
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        let schema = self.document.get("webhooks").and_then(|webhooks| {
            let of_kind = webhooks.get(kind)?;
            of_kind.pointer("/post/requestBody/content/application~1json/schema")
        });
        let schema = schema.ok_or_else(|| format!("no such event in the contract: {body}"))?;
        self.validate(&format!("event {kind}"), schema, body)
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| target.strip_prefix('#'));
        pointer
            .and_then(|pointer| self.document.pointer(pointer))
            .unwrap_or(value)
    }

    fn validate(&self, what: &str, schema: &Value, body: &str) -> Result<(), String> {
        let body: Value = serde_json::from_str(body).map_err(|e| format!("{what}: not JSON: {e}: {body}"))?;
        let faults: Vec<_> = self
            .validator(what, schema)?
            .iter_errors(&body)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(format!("{what} breaks its schema: {}\n{body:#}", faults.join("; ")))
        }
    }

    fn validator(&self, what: &str, schema: &Value) -> Result<&'static Validator, String> {
        let mut validators = self.validators.lock().expect("not poisoned");
        if let Some(known) = validators.get(what) {
            return Ok(known);
        }
        // References point into the whole document, so the components come along.
        let whole = json!({ "components": self.document.get("components"), "allOf": [schema] });
        let made = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&whole)
            .map_err(|e| format!("{what}: no valid JSON schema: {e}"))?;
        // One for each operation's answers, for the life of the test process.
        let made: &'static Validator = Box::leak(Box::new(made));
        validators.insert(what.to_owned(), made);
        Ok(made)
    }
}

fn matches(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let fits = template.split('/').all(|wanted| {
        parts
            .next()
            .is_some_and(|part| wanted == part || (wanted.starts_with('{') && !part.is_empty()))
    });
    fits && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promised_answer_passes_and_others_do_not() {
        let contract = Contract::ours();
        let judge =
            |path: &str, status, media_type: &str, body: &str| contract.judge("get", path, status, media_type, body);
        judge("/healthz", 200, "application/json", r#"{"status": "ok"}"#).unwrap();
        judge("/problems/stale", 200, "text/html; charset=utf-8", "<p>").unwrap();
        for (path, status, media_type, body) in [
            ("/healthz", 200, "application/json", r#"{"status": 1}"#),
            ("/healthz", 200, "application/json", "{}"),
            ("/healthz", 418, "application/json", "{}"),
            ("/healthz", 200, "text/plain", "ok"),
            ("/healthz/x", 200, "application/json", "{}"),
            ("/healthz", 503, "application/problem+json", r#"{"status": 503}"#),
        ] {
            assert!(
                judge(path, status, media_type, body).is_err(),
                "{path} {status} {media_type} {body}"
            );
        }
    }
}
