//! The search for whoever is named in an answer, in workbooks and papers as well; and that it finds who is.

use std::io;

use calamine::{Reader, Xlsx};
use kiteline_tests::client::{Answer, Client};
use kiteline_tests::contract::Contract;
use kiteline_tests::stories;
use kiteline_tests::walk::Things;
use kiteline_tests::world::World;
use lopdf::Document;
use reqwest::Method;

use super::{Others, author};

stories![the_search_finds_whoever_is_named];

/// Whether a text holds one of the words.
pub(super) fn mentions(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| text.contains(word.as_str()))
}

/// The items of a list, each row of a file or a workbook, each page of a paper, or the whole answer: what belongs together.
fn pieces(answer: &Answer) -> Vec<String> {
    let media_type = answer.header("content-type").unwrap_or_default();
    if media_type.ends_with("spreadsheetml.sheet") {
        return rows(answer.bytes());
    }
    // What somebody handed in as a paper is no more than this.
    if media_type == "application/pdf" && answer.bytes() != b"%PDF-1.7" {
        return pages(answer.bytes());
    }
    match answer.body()["items"].as_array() {
        Some(items) => items.iter().map(ToString::to_string).collect(),
        None if answer.body().is_null() => answer.text().lines().map(ToOwned::to_owned).collect(),
        None => vec![answer.text().to_owned()],
    }
}

/// The rows of all sheets of a workbook.
fn rows(bytes: &[u8]) -> Vec<String> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(io::Cursor::new(bytes)).unwrap();
    let row = |row: &[calamine::Data]| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let sheets = book.worksheets();
    let rows = sheets.iter().flat_map(|(_, sheet)| sheet.rows().map(row));
    rows.collect()
}

/// The text of each page of a paper, without the spaces that a line's end may put into a word.
fn pages(bytes: &[u8]) -> Vec<String> {
    let paper = Document::load_mem(bytes).unwrap();
    let text = |page: &u32| paper.extract_text(&[*page]).unwrap().split_whitespace().collect();
    paper.get_pages().keys().map(text).collect()
}

/// Every answer that a caller gets to every reading operation about these things, in pieces.
pub(super) async fn everything(client: &Client, things: &Things) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (method, template, operation) in Contract::ours().operations() {
        if method != "get" || !template.starts_with("/v1/") || template.contains("{file_id}") {
            continue;
        }
        let address = things.whole_address((method, template, operation));
        let names = operation["parameters"].as_array().into_iter().flatten();
        let known = |name: &str| names.clone().any(|one| one["name"] == name);
        let join = if address.contains('?') { '&' } else { '?' };
        let mut addresses = vec![address.clone()];
        addresses.extend(known("limit").then(|| format!("{address}{join}limit=500")));
        let files = [
            (known("format"), "format=csv"),
            (known("format"), "format=xlsx"),
            (known("people"), "format=xlsx&people=true"),
        ];
        let files = files.into_iter().filter(|(known, _)| *known);
        addresses.extend(files.map(|(_, more)| format!("{address}{join}{more}")));
        for address in addresses {
            let answer = client.call(Method::GET, &address).send().await;
            all.extend(pieces(&answer).into_iter().map(|piece| (address.clone(), piece)));
        }
    }
    all
}

async fn the_search_finds_whoever_is_named(w: World) {
    w.leaves_work_undone();
    let (things, who) = author(&w).await;
    let others = Others::of(&w).await;
    let (wish, named) = ([things.id("wishes").unwrap().to_owned()], [things.person.name.clone()]);
    let all = everything(&others.secretary.client().await, &things).await;
    let found = |words: &[&[String]]| {
        let holds = |piece: &str| words.iter().all(|words| mentions(piece, words));
        let found = all.iter().filter(|(_, piece)| holds(piece));
        found.map(|(address, _)| address.as_str()).collect::<Vec<_>>()
    };
    let beside_the_wish = found(&[&wish, &who]);
    let at = format!("/v1/wishes/{}", wish[0]);
    assert!(
        beside_the_wish.contains(&at.as_str()),
        "a wish that is not anonymous: {beside_the_wish:?}"
    );
    let by_name = found(&[&named]);
    for file in ["format=csv", "format=xlsx&people=true", ".pdf"] {
        assert!(
            by_name.iter().any(|address| address.ends_with(file)),
            "{file}: {by_name:?}"
        );
    }
}
