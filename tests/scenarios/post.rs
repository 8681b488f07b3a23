//! Greetings and prompts by e-mail, over a mail server that has its moods.

use chrono::TimeDelta;
use domain::codes::Standing;
use kiteline_tests::mail::{LOGIN, Mail, MailServer, Verdict};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use notifications::Tls;

stories![
    a_birthday_is_greeted_once_and_the_dead_are_left_in_peace,
    a_server_that_refuses_twice_is_tried_again,
    a_server_that_never_answers_holds_nothing_up,
    mails_share_connections,
    mail_is_protected_and_sent_under_a_login,
    a_server_with_an_unknown_certificate_is_sent_nothing,
];

/// Born on the day after the story's first.
async fn born_tomorrow(w: &World, name: &str) -> Person {
    w.member(name).born("1975-01-12").of("三塘村").await
}

fn subjects(mails: &[Mail]) -> Vec<String> {
    mails.iter().map(Mail::subject).collect()
}

async fn a_birthday_is_greeted_once_and_the_dead_are_left_in_peace(w: World) {
    born_tomorrow(&w, "王芳").await;
    w.member("John").born("1980-01-12").reading("en").of("西场村").await;
    w.member("李雷")
        .born("1941-01-12")
        .standing(Standing::Deceased)
        .of("三塘村")
        .await;
    w.runs_jobs().await;
    assert_eq!(w.mail().received(), []);
    w.passes(TimeDelta::days(1)).await;
    w.runs_jobs().await;
    w.passes(TimeDelta::days(3)).await;
    let mails = w.mail().received();
    assert_eq!(mails.len(), 2, "{:?}", subjects(&mails));
    let to_wang = mails
        .iter()
        .find(|mail| mail.text().contains("王芳"))
        .expect("a greeting for 王芳");
    assert!(to_wang.subject().contains("生日"), "{}", to_wang.subject());
    assert!(to_wang.html().contains("王芳"));
    let to_john = mails
        .iter()
        .find(|mail| mail.text().contains("John"))
        .expect("a greeting for John");
    assert!(to_john.subject().contains("birthday"), "{}", to_john.subject());
}

async fn a_server_that_refuses_twice_is_tried_again(w: World) {
    born_tomorrow(&w, "王芳").await;
    w.mail().next(2, &Verdict::Refuse(451));
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(w.mail().received(), []);
    for _ in 0..8 {
        w.waits(TimeDelta::minutes(30));
        w.delivers().await;
    }
    assert_eq!(w.mail().received().len(), 1);
}

async fn a_server_that_never_answers_holds_nothing_up(w: World) {
    born_tomorrow(&w, "王芳").await;
    born_tomorrow(&w, "李梅").await;
    w.mail().next(1, &Verdict::Hang);
    let day = tokio::time::timeout(kiteline_tests::PATIENCE, w.passes(TimeDelta::days(1)));
    day.await.expect("the delivery gives up");
    for _ in 0..8 {
        w.waits(TimeDelta::minutes(30));
        w.delivers().await;
    }
    let mails = w.mail().received();
    assert_eq!(mails.len(), 2, "{:?}", subjects(&mails));
    assert_ne!(mails[0].message_id(), mails[1].message_id());
}

async fn mails_share_connections(w: World) {
    for number in 0..20 {
        born_tomorrow(&w, &format!("王芳{number}")).await;
    }
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(w.mail().received().len(), 20);
    assert!(w.mail().connections() <= 8, "{} connections", w.mail().connections());
}

async fn mail_is_protected_and_sent_under_a_login(mut w: World) {
    for (how, name) in [(Tls::Starttls, "王芳"), (Tls::Implicit, "李梅")] {
        w.posts_by(MailServer::protected(how).await, true);
        let tomorrow = w.today() + TimeDelta::days(1);
        w.member(name)
            .born(&format!("1975-{}", tomorrow.format("%m-%d")))
            .of("三塘村")
            .await;
        w.passes(TimeDelta::days(1)).await;
        let mails = w.mail().received();
        let came: Vec<_> = mails
            .iter()
            .map(|mail| (mail.protected, mail.login.as_deref()))
            .collect();
        assert_eq!(came, [(true, Some(LOGIN.0))], "{how:?}");
    }
}

async fn a_server_with_an_unknown_certificate_is_sent_nothing(mut w: World) {
    w.posts_by(MailServer::protected(Tls::Starttls).await, false);
    born_tomorrow(&w, "王芳").await;
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(w.mail().received(), []);
    let why = w
        .database()
        .lines("last_error", "outbox where channel = 'email' and state = 'waiting'");
    assert!(why.concat().contains("UnknownIssuer"), "{why:?}");
    w.leaves_work_undone();
}
