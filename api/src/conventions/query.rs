//! A parameter that the contract does not name is refused, so that a typing error is not silently lost.
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Query;

use super::Shapes;
use crate::extract::caller_of;
use crate::problem::{Failure, Fault};

/// Refuses a query with names that the operation does not know; whoever may not come in learns that first.
pub(crate) async fn known_parameters(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let faults = unknown(&request);
    if faults.is_empty() {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.error_response(Failure::Invalid(faults)))
}

fn unknown(request: &ServiceRequest) -> Vec<Fault> {
    let Some(shape) = Shapes::of(request).filter(|_| !request.query_string().is_empty()) else {
        return Vec::new();
    };
    if shape.protected && caller_of(request.request()).is_err() {
        return Vec::new();
    }
    let given = Query::<Vec<(String, String)>>::from_query(request.query_string());
    let given = given.map(Query::into_inner).unwrap_or_default();
    let unknown = given.into_iter().filter(|(name, _)| !shape.query.contains(name));
    unknown
        .map(|(name, _)| Fault::new(format!("?{name}"), "unknown_parameter", name))
        .collect()
}
