//! The JSON body: held against its own schema from the contract, so that every fault is named at once, then read.
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::problem::{Failure, Fault};

/// The largest JSON body, bytes.
pub(crate) const LARGEST_BODY: usize = 1024 * 1024;

/// Faults found so far: collected, never only the first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, pointer: &str, code: &str) {
        self.0.push(Fault::new(pointer, code, ""));
    }

    /// Takes the value, or adds a fault at `pointer`.
    pub(crate) fn take<T, E>(
        &mut self,
        pointer: &str,
        value: Result<T, E>,
        code: impl Fn(E) -> &'static str,
    ) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(pointer, code(error));
                None
            }
        }
    }

    /// The value, unless there were faults.
    ///
    /// # Errors
    /// All faults that were added.
    pub(crate) fn or<T>(self, value: Option<T>) -> Result<T, Failure> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Failure::Invalid(self.0)),
        }
    }
}

/// A request's body: its shape is checked against the contract, then `read` turns it into what the domain takes.
pub(crate) trait Input: DeserializeOwned + ToSchema + 'static {
    /// What the body means to the domain.
    type Meaning;

    /// Reads the body; every fault is added.
    fn read(self, faults: &mut Faults) -> Option<Self::Meaning>;
}

/// The body's meaning.
pub(crate) struct Body<T: Input>(pub(crate) T::Meaning);

impl<T: Input> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_json(request) {
            return Box::pin(std::future::ready(Err(Failure::UnsupportedMediaType(
                "application/json",
            ))));
        }
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| read_failure(&error))?;
            read::<T>(parse(&bytes)?).map(Self)
        })
    }
}

/// What a body, or one of several inside a body, means; every fault is named, with pointers into `value`.
///
/// # Errors
/// [`Failure::Invalid`] with every fault.
pub(crate) fn read<T: Input>(value: Value) -> Result<T::Meaning, Failure> {
    let shape = faults_of_shape::<T>(&value)?;
    if !shape.is_empty() {
        return Err(Failure::Invalid(shape));
    }
    let body: T = serde_json::from_value(value)
        .map_err(|error| Failure::Invalid(vec![Fault::new("", "malformed", error.to_string())]))?;
    let mut faults = Faults::default();
    let meaning = body.read(&mut faults);
    faults.or(meaning)
}

fn is_json(request: &HttpRequest) -> bool {
    request.content_type().eq_ignore_ascii_case("application/json")
        && request.headers().contains_key(header::CONTENT_TYPE)
}

fn read_failure(error: &actix_web::Error) -> Failure {
    if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
        Failure::TooLarge(LARGEST_BODY)
    } else {
        Failure::Unreadable(error.to_string())
    }
}

fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    if bytes.len() > LARGEST_BODY {
        return Err(Failure::TooLarge(LARGEST_BODY));
    }
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| Failure::Unreadable(error.to_string()))?;
    // PostgreSQL's text has no room for it, and no name or note needs it.
    if bytes.windows(6).any(|w| w.eq_ignore_ascii_case(b"\\u0000")) {
        return Err(Failure::Unreadable("U+0000 is not text".to_owned()));
    }
    say_whole_numbers_so(&mut value);
    Ok(value)
}

/// JSON Schema takes 12.0 for the integer that it is, serde does not: whole numbers lose their point.
fn say_whole_numbers_so(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(say_whole_numbers_so),
        Value::Object(fields) => fields.values_mut().for_each(say_whole_numbers_so),
        Value::Number(number) => {
            let whole = number.as_f64().filter(|said| number.is_f64() && said.fract() == 0.0);
            if let Some(whole) = whole.and_then(|said| format!("{said:.0}").parse::<i64>().ok()) {
                *number = whole.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Every way in which the value departs from the schema of `T`.
fn faults_of_shape<T: Input>(value: &Value) -> Result<Vec<Fault>, Failure> {
    let validator = validator::<T>()?;
    Ok(validator
        .iter_errors(value)
        .flat_map(|error| faults_of(&error))
        .collect())
}

type Validators = RwLock<HashMap<TypeId, Arc<Validator>>>;

/// The validator of `T`'s schema, built once.
fn validator<T: Input>() -> Result<Arc<Validator>, Failure> {
    static KNOWN: LazyLock<Validators> = LazyLock::new(RwLock::default);
    let key = TypeId::of::<T>();
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(known));
    }
    let built = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema_of::<T>()?)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let built = Arc::new(built);
    KNOWN
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, Arc::clone(&built));
    Ok(built)
}

/// The schema of `T` with those that it refers to, as in the contract.
fn schema_of<T: ToSchema>() -> Result<Value, Failure> {
    let mut referred = Vec::new();
    T::schemas(&mut referred);
    let as_value = |schema| serde_json::to_value(schema).map_err(|error| Failure::Internal(error.to_string()));
    let mut components = serde_json::Map::new();
    for (name, schema) in referred {
        components.insert(name, as_value(schema)?);
    }
    let mut schema = as_value(T::schema())?;
    if let Some(object) = schema.as_object_mut() {
        object.insert("components".to_owned(), json!({ "schemas": components }));
    }
    Ok(schema)
}

fn faults_of(error: &ValidationError<'_>) -> Vec<Fault> {
    let at = error.instance_path().to_string();
    let one = |code: &str, expected: String| vec![Fault::new(at.clone(), code, expected)];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| Fault::new(format!("{at}/{name}"), "unknown_field", name))
            .collect(),
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Fault::new(format!("{at}/{name}"), "required", name)]
        }
        Kind::Enum { options } => {
            let words = options
                .as_array()
                .map(|list| list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
            one("not_in_list", words.unwrap_or_default())
        }
        Kind::Format { format } => one("malformed", format.clone()),
        Kind::Pattern { pattern } => one("malformed", pattern.clone()),
        Kind::MinLength { limit } | Kind::MinItems { limit } => one("too_short", limit.to_string()),
        Kind::MaxLength { limit } | Kind::MaxItems { limit } => one("too_long", limit.to_string()),
        Kind::Minimum { limit } => one("too_small", limit.to_string()),
        Kind::Maximum { limit } => one("too_big", limit.to_string()),
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => best_branch(&at, context),
        Kind::Type { .. } => one(
            "wrong_type",
            error
                .schema_path()
                .to_string()
                .rsplit('/')
                .next()
                .map(|_| type_of(error))
                .unwrap_or_default(),
        ),
        _ => one("malformed", error.kind().keyword().to_owned()),
    }
}

fn type_of(error: &ValidationError<'_>) -> String {
    let text = error.to_string();
    text.rsplit("of type")
        .next()
        .unwrap_or_default()
        .trim_matches([' ', '"'])
        .replace('"', "")
}

/// A value that may also be null: the faults of the branch that is not about null.
fn best_branch(at: &str, context: &[Vec<ValidationError<'static>>]) -> Vec<Fault> {
    let about_null = |errors: &Vec<ValidationError<'static>>| {
        errors
            .iter()
            .any(|e| matches!(e.kind(), Kind::Type { .. }) && e.to_string().contains("\"null\""))
    };
    let branch = context.iter().find(|errors| !errors.is_empty() && !about_null(errors));
    match branch {
        Some(errors) => errors.iter().flat_map(faults_of).collect(),
        None => vec![Fault::new(at, "malformed", "")],
    }
}
