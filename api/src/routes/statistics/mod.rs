//! Statistics: of any organisation in scope and any period, cut by the organisations one level down; as JSON, CSV, a
//! workbook with charts, and pictures.
mod pictures;
mod query;
mod tables;
mod view;
mod yearly;

pub(crate) use query::CountedQuery;
pub(crate) use view::roster_of;

use crate::openapi::Routes;

pub(super) fn configure(config: &mut Routes<'_>) {
    config
        .service(tables::overview)
        .service(tables::flows)
        .service(tables::trend)
        .service(tables::coverage)
        .service(tables::behind)
        .service(pictures::overview)
        .service(pictures::flows)
        .service(pictures::trend)
        .service(pictures::coverage)
        .service(pictures::behind)
        .service(yearly::pull);
}
