//! Certificates as they are shown (流动党员活动证): from a phone's screen to a host, with a network or without one.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_member_shows_the_picture_and_the_host_admits_by_it,
    a_member_who_reported_is_verified_by_the_certificate,
    a_lost_one_is_refused_with_why_and_the_new_one_is_taken,
    whatever_is_no_certificate_is_refused_with_why,
    what_is_revoked_stands_on_the_public_list,
    a_certificate_is_checked_without_the_server,
];

async fn a_holder(w: &World, name: &str) -> (Person, Person, Kite) {
    let (li, wang) = (w.secretary("三塘村").await, w.member(name).of("三塘村").await);
    let plan = li.plans(&wang, to("310115")).back("2027-12-20");
    let kite = plan.leaving("2027-01-11").await;
    li.certifies(&kite).await.is("valid");
    li.departs(&kite).await.is("away");
    (li, wang, kite)
}

/// What a phone reads from the picture.
fn read_picture(answer: &Answer) -> String {
    assert_eq!(answer.succeeded().header("content-type"), Some("image/png"));
    let mut decoder = png::Decoder::new(std::io::Cursor::new(answer.bytes()));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let side = usize::try_from(info.width).unwrap();
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| pixels[y * side + x]);
    let grids = seen.detect_grids();
    assert_eq!(grids.len(), 1, "one code in the picture");
    grids[0].decode().unwrap().1
}

async fn a_member_shows_the_picture_and_the_host_admits_by_it(w: World) {
    // As long as names get: the picture has to stay readable from a screen.
    let (li, wang, kite) = a_holder(&w, "买买提艾力·吾甫尔江·艾合买提").await;
    let chen = w.secretary("驻沪").await;
    let own = wang.get("/v1/me/certificate").await;
    own.is("valid").has("number", "QT-2027-0001");
    assert_eq!(own["not_granted"][0]["right"], "vote");
    let token = read_picture(&wang.get("/v1/me/certificate.png").await);
    assert_eq!(own.string("token"), token);
    assert!(token.len() <= 500, "{} characters", token.len());
    let drawn = wang.get("/v1/me/certificate.svg").await;
    assert!(drawn.succeeded().text().contains("<svg"));

    let checked = chen.checks(&token).await;
    checked.has("name", wang.name.as_str()).has("number", "QT-2027-0001");
    checked.has("reason", "work").has("division", "上海市浦东新区");
    checked.has("valid_from", "2027-01-11").has("valid_until", "2027-12-20");
    checked
        .has("known_here", true)
        .has("member_id", json!(wang.member))
        .has("stay", Value::Null);
    assert_eq!(checked["origin"]["name"], "三塘村党支部");
    let log = wang.get("/v1/me/access-log").await;
    assert_eq!(log.items()[0]["action"], "certificate_checked");
    assert_eq!(log.items()[0]["who"], chen.name.as_str());

    let received = chen.receives("驻沪", &token).await;
    received.is("verified").allows(&["admit", "reject", "withdraw"]);
    received
        .has("journey_id", kite.id.as_str())
        .has("member_id", json!(wang.member));
    assert_eq!(received["verification"]["by"], "certificate");
    assert_eq!(received["verification"]["certificate_number"], "QT-2027-0001");
    assert_eq!(received["verification"]["confirmed_by"], chen.name.as_str());
    let stay = Stay::of(&received);
    let again = chen.checks(&token).await;
    assert_eq!(again["stay"], json!({ "id": stay.id, "state": "verified" }));
    chen.receives("驻沪", &token)
        .await
        .is_refused("invalid")
        .names_fault("/member_id", "has_open_stay");
    chen.admits(&stay, "浦东流动").await.is("admitted");
    let told = ["stay_reported", "stay_confirmed_by_certificate", "stay_admitted"];
    assert_eq!(chen.story_of(&stay).await, told);
    let seen = li.sees_certificate(&kite).await;
    assert_eq!(
        seen["entries"][0]["kind"], "admission",
        "the origin sees where the member is"
    );
}

async fn a_member_who_reported_is_verified_by_the_certificate(w: World) {
    let (_, wang, kite) = a_holder(&w, "王芳").await;
    let (chen, neighbour) = (w.secretary("驻沪").await, w.secretary("雅周镇").await);
    let token = wang.carries().await;
    let stay = Stay::of(&wang.arrives_at("驻沪").await);
    let stranger = Stay::of(&chen.finds("驻沪", visitor("王芳")).await);
    chen.confirms_by_certificate(&stranger, &token)
        .await
        .is_refused("invalid")
        .names_fault("/token", "certificate_other_person");
    neighbour
        .confirms_by_certificate(&stay, &token)
        .await
        .is_refused("not_found");
    let confirmed = chen.confirms_by_certificate(&stay, &token).await;
    confirmed.is("verified").has("journey_id", kite.id.as_str());
    chen.confirms_by_certificate(&stay, &token)
        .await
        .is_refused("transition_refused");
    w.runs_jobs().await;
}

