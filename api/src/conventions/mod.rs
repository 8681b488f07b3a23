//! What holds for every operation alike, taken from the contract: so that no handler can forget it.
mod once;
mod query;
mod tag;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::web::Data;

pub(crate) use once::{ONCE_HEADER, REPLAYED_HEADER, once};
pub(crate) use query::known_parameters;
pub(crate) use tag::tagged;

/// What the contract says about an operation.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shape {
    /// The names that its query may have.
    pub(crate) query: BTreeSet<String>,
    /// Whether it needs a token.
    pub(crate) protected: bool,
    /// Whether it creates, so that a repeated request must not be carried out twice.
    pub(crate) creates: bool,
}

/// The operations by method and path template.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shapes(Arc<HashMap<(String, String), Arc<Shape>>>);

impl Shapes {
    /// Of these operations: method in upper case, path template, shape.
    pub(crate) fn new(operations: impl Iterator<Item = (String, String, Shape)>) -> Self {
        let shapes = operations.map(|(method, path, shape)| ((method, path), Arc::new(shape)));
        Self(Arc::new(shapes.collect()))
    }

    /// What the contract says about the operation that a request asks for, where it is one of the contract's.
    fn of(request: &ServiceRequest) -> Option<Arc<Shape>> {
        let shapes = request.app_data::<Data<Self>>()?;
        let operation = (request.method().to_string(), request.match_pattern()?);
        shapes.0.get(&operation).cloned()
    }
}
