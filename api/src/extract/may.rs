//! Who calls, and the permission that a handler needs: without it the handler is not reached.
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use domain::access::{Actor, Permission, Scope};
use domain::id::SessionId;
use futures_util::future::LocalBoxFuture;

use crate::auth::Gate;
use crate::problem::Failure;

/// The permission `P`, proved, and where it reaches.
pub(crate) struct May<P>(pub(crate) Scope<P>);

/// Whoever is logged in, with the grants held now.
pub(crate) struct Caller(pub(crate) Rc<Actor>);

/// Whoever is logged in, and the session: for what concerns the session itself.
pub(crate) struct InSession(pub(crate) Rc<Actor>, pub(crate) SessionId);

impl<P: Permission> FromRequest for May<P> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(caller(&request).await?.0.scope::<P>()?)) })
    }
}

impl FromRequest for Caller {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(caller(&request).await?.0)) })
    }
}

impl FromRequest for InSession {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (actor, session) = caller(&request).await?;
            Ok(Self(actor, session))
        })
    }
}

/// The caller, read once a request.
async fn caller(request: &HttpRequest) -> Result<(Rc<Actor>, SessionId), Failure> {
    if let Some(known) = request.extensions().get::<(Rc<Actor>, SessionId)>() {
        return Ok(known.clone());
    }
    let gate = request
        .app_data::<Data<Gate>>()
        .ok_or_else(|| Failure::Internal("no gate".to_owned()))?;
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = bearer
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Failure::Unauthenticated)?;
    let (actor, session) = gate.admit(token).await?;
    let known = (Rc::new(actor), session);
    request.extensions_mut().insert(known.clone());
    Ok(known)
}
