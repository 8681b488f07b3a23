//! Who gets in, for how long, and what ends it.

use api::auth::password::Passwords;
use chrono::TimeDelta;
use domain::access::{Role, Scope};
use domain::codes::Gender;
use domain::id::{AccountId, MemberId};
use domain::phone::Phone;
use kiteline_tests::client::{Answer, Client};
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::accounts::{self, NewAccount};
use persistence::members::{self, Facts, NewMember};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

stories![
    somebody_logs_in_and_goes_on,
    a_copied_refresh_token_ends_the_session,
    logging_out_ends_the_session_at_once,
    a_member_activates_the_app_with_a_code_once,
    a_role_taken_away_ends_at_once,
    a_changed_password_ends_the_other_sessions,
    an_unknown_login_and_a_wrong_password_are_alike,
    an_administrator_makes_an_account,
    an_administrator_of_a_town_reaches_no_other,
];

const PASSWORD: &str = "风筝高飞一线牵，磁铁相吸";
const OTHER: &str = "来有登记，走有注销，一个不漏";

/// An account with a role at the organisation whose name begins so.
async fn account(w: &World, login: &str, role: Role, place: &str) -> AccountId {
    let (id, at) = (AccountId(Uuid::now_v7()), w.county().place(place).id);
    let new = NewAccount {
        id,
        login: login.parse().unwrap(),
        password_hash: Passwords::new(1).unwrap().hash_now(PASSWORD).unwrap(),
        member: None,
        name: login.to_owned(),
        email: None,
        language: "zh-CN".to_owned(),
    };
    let scope = Scope::of_the_machine("tests");
    w.store()
        .write(move |tx| accounts::create(tx, &scope, new, role, at))
        .await
        .unwrap();
    id
}

/// A member of 三塘村 with a phone and no account.
async fn wang(w: &World) -> MemberId {
    let (id, home_branch) = (MemberId(Uuid::now_v7()), w.county().place("三塘村").id);
    let mut facts = Facts::new("王芳", Gender::Female);
    facts.phone = Some(Phone::parse("19900000001").unwrap());
    let new = NewMember { id, home_branch, facts };
    let scope = Scope::of_the_machine("tests");
    w.store()
        .write(move |tx| members::create(tx, &scope, &new))
        .await
        .unwrap();
    id
}

async fn tries(w: &World, login: &str, password: &str) -> Answer {
    let body = json!({ "login": login, "password": password });
    w.stranger().post("/v1/auth/login", &body).await
}

async fn logs_in(w: &World, login: &str) -> (Client, Answer) {
    let answer = tries(w, login, PASSWORD).await;
    (
        w.stranger().with_token(answer.succeeded().string("access_token")),
        answer,
    )
}

async fn refreshes(w: &World, answer: &Answer) -> Answer {
    let body = json!({ "refresh_token": answer["refresh_token"] });
    w.stranger().post("/v1/auth/refresh", &body).await
}

async fn somebody_logs_in_and_goes_on(w: World) {
    account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    let (li, first) = logs_in(&w, "Li.Secretary ").await;
    first.has("token_type", "Bearer").has("expires_in", 900);
    let place = w.county().place("三塘村");
    let role = json!([{ "role": "secretary", "organisation_id": place.id, "organisation_code": "ST", "organisation_name": place.name }]);
    assert_eq!(first["account"]["roles"], role);
    assert_eq!(li.get("/v1/auth/sessions").await.items().len(), 1);

    w.waits(TimeDelta::minutes(15));
    li.get("/v1/auth/sessions").await.is_refused("unauthenticated");
    let second = refreshes(&w, &first).await;
    let li = w.stranger().with_token(second.succeeded().string("access_token"));
    assert_eq!(li.get("/v1/auth/sessions").await.items().len(), 1);

    w.waits(TimeDelta::days(29));
    let third = refreshes(&w, &second).await;
    third.succeeded();
    w.waits(TimeDelta::days(31));
    refreshes(&w, &third).await.is_refused("unauthenticated");
    let keys = w.stranger().get("/.well-known/jwks.json").await;
    assert_eq!(keys.succeeded()["keys"][0]["alg"], "EdDSA");
}

