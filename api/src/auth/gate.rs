//! The gate: a bearer token in, the actor with the grants held at this moment out.
use std::sync::Arc;

use domain::access::Actor;
use domain::id::SessionId;
use persistence::{Store, sessions};

use super::token::Signer;
use crate::problem::Failure;

/// Lets callers in.
#[derive(Clone)]
pub(crate) struct Gate {
    store: Store,
    signer: Arc<Signer>,
}

impl Gate {
    /// A gate before this store, for tokens of this signer.
    pub(crate) const fn new(store: Store, signer: Arc<Signer>) -> Self {
        Self { store, signer }
    }

    /// Who carries this token, and in which session. The session and the grants are read each time, so that a session
    /// that was ended and a role that was taken away end at once.
    pub(crate) async fn admit(&self, token: &str) -> Result<(Actor, SessionId), Failure> {
        let known = self.signer.verify(token, self.store.now());
        let (account, session) = known.ok_or(Failure::Unauthenticated)?;
        let actor = self.store.glance(move |tx| sessions::actor_of(tx, session)).await?;
        let actor = actor.filter(|actor| actor.account == account);
        Ok((actor.ok_or(Failure::Unauthenticated)?, session))
    }
}
