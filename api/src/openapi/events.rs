//! What other systems are told, as the contract describes it: a webhook for each event.
use domain::webhook::{
    CampaignTold, EventKind, GatheringTold, HandoverTold, JourneyTold, MemberTold, OrganisationTold,
    ServiceRequestTold, StayTold, Subject, WebhookTold,
};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{Content, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, Schema};

/// What an address has to know, whatever it is told.
const HOW: &str = "Sent as `POST` to each webhook that has chosen this event, in the order in which things happened to \
                   one subject. Signed as the Standard Webhooks specification has it. Any 2xx answer means that it has \
                   arrived; anything else, or nothing within 15 seconds, and it is sent again with growing pauses for \
                   three days, under the same `webhook-id`. 410 ends it all. The event names ids, the state and the time: \
                   ask the API for more.";

/// What the others say.
const ELSEWHERE: &str = "How it is sent stands with `webhook.ping`.";

/// Describes every event.
pub(super) fn describe(api: &mut OpenApi) {
    let events = EventKind::ALL.iter().map(|kind| (kind.as_str(), item(*kind)));
    let all = events.fold(PathsBuilder::new(), |all, (name, item)| all.path(name, item));
    api.webhooks = Some(all.build());
    let mut schemas = Vec::new();
    told::<WebhookTold>(&mut schemas);
    told::<MemberTold>(&mut schemas);
    told::<JourneyTold>(&mut schemas);
    told::<StayTold>(&mut schemas);
    told::<HandoverTold>(&mut schemas);
    told::<ServiceRequestTold>(&mut schemas);
    told::<GatheringTold>(&mut schemas);
    told::<CampaignTold>(&mut schemas);
    told::<OrganisationTold>(&mut schemas);
    if let Some(components) = &mut api.components {
        components.schemas.extend(schemas);
    }
}

fn told<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// What an event says about its subject.
fn data(kind: EventKind) -> Ref {
    let name = match kind.subject() {
        Subject::Webhook => WebhookTold::name(),
        Subject::Member => MemberTold::name(),
        Subject::Journey => JourneyTold::name(),
        Subject::Stay => StayTold::name(),
        Subject::Handover => HandoverTold::name(),
        Subject::ServiceRequest => ServiceRequestTold::name(),
        Subject::Gathering => GatheringTold::name(),
        Subject::Campaign => CampaignTold::name(),
        Subject::Organisation => OrganisationTold::name(),
    };
    Ref::from_schema_name(name)
}

fn item(kind: EventKind) -> PathItem {
    let word = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([kind.as_str()]));
    let instant = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("When it happened"));
    let event = ObjectBuilder::new()
        .property("type", word)
        .property("timestamp", instant)
        .property("data", data(kind))
        .required("type")
        .required("timestamp")
        .required("data")
        .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)));
    let body = RequestBodyBuilder::new()
        .content("application/json", Content::new(Some(event)))
        .required(Some(Required::True));
    let headers = [
        (
            "webhook-id",
            json!("01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f"),
            "The event's id, the same each time that it is sent.",
        ),
        (
            "webhook-timestamp",
            json!("1803171600"),
            "When it is sent, seconds since 1970.",
        ),
        (
            "webhook-signature",
            json!("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
            "`v1,` and the base64 of the HMAC-SHA-256 of `id.timestamp.body`; while a secret is changed, one more after a \
             space.",
        ),
    ];
    let operation = headers.into_iter().fold(
        OperationBuilder::new()
            .summary(Some(format!("{kind}.")))
            .description(Some(if kind == EventKind::Ping { HOW } else { ELSEWHERE }))
            .request_body(Some(body.build()))
            .response("2XX", ResponseBuilder::new().description("It has arrived")),
        |operation, (name, example, what)| operation.parameter(header(name, &example, what)),
    );
    PathItem::new(HttpMethod::Post, operation)
}

fn header(name: &str, example: &serde_json::Value, what: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(what))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some(example.clone()))
}