async fn a_copied_refresh_token_ends_the_session(w: World) {
    account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    let (_, first) = logs_in(&w, "li.secretary").await;
    let second = refreshes(&w, &first).await;
    let li = w.stranger().with_token(second.succeeded().string("access_token"));
    li.get("/v1/auth/sessions").await.succeeded();
    refreshes(&w, &first).await.is_refused("unauthenticated");
    li.get("/v1/auth/sessions").await.is_refused("unauthenticated");
    refreshes(&w, &second).await.is_refused("unauthenticated");
    assert_eq!(
        w.database()
            .lines("action", "audit where action = 'refresh_reused'")
            .len(),
        1
    );
}

async fn logging_out_ends_the_session_at_once(w: World) {
    account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    let (here, first) = logs_in(&w, "li.secretary").await;
    let (there, _) = logs_in(&w, "li.secretary").await;
    here.call(Method::POST, "/v1/auth/logout").send().await.succeeded();
    here.get("/v1/auth/sessions").await.is_refused("unauthenticated");
    refreshes(&w, &first).await.is_refused("unauthenticated");
    there.get("/v1/auth/sessions").await.succeeded();
}

async fn a_member_activates_the_app_with_a_code_once(w: World) {
    account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    account(&w, "neighbour", Role::Secretary, "西场村").await;
    let wang = wang(&w).await;
    let invitation = format!("/v1/members/{wang}/invitation");
    let (li, _) = logs_in(&w, "li.secretary").await;
    let (neighbour, _) = logs_in(&w, "neighbour").await;
    let invites = |who: Client| {
        let invitation = invitation.clone();
        async move { who.call(Method::POST, &invitation).send().await }
    };
    invites(neighbour).await.is_refused("not_found");

    let void = invites(li.clone()).await.succeeded().string("code").to_owned();
    let code = invites(li.clone()).await.succeeded().string("code").to_owned();
    let activates = async |code: &str, password: &str| {
        let body = json!({ "code": code, "password": password });
        w.stranger().post("/v1/auth/activate", &body).await
    };
    activates(&void, PASSWORD).await.is_refused("invalid");
    activates(&code, "woaini1314520").await.is_refused("invalid");
    let typed = format!("{} {}", &code[..5].to_lowercase(), &code[5..]);
    let first = activates(&typed, PASSWORD).await;
    assert_eq!(first.succeeded()["account"]["member_id"], json!(wang));
    assert_eq!(first["account"]["roles"][0]["role"], "member");
    activates(&code, PASSWORD).await.is_refused("invalid");

    // The phone opens the door too, and stands nowhere in clear.
    logs_in(&w, "199 0000 0001").await;
    assert!(!w.database().lines("login", "accounts").concat().contains("199000"));

    // A forgotten password: another code, the same account.
    let code = invites(li.clone()).await.succeeded().string("code").to_owned();
    let again = activates(&code, OTHER).await;
    assert_eq!(again.succeeded()["account"]["id"], first["account"]["id"]);
    refreshes(&w, &first).await.is_refused("unauthenticated");

    let late = invites(li).await.succeeded().string("code").to_owned();
    w.waits(TimeDelta::days(14));
    activates(&late, PASSWORD).await.is_refused("invalid");
}

async fn a_role_taken_away_ends_at_once(w: World) {
    account(&w, "admin", Role::Administrator, "海安").await;
    let li = account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    let invitation = format!("/v1/members/{}/invitation", wang(&w).await);
    let (secretary, _) = logs_in(&w, "li.secretary").await;
    secretary.call(Method::POST, &invitation).send().await.succeeded();

    let (admin, _) = logs_in(&w, "admin").await;
    let grants = format!("/v1/organisations/{}/grants", w.county().place("三塘村").id);
    assert_eq!(admin.get(&grants).await.items()[0]["login"], "li.secretary");
    let grant = format!("{grants}?account_id={li}&role=secretary");
    admin.call(Method::DELETE, &grant).send().await.succeeded();
    secretary
        .call(Method::POST, &invitation)
        .send()
        .await
        .is_refused("forbidden");
    admin.call(Method::DELETE, &grant).send().await.is_refused("not_found");
}

async fn a_changed_password_ends_the_other_sessions(w: World) {
    account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    let (here, _) = logs_in(&w, "li.secretary").await;
    let (there, _) = logs_in(&w, "li.secretary").await;
    let changes = async |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        here.post("/v1/auth/password", &body).await
    };
    changes(OTHER, OTHER).await.is_refused("wrong_password");
    changes(PASSWORD, "li.secretary").await.is_refused("invalid");
    changes(PASSWORD, OTHER).await.succeeded();
    here.get("/v1/auth/sessions").await.succeeded();
    there.get("/v1/auth/sessions").await.is_refused("unauthenticated");
    tries(&w, "li.secretary", PASSWORD).await.is_refused("wrong_password");
    tries(&w, "li.secretary", OTHER).await.succeeded();
}

