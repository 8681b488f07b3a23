//! What every operation shares: who may call it, and the problems that it may answer with, derived from its shape.
use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::conventions;
use crate::conventions::{ONCE_HEADER, Shape};
use crate::problem::{PROBLEM_JSON, PROBLEMS, Problem};

/// Completes what the routes gave.
pub(super) fn complete(api: &mut OpenApi) {
    api.info = InfoBuilder::new()
        .title("Kiteline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Keeping in touch with members who move: kite (风筝, outbound) and magnet (磁铁, inbound). \
             Errors are problems (RFC 9457) in the language of `Accept-Language`: zh-CN (default) or en. \
             Lists are keyset-paged; changes carry `If-Match`; ids may be chosen by the client.",
        ))
        .license(Some(utoipa::openapi::License::new("Apache-2.0")))
        .build();
    let mut components = api
        .components
        .take()
        .unwrap_or_else(|| ComponentsBuilder::new().build());
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(scheme));
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for text in PROBLEMS {
        components
            .responses
            .insert(text.code.to_owned(), RefOr::T(problem(text.en)));
    }
    api.components = Some(components);
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in by_method(item) {
            operation.operation_id = Some(operation_id(method, path));
            conventions::declare(method, operation);
            declare_problems(operation);
        }
    }
}

/// A name of its own for each operation: `post_kite_journeys_id_depart`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path
        .strip_prefix("/v1")
        .unwrap_or(path)
        .split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = [method]
        .into_iter()
        .chain(words)
        .filter(|word| !word.is_empty())
        .collect();
    words.join("_")
}

/// The methods that a path takes.
pub(super) fn methods(item: &mut PathItem) -> Vec<String> {
    by_method(item).map(|(method, _)| method.to_ascii_uppercase()).collect()
}

/// What holds for an operation as it is declared.
pub(super) fn shape(operation: &Operation) -> Shape {
    let declared = |place: ParameterIn| {
        let parameters = operation.parameters.iter().flatten();
        parameters.filter_map(move |one| match one {
            RefOr::T(one) if one.parameter_in == place => Some(one.name.clone()),
            _ => None,
        })
    };
    Shape {
        query: declared(ParameterIn::Query).collect(),
        protected: is_protected(operation),
        creates: declared(ParameterIn::Header).any(|name| name == ONCE_HEADER),
    }
}

fn is_protected(operation: &Operation) -> bool {
    operation.security.as_ref().is_some_and(|list| !list.is_empty())
}

/// Every operation of a path, with its method.
pub(super) fn by_method(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    let methods = [
        ("get", get),
        ("put", put),
        ("post", post),
        ("delete", delete),
        ("patch", patch),
    ];
    methods
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Every operation of a path.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn problem(title: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name(Problem::name()));
    ResponseBuilder::new()
        .description(title)
        .content(PROBLEM_JSON, Content::new(Some(schema)))
        .build()
}

/// A protected operation may find no token, no role, or no such thing; one with input may find it wrong; and so on.
fn declare_problems(operation: &mut Operation) {
    let protected = is_protected(operation);
    let parameters = operation.parameters.iter().flatten();
    let any = |wanted: &dyn Fn(&Parameter) -> bool| {
        let mut parameters = parameters.clone();
        parameters.any(|one| matches!(one, RefOr::T(one) if wanted(one)))
    };
    let path = any(&|one| one.parameter_in == ParameterIn::Path);
    let (if_match, once) = (any(&|one| one.name == "If-Match"), any(&|one| one.name == ONCE_HEADER));
    let body = operation.request_body.is_some();
    // An organisation outside of the caller's reach is as good as unknown, wherever it is named.
    let place = any(&|one| one.name == "organisation_id");
    let applies: BTreeMap<&str, bool> = [
        ("unauthenticated", protected),
        ("forbidden", protected),
        ("not_found", path || place),
        ("unreadable", body),
        ("too_large", body),
        ("unsupported_media_type", body),
        // A parameter that there is not is refused everywhere.
        ("invalid", true),
        ("request_under_way", once),
        ("stale", if_match),
        ("if_match_required", if_match),
        ("unavailable", true),
        ("internal", true),
    ]
    .into();
    for text in PROBLEMS {
        let status = text.status.to_string();
        let named = operation.responses.responses.get(&status);
        let declared_bare = matches!(named, Some(RefOr::T(response)) if response.content.is_empty());
        let wanted = applies.get(text.code).copied().unwrap_or(false) && named.is_none();
        if wanted || declared_bare {
            operation.responses.responses.insert(
                status,
                RefOr::Ref(Ref::new(format!("#/components/responses/{}", text.code))),
            );
        }
    }
}
