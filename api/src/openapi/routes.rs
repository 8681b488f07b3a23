//! Routes as they are put into a worker of the server and, when it is written, into the contract.
use actix_web::dev::HttpServiceFactory;
use actix_web::web::ServiceConfig;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{ComponentsBuilder, Info, OpenApi, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

/// Where routes are put. A worker takes them alone: what they say of themselves is collected once, not once a worker.
pub(crate) struct Routes<'a> {
    worker: &'a mut ServiceConfig,
    contract: Option<&'a mut Described>,
}

/// What routes say of themselves.
#[derive(Default)]
pub(super) struct Described {
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl<'a> Routes<'a> {
    /// Into a worker.
    pub(crate) const fn of(worker: &'a mut ServiceConfig) -> Self {
        Self { worker, contract: None }
    }

    /// Into the contract.
    pub(super) const fn described(worker: &'a mut ServiceConfig, contract: &'a mut Described) -> Self {
        let contract = Some(contract);
        Self { worker, contract }
    }

    /// Adds one.
    pub(crate) fn service(&mut self, route: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        if let Some(contract) = &mut self.contract {
            contract.paths.merge(route.paths());
            route.schemas(&mut contract.schemas);
        }
        self.worker.service(route);
        self
    }

    /// Adds those of a module.
    pub(crate) fn configure(&mut self, module: impl FnOnce(&mut Routes<'_>)) -> &mut Self {
        module(self);
        self
    }
}

impl From<Described> for OpenApi {
    fn from(described: Described) -> Self {
        let mut api = Self::new(Info::default(), described.paths);
        let components = ComponentsBuilder::new().schemas_from_iter(described.schemas);
        api.components = Some(components.build());
        api
    }
}
