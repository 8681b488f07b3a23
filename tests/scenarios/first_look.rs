//! Somebody looks at the server without a token.

use kiteline_tests::contract::Contract;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;

stories![the_server_is_up_and_shows_its_contract, a_stranger_gets_nothing_else];

async fn the_server_is_up_and_shows_its_contract(w: World) {
    let stranger = w.stranger();
    stranger.get("/healthz").await.has("status", "ok");
    stranger.get("/readyz").await.has("status", "ok");
    let contract = stranger.get("/openapi.yaml").await;
    assert_eq!(contract.succeeded().text(), api::openapi::contract());
    let page = stranger.reading("en").get("/problems/stale").await;
    assert!(page.succeeded().text().contains("lang=\"en\""), "{page}");
}

/// Whatever the contract protects is closed to a caller without a token, and to one with a made-up one.
async fn a_stranger_gets_nothing_else(w: World) {
    let stranger = w.stranger();
    for (method, path, operation) in Contract::ours().operations() {
        if operation.get("security").is_none() {
            continue;
        }
        let path = path.replace(['{', '}'], "");
        let method: Method = method.to_uppercase().parse().unwrap();
        for caller in [stranger.clone(), stranger.with_token("eyJhbGciOiJub25lIn0.e30.")] {
            let answer = caller.call(method.clone(), &path).send().await;
            answer.is_refused("unauthenticated");
        }
    }
}