async fn an_unknown_login_and_a_wrong_password_are_alike(w: World) {
    account(&w, "li.secretary", Role::Secretary, "三塘村").await;
    let without_trace = |answer: &Answer| {
        let mut body = answer.body().clone();
        body.as_object_mut().unwrap().remove("trace_id");
        (answer.status(), body)
    };
    for _ in 0..5 {
        let known = tries(&w, "li.secretary", OTHER).await;
        known.is_refused("wrong_password");
        assert_eq!(without_trace(&known), without_trace(&tries(&w, "nobody", OTHER).await));
    }
    for login in ["li.secretary", "nobody"] {
        let shut = tries(&w, login, PASSWORD).await;
        shut.is_refused("too_many_attempts");
        assert_eq!(shut.header("retry-after"), Some("6"));
    }
    w.waits(TimeDelta::seconds(6));
    tries(&w, "li.secretary", PASSWORD).await.succeeded();
    tries(&w, "nobody", PASSWORD).await.is_refused("wrong_password");
    assert_eq!(
        w.database().lines("who", "audit where action = 'login_failed'").len(),
        11
    );
}

async fn an_administrator_makes_an_account(w: World) {
    account(&w, "admin", Role::Administrator, "海安").await;
    let (admin, _) = logs_in(&w, "admin").await;
    let place = w.county().place("三塘村").id;
    let body = json!({ "login": "zhang", "name": "张书记", "email": "zhang@example.org", "role": "secretary", "organisation_id": place });
    let made = admin.post("/v1/accounts", &body).await;
    let password = made.succeeded().string("initial_password").to_owned();
    tries(&w, "zhang", &password).await.succeeded();
    admin.post("/v1/accounts", &body).await.is_refused("invalid");
    let wrong = json!({ "login": "19900000001", "name": "x", "password": "123456789012", "role": "secretary", "organisation_id": place });
    let faults = admin.post("/v1/accounts", &wrong).await;
    let pointers: Vec<_> = faults["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert_eq!(pointers, ["password_too_common", "login_sensitive"]);

    let grants = format!("/v1/organisations/{}/grants", w.county().place("西场村").id);
    let grant = json!({ "account_id": made["account"]["id"], "role": "secretary" });
    admin.post(&grants, &grant).await.succeeded();
    admin.post(&grants, &grant).await.succeeded();
    assert_eq!(admin.get(&grants).await.items().len(), 1);
    let member = json!({ "account_id": made["account"]["id"], "role": "member" });
    admin.post(&grants, &member).await.is_refused("invalid");

    let first = admin.get("/v1/accounts?limit=1").await;
    let next = format!("/v1/accounts?limit=1&cursor={}", first.string("next_cursor"));
    let second = admin.get(&next).await;
    let names: Vec<_> = [&first, &second].map(|page| page.items()[0]["login"].clone()).to_vec();
    assert_eq!(names, ["admin", "zhang"]);
    assert!(second["next_cursor"].is_null());
}

async fn an_administrator_of_a_town_reaches_no_other(w: World) {
    account(&w, "admin.qutang", Role::Administrator, "曲塘镇").await;
    let wang = account(&w, "wang", Role::Secretary, "王垛村").await;
    let (admin, _) = logs_in(&w, "admin.qutang").await;
    let (inside, outside) = ("三塘村", "王垛村");
    let grants = |place: &str| format!("/v1/organisations/{}/grants", w.county().place(place).id);
    let grant = json!({ "account_id": wang, "role": "office" });
    admin.get(&grants(outside)).await.is_refused("not_found");
    admin.post(&grants(outside), &grant).await.is_refused("not_found");
    admin.post(&grants(inside), &grant).await.is_refused("not_found");
    assert_eq!(admin.get("/v1/accounts").await.items().len(), 1);
    let body = json!({ "login": "new.one", "name": "新", "role": "secretary", "organisation_id": w.county().place(outside).id });
    admin.post("/v1/accounts", &body).await.is_refused("not_found");
}
