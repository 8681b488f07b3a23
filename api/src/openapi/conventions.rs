//! Headers that every operation of a kind has, declared in one place.
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{HeaderBuilder, ObjectBuilder, RefOr, Required, ResponseBuilder};

use crate::conventions::{ONCE_HEADER, REPLAYED_HEADER};

/// Declares what holds for an operation because of what it is.
pub(super) fn declare(method: &str, operation: &mut Operation) {
    if method == "get" && answers_json(operation, "200") {
        may_be_known(operation);
    }
    if method == "post" && creates(operation) {
        may_come_twice(operation);
    }
}

/// Something that is protected, takes JSON or nothing, and answers 201. A file is streamed and cannot be compared.
fn creates(operation: &Operation) -> bool {
    let json = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        Some(RefOr::Ref(_)) | None => true,
    };
    let protected = operation.security.as_ref().is_some_and(|list| !list.is_empty());
    protected && json && answers_json(operation, "201")
}

fn answers_json(operation: &Operation, status: &str) -> bool {
    let response = operation.responses.responses.get(status);
    matches!(response, Some(RefOr::T(response)) if response.content.contains_key("application/json"))
}

/// A GET: tagged, and 304 for who has it already.
fn may_be_known(operation: &mut Operation) {
    parameter(
        operation,
        "If-None-Match",
        "\"3.0tXcP4q1jMZ8aWbR\"",
        "The `ETag` of what the caller has: 304 when it is still that.",
        None,
    );
    header(
        operation,
        "200",
        "ETag",
        "Names this representation; what changes it takes the same in `If-Match`.",
    );
    let same = ResponseBuilder::new()
        .description("What the caller has is what there is")
        .build();
    operation.responses.responses.insert("304".to_owned(), RefOr::T(same));
    if operation
        .parameters
        .iter()
        .flatten()
        .any(|one| matches!(one, RefOr::T(one) if one.name == "cursor"))
    {
        header(
            operation,
            "200",
            "Link",
            "`rel=\"next\"`: the next page, where there is one.",
        );
    }
}

/// A POST that creates: under a key it is carried out once.
fn may_come_twice(operation: &mut Operation) {
    let what = "1 to 128 characters that the caller makes up for this request. The same request under the same key within 7 \
                days gets the first answer again; another request is refused.";
    let example = "5f0e6a52-5d1c-4c3e-8a53-0c6b8a7a2f11";
    parameter(
        operation,
        ONCE_HEADER,
        example,
        what,
        Some("^[!-~]([ -~]{0,126}[!-~])?$"),
    );
    header(
        operation,
        "201",
        REPLAYED_HEADER,
        "`true` where the answer was given before.",
    );
}

fn parameter(operation: &mut Operation, name: &str, example: &str, what: &str, pattern: Option<&str>) {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(pattern).build();
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(what))
        .schema(Some(text))
        .example(Some(example.into()))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
}

fn header(operation: &mut Operation, status: &str, name: &str, what: &str) {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let header = HeaderBuilder::new().schema(Some(text)).description(Some(what)).build();
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
        response.headers.insert(name.to_owned(), RefOr::T(header));
    }
}
