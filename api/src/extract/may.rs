//! Who calls, and the permission that a handler needs: without it the handler is not reached.
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use domain::access::{Actor, Permission, Scope};
use domain::id::SessionId;
use persistence::journeys::Powers;

use crate::auth::Gate;
use crate::problem::Failure;

/// The permission `P`, proved, and where it reaches.
pub(crate) struct May<P>(pub(crate) Scope<P>);

/// Whoever is logged in, and the session: for what concerns the session itself.
pub(crate) struct InSession(pub(crate) Rc<Actor>, pub(crate) SessionId);

/// Who a request's token says is calling; kept with the request.
type Known = Result<(Rc<Actor>, SessionId), Failure>;

/// Finds out who is calling, before anything else of the request is read: so that whoever may not come in learns that
/// and nothing more.
pub(crate) async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let (Some(token), Some(gate)) = (bearer(&request), request.app_data::<Data<Gate>>()) {
        let known: Known = gate
            .admit(&token)
            .await
            .map(|(actor, session)| (Rc::new(actor), session));
        request.extensions_mut().insert(known);
    }
    next.call(request).await
}

fn bearer(request: &ServiceRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(ToOwned::to_owned)
}

/// Who is calling, for what is done before a handler is reached.
///
/// # Errors
/// [`Failure::Unauthenticated`] without a token that is good.
pub(crate) fn caller_of(request: &HttpRequest) -> Known {
    match request.extensions().get::<Known>() {
        Some(Ok(known)) => Ok(known.clone()),
        Some(Err(_)) | None => Err(Failure::Unauthenticated),
    }
}

fn caller(request: &HttpRequest) -> Known {
    let known = request.extensions_mut().remove::<Known>();
    match known {
        Some(Ok(known)) => {
            request.extensions_mut().insert::<Known>(Ok(known.clone()));
            Ok(known)
        }
        Some(Err(failure)) => Err(failure),
        None => Err(Failure::Unauthenticated),
    }
}

impl<P: Permission> FromRequest for May<P> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller(request).and_then(|(actor, _)| Ok(Self(actor.scope::<P>()?))))
    }
}

/// What the caller may do with journeys: for `allowed`.
pub(crate) struct Caller(pub(crate) Powers);

impl FromRequest for Caller {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller(request).map(|(actor, _)| {
            Self(Powers {
                leads: actor.scope().ok(),
                contacts: actor.scope().ok(),
                confirms: actor.scope().ok(),
                own: false,
            })
        }))
    }
}

impl FromRequest for InSession {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller(request).map(|(actor, session)| Self(actor, session)))
    }
}
