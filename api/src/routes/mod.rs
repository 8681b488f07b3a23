//! One module a resource: what comes in, what goes out, and which store function does the work.
mod accounts;
mod auth;
mod campaigns;
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
mod services;
mod statistics;
pub(crate) mod system;
mod webhooks;
mod worklist;

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
        .configure(services::configure)
        .configure(campaigns::configure)
        .configure(rosters::configure)
        .configure(statistics::configure)
        .configure(imports::configure)
        .configure(worklist::configure)
        .configure(operations::configure)
        .configure(webhooks::configure)
        .configure(system::configure)
        .configure(revocations::configure);
}

/// Pages beside the contract: the browsable docs.
pub(crate) fn docs(config: &mut actix_web::web::ServiceConfig) {
    let ui = utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}");
    let ui = ui.config(utoipa_swagger_ui::Config::from("/openapi.yaml"));
    config.service(actix_web::web::redirect("/docs", "/docs/")).service(ui);
}
