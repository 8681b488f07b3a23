//! One module a resource: what comes in, what goes out, and which store function does the work.
mod accounts;
mod auth;
mod handovers;
mod imports;
mod kite;
mod magnet;
mod me;
mod members;
mod operations;
mod organisations;
mod revocations;
mod rosters;
pub(crate) mod system;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of the contract.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(handovers::configure);
    config.configure(kite::configure);
    config.configure(imports::configure);
    config.configure(magnet::configure);
    config.configure(me::configure);
    config.configure(members::configure);
    config.configure(organisations::configure);
    config.configure(rosters::configure);
    config.configure(operations::configure);
    config.configure(system::configure).configure(revocations::configure);
    config
        .configure(auth::configure)
        .configure(me::configure)
        .configure(accounts::configure)
        .configure(organisations::configure)
        .configure(members::configure)
        .configure(kite::configure)
        .configure(rosters::configure)
        .configure(imports::configure)
        .configure(operations::configure)
        .configure(system::configure);
}

/// Pages beside the contract: the browsable docs.
pub(crate) fn docs(config: &mut actix_web::web::ServiceConfig) {
    let ui = utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}");
    let ui = ui.config(utoipa_swagger_ui::Config::from("/openapi.yaml"));
    config.service(actix_web::web::redirect("/docs", "/docs/")).service(ui);
}