async fn a_lost_one_is_refused_with_why_and_the_new_one_is_taken(w: World) {
    let (li, wang, kite) = a_holder(&w, "王芳").await;
    let chen = w.secretary("驻沪").await;
    let old = wang.carries().await;
    wang.tells("/v1/me/certificate", "report-lost", &json!({}))
        .await
        .is("lost")
        .has("token", Value::Null);
    wang.get("/v1/me/certificate.png")
        .await
        .is_refused("transition_refused");
    let refused = chen.checks(&old).await;
    refused.is_refused("invalid").names_fault("/token", "certificate_lost");
    assert_eq!(refused["errors"][0]["detail"], "已于 2027-01-11 挂失");
    li.leads_certificate(&kite, "reissue", &json!({})).await.is("valid");
    let refused = chen.receives("驻沪", &old).await;
    refused.names_fault("/token", "certificate_replaced");
    let new = wang.carries().await;
    chen.receives("驻沪", &new).await.is("verified");
}

async fn whatever_is_no_certificate_is_refused_with_why(w: World) {
    let (li, wang, kite) = a_holder(&w, "王芳").await;
    let chen = w.secretary("驻沪").await;
    let token = wang.carries().await;
    let intruder = w.stranger().with_token(&token);
    intruder.get("/v1/me").await.is_refused("unauthenticated");

    let access = wang.logs_in().await.token().unwrap().to_owned();
    let refuses = async |token: &str, why: &str| {
        let refused = chen.checks(token).await;
        refused.is_refused("invalid").names_fault("/token", why);
    };
    refuses(&access, "certificate_other_kind").await;
    refuses("活动证", "certificate_malformed").await;
    refuses(&forged(&token), "certificate_forged").await;
    let elsewhere = World::on(kiteline_tests::engine::Engine::Sqlite).await;
    let (_, foreigner, _) = a_holder(&elsewhere, "李四").await;
    refuses(&foreigner.carries().await, "certificate_unknown_key").await;

    w.waits(TimeDelta::days(344));
    refuses(&token, "certificate_expired").await;
    wang.get("/v1/me/certificate")
        .await
        .is("valid")
        .has("expired", true)
        .has("token", Value::Null);
    li.leads_certificate(&kite, "extend", &json!({ "valid_until": "2028-06-30" }))
        .await
        .is("valid");
    let longer = wang.carries().await;
    chen.checks(&longer).await.has("valid_until", "2028-06-30");
    li.revokes(&kite).await.is("revoked");
    let answer = chen.checks(&longer).await;
    answer.names_fault("/token", "certificate_revoked");
    assert_eq!(answer["errors"][0]["detail"], "已于 2027-12-21 撤销");
}

/// The same certificate with another name in it, under the old signature.
fn forged(token: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let parts: Vec<_> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert_eq!(claims["no"], "vote", "what it does not give stands in the token");
    claims["nm"] = json!("李四");
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{}.{claims}.{}", parts[0], parts[2])
}

async fn what_is_revoked_stands_on_the_public_list(w: World) {
    const LIST: &str = "/.well-known/kiteline-revocations.json";
    let (li, _, kite) = a_holder(&w, "王芳").await;
    let anybody = w.stranger();
    let empty = anybody.get(LIST).await;
    empty.has("revoked", json!([]));
    assert_eq!(empty.header("cache-control"), Some("public, max-age=300"));
    li.revokes(&kite).await.is("revoked");
    let list = anybody.get(LIST).await;
    list.has("revoked", json!([{ "number": "QT-2027-0001", "on": "2027-01-11" }]));
    let tag = list.header("etag").unwrap();
    assert_ne!(Some(tag), empty.header("etag"));
    let unchanged = anybody.call(Method::GET, LIST).header("if-none-match", tag);
    assert_eq!(unchanged.send().await.status(), 304);
    w.waits(TimeDelta::days(344));
    anybody.get(LIST).await.has("revoked", json!([]));
}

async fn a_certificate_is_checked_without_the_server(w: World) {
    let (_, wang, _) = a_holder(&w, "王芳").await;
    let token = wang.carries().await;
    let published = w.stranger().get("/.well-known/jwks.json").await;
    // From here on nothing but what a host has on its own machine.
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("kiteline-cert+jwt"));
    let keys = published["keys"].as_array().unwrap();
    let key = keys
        .iter()
        .find(|key| key["kid"].as_str() == header.kid.as_deref())
        .unwrap();
    let key = DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&["cert"]);
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(&token, &key, &rules).unwrap().claims;
    assert_eq!(claims["nm"], "王芳");
    assert_eq!(claims["og"], "三塘村党支部");
    assert_eq!(claims["jti"], "QT-2027-0001");
    assert_eq!(claims["no"], "vote");
    // The last day belongs to it, in the county's time.
    assert_eq!(
        claims["exp"],
        "2027-12-20T16:00:00Z"
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
            .timestamp()
    );
}
