//! Ways in (磁铁): by a letter, by the code on a workstation's door, and twice by different ways.

use std::fs;

use chrono::TimeDelta;
use domain::id::FileId;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    a_letter_is_uploaded_and_a_disguised_file_is_refused,
    what_a_failed_upload_leaves_is_swept,
];

const LETTER: &[u8] = b"%PDF-1.7\nthe bearer is a member of our branch";

async fn a_letter_is_uploaded_and_a_disguised_file_is_refused(w: World) {
    let (zhou, li) = (w.secretary("雅周镇").await, w.secretary("三塘村").await);
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);

    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let disguised = zhou.hands_in(&stay, "介绍信.png", "image/png", page).await;
    disguised.is_refused("invalid").names_fault("/file", "not_a_picture");
    let detail = disguised["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("PNG, JPEG, WebP, PDF"), "{detail}");
    let mut large = LETTER.to_vec();
    large.resize(10 * 1024 * 1024 + 1, b' ');
    let refused = zhou.hands_in(&stay, "介绍信.pdf", "application/pdf", &large).await;
    refused.is_refused("invalid").names_fault("/file", "file_too_big");
    assert_eq!(refused["errors"][0]["detail"], "文件太大，至多 10 MiB");
    li.hands_in(&stay, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is_refused("not_found");
    assert_eq!(kept(&w), [] as [String; 0], "nothing of what was refused is kept");
    zhou.get(&format!("{}/letter", stay.path())).await.is_refused("not_found");

    // Neither the name nor the claimed type counts.
    let verified = zhou.hands_in(&stay, "../../keys", "image/png", LETTER).await;
    verified.is("verified").allows(&["admit", "reject", "withdraw"]);
    assert_eq!(verified["verification"]["by"], "letter");
    assert_eq!(verified["verification"]["on"], json!(w.today()));
    assert_eq!(verified["verification"]["confirmed_by"], zhou.name.as_str());
    zhou.hands_in(&stay, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is_refused("transition_refused");
    let files = kept(&w);
    assert!(files.len() == 1 && files[0].parse::<FileId>().is_ok(), "{files:?}");
    let sealed = fs::read(w.files().join(&files[0])).unwrap();
    assert!(!sealed.windows(9).any(|part| part == b"of our br"), "it lies sealed");

    zhou.admits(&stay, "王垛村").await.is("admitted");
    let officer = w.contact_officer("雅周镇").await;
    for reader in [&zhou, &officer] {
        let letter = reader.get(&format!("{}/letter", stay.path())).await;
        assert_eq!(letter.succeeded().bytes(), LETTER);
        assert_eq!(letter.header("content-type"), Some("application/pdf"));
        assert_eq!(letter.header("x-content-type-options"), Some("nosniff"));
        let named = format!("attachment; filename=\"letter-{}.pdf\"", stay.id);
        assert_eq!(letter.header("content-disposition"), Some(&*named));
    }
    li.get(&format!("{}/letter", stay.path()))
        .await
        .is_refused("not_found");
    assert_eq!(w.database().count("audit where action = 'letter_viewed'"), 2);
    let told = ["stay_reported", "stay_confirmed_by_letter", "stay_admitted"];
    assert_eq!(zhou.story_of(&stay).await, told);
}

async fn what_a_failed_upload_leaves_is_swept(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    zhou.hands_in(&stay, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is("verified");
    // As if the machine had died between the file and its row.
    let orphan: FileId = w.store().fresh();
    w.store().files().put(orphan, LETTER).await.unwrap();
    fs::write(w.files().join("readme.txt"), "not ours").unwrap();
    assert_eq!(w.notifier().tidy().await.unwrap(), 0, "it may still get its row");
    w.waits(TimeDelta::days(2));
    assert_eq!(w.notifier().tidy().await.unwrap(), 1);
    assert!(!kept(&w).contains(&orphan.to_string()));
    let letter = zhou.get(&format!("{}/letter", stay.path())).await;
    assert_eq!(letter.succeeded().bytes(), LETTER);
    assert!(kept(&w).contains(&"readme.txt".to_owned()));
}

/// The names of the files that are kept.
fn kept(w: &World) -> Vec<String> {
    let entries = fs::read_dir(w.files()).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}
