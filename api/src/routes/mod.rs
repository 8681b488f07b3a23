//! One module a resource: what comes in, what goes out, and which store function does the work.
mod accounts;
mod auth;
mod forms;
mod gatherings;
mod handovers;
mod imports;
mod kite;
mod magnet;
pub(crate) mod me;
mod members;
mod officer;
mod operations;
mod organisations;
mod requests;
mod revocations;
mod rosters;
pub(crate) mod system;

use crate::openapi::Routes;

/// Every route of the contract.
pub(crate) fn configure(config: &mut Routes<'_>) {
    config
        .configure(auth::configure)
        .configure(me::configure)
        .configure(accounts::configure)
        .configure(organisations::configure)
        .configure(members::configure)
        .configure(kite::configure)
        .configure(magnet::configure)
        .configure(forms::configure)
        .configure(gatherings::configure)
        .configure(officer::configure)
        .configure(handovers::configure)
        .configure(requests::configure)
        .configure(rosters::configure)
        .configure(imports::configure)
        .configure(operations::configure)
        .configure(system::configure)
        .configure(revocations::configure);
}

/// Pages beside the contract: the browsable docs.
pub(crate) fn docs(config: &mut actix_web::web::ServiceConfig) {
    let ui = utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}");
    let ui = ui.config(utoipa_swagger_ui::Config::from("/openapi.yaml"));
    config.service(actix_web::web::redirect("/docs", "/docs/")).service(ui);
}
