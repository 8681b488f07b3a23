//! The contract: collected from the same routes that the server serves, then completed in one place.
mod conventions;
mod events;
mod examples;
mod routes;
mod shared;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::App;
use utoipa::openapi::OpenApi;

use crate::conventions::Shapes;
use routes::Described;
pub(crate) use routes::Routes;

/// The contract as YAML, as `openapi.yaml` holds it.
pub fn contract() -> String {
    written(&document())
}

fn written(api: &OpenApi) -> String {
    api.to_yaml().unwrap_or_default()
}

/// The contract.
pub fn document() -> OpenApi {
    let mut described = Described::default();
    let _ = App::new().configure(|worker| crate::routes::configure(&mut Routes::described(worker, &mut described)));
    let mut api = OpenApi::from(described);
    shared::complete(&mut api);
    events::describe(&mut api);
    examples::fill(&mut api);
    api
}

/// What the server needs of the contract: made once, for all workers.
pub(crate) struct Served {
    /// The contract as YAML.
    pub(crate) contract: Arc<str>,
    /// The methods of each address, as an `Allow` header lists them.
    pub(crate) methods: BTreeMap<String, String>,
    /// What it says about each operation, for what holds for all of them alike.
    pub(crate) shapes: Shapes,
}

impl Served {
    /// What the routes say.
    pub(crate) fn of_routes() -> Self {
        let mut api = document();
        let contract = written(&api).into();
        let paths = api.paths.paths.iter_mut();
        let methods = paths.map(|(path, item)| (path.clone(), shared::methods(item).join(", ")));
        let methods = methods.collect();
        let paths = api.paths.paths.iter_mut();
        let shapes = Shapes::new(paths.flat_map(|(path, item)| {
            let shapes = shared::by_method(item);
            let shapes =
                shapes.map(|(method, operation)| (method.to_ascii_uppercase(), path.clone(), shared::shape(operation)));
            shapes.collect::<Vec<_>>()
        }));
        Self {
            contract,
            methods,
            shapes,
        }
    }
}
