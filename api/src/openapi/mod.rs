//! The contract: collected from the same routes that the server serves, then completed in one place.
mod conventions;
mod examples;
mod shared;

use std::collections::BTreeMap;

use actix_web::App;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;

use crate::conventions::Shapes;
use crate::routes;

/// The contract as YAML, as `openapi.yaml` holds it.
pub fn contract() -> String {
    document().to_yaml().unwrap_or_default()
}

/// The contract.
pub fn document() -> OpenApi {
    let (_, mut api) = App::new()
        .into_utoipa_app()
        .configure(routes::configure)
        .split_for_parts();
    shared::complete(&mut api);
    examples::fill(&mut api);
    api
}

/// The methods of each address, as an `Allow` header lists them.
pub(crate) fn methods() -> BTreeMap<String, String> {
    let mut api = document();
    let paths = api.paths.paths.iter_mut();
    paths
        .map(|(path, item)| (path.clone(), shared::methods(item).join(", ")))
        .collect()
}

/// What the contract says about each operation, for what holds for all of them alike.
pub(crate) fn shapes() -> Shapes {
    let mut api = document();
    let paths = api.paths.paths.iter_mut();
    Shapes::new(paths.flat_map(|(path, item)| {
        let shapes = shared::by_method(item);
        let shapes =
            shapes.map(|(method, operation)| (method.to_ascii_uppercase(), path.clone(), shared::shape(operation)));
        shapes.collect::<Vec<_>>()
    }))
}
