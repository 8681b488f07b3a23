//! A lecturers' tour to Beijing (送课进京): a session each evening for everybody away there, attended by the code at the place;
//! what somebody missed is made up, and the hours add up.

use chrono::TimeDelta;
use kiteline_tests::gatherings::{Gathering, listed};
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

stories![lecturers_come_to_beijing];

/// Who takes part, and the three evenings.
struct Tour {
    w: World,
    office: Person,
    /// Keeps the list at the place.
    qian: Person,
    wang: Person,
    li: Person,
    /// Is in Shanghai.
    zhou: Person,
    evenings: [Gathering; 3],
}

/// Somebody of a village who is away in a division since today.
async fn away(w: &World, name: &str, village: &str, division: &str) -> Person {
    let (secretary, member) = (w.secretary(village).await, w.member(name).of(village).await);
    let kite = secretary.plans(&member, to(division)).leaving("2027-01-11").await;
    secretary.departs(&kite).await.is("away");
    member
}

async fn lecturers_come_to_beijing(w: World) {
    let tour = Tour::is_planned(w).await;
    tour.everybody_there_is_invited_by_mail().await;
    tour.both_come_on_the_first_evening().await;
    tour.one_is_missed_on_the_second().await;
    tour.it_is_made_up_after_the_third().await;
    tour.the_hours_add_up().await;
}

impl Tour {
    async fn is_planned(w: World) -> Self {
        let (office, qian) = (w.office("海安").await, w.contact_officer("海安").await);
        let wang = away(&w, "王芳", "三塘村", "110105").await;
        let li = away(&w, "李强", "西场村", "110106").await;
        let zhou = away(&w, "周明", "王垛村", "310115").await;
        let lecturer = json!({
            "organisation_id": w.county().place("海安").id, "name": "陈讲师", "topic": "在外党员怎样过组织生活",
            "village_ids": [w.county().place("三塘村").id],
        });
        let lecturer = office.post("/v1/lecturers", &lecturer).await;
        let everybody_there = json!([{ "kind": "destination", "division_code": "110000" }]);
        let first = office
            .invites("海安", "lecturers_tour", "2027-01-18T11:00:00Z", &everybody_there)
            .with("title", json!("送课进京"))
            .with("place", json!("北京市朝阳区某工地会议室"))
            .with("lecturer_id", lecturer.succeeded()["id"].clone())
            .repeated("FREQ=DAILY;COUNT=3")
            .planned()
            .await;
        let sessions = office.series_of(&first).await;
        assert_eq!(sessions[2]["starts_at"], "2027-01-20T11:00:00Z");
        let evenings = [0, 1, 2].map(|at| Gathering::in_list(&sessions[at]));
        Self {
            w,
            office,
            qian,
            wang,
            li,
            zhou,
            evenings,
        }
    }

    async fn everybody_there_is_invited_by_mail(&self) {
        for evening in &self.evenings {
            let expected = listed([("李强", "invited"), ("王芳", "invited")]);
            assert_eq!(self.office.list_of(evening).await, expected);
        }
        self.w.runs_jobs().await;
        let mails = self.w.mails_to("王芳");
        assert_eq!((mails.len(), &*mails[0]), (3, "海安市委组织部邀请您参加《送课进京》"));
        assert_eq!(self.w.mails_to("周明"), Vec::<String>::new(), "he is in Shanghai");
        let invitation = &self.li.was_told("gathering_invited").await[0];
        for fact in ["2027年1月18日 19:00—20:30", "朝阳区某工地会议室", "主讲：陈讲师"] {
            assert!(invitation.contains(fact), "{invitation}");
        }
    }

    async fn both_come_on_the_first_evening(&self) {
        let (w, [evening, ..]) = (&self.w, &self.evenings);
        w.passes_until("2027-01-18T10:50:00Z").await;
        let reminded = self.wang.was_told("gathering_reminder").await;
        let of_today = reminded.iter().filter(|body| body.contains("1月18日")).count();
        assert_eq!(
            (of_today, reminded.len()),
            (1, 2),
            "the day before each, once: {reminded:?}"
        );
        let code = self.qian.shows_code(evening).await;
        for member in [&self.wang, &self.li] {
            let there = member.scans(evening, &code).await;
            assert_eq!(there.status(), 201, "{there}");
            let attendance = &there["attendance"];
            assert_eq!(
                (&attendance["state"], &attendance["means"]),
                (&json!("attended"), &json!("code"))
            );
        }
        w.passes(TimeDelta::hours(2)).await;
        self.office.closes(evening).await.is("held");
        assert_eq!(self.wang.was_told("make_up_proposed").await.len(), 0);
    }

    /// 李强 has to work.
    async fn one_is_missed_on_the_second(&self) {
        let (w, [_, evening, _]) = (&self.w, &self.evenings);
        w.passes_until("2027-01-19T10:55:00Z").await;
        let code = self.qian.shows_code(evening).await;
        self.wang.scans(evening, &code).await.succeeded();
        w.passes(TimeDelta::hours(2)).await;
        let held = self.office.closes(evening).await;
        held.is("held").allows(&[]);
        let counts = &held["counts"];
        assert_eq!((&counts["attended"], &counts["missed"]), (&json!(1), &json!(1)));
        w.passes(TimeDelta::hours(13)).await;
        let proposed = self.li.was_told("make_up_proposed").await;
        assert!(proposed.len() == 1 && proposed[0].contains("没有关系"), "{proposed:?}");
        assert_eq!(self.office.was_told("make_up_proposed").await.len(), 1);
        let missed = self.office.get("/v1/make-ups").await;
        let [line] = missed.items() else { panic!("{missed}") };
        assert_eq!(
            (&line["name"], &line["gathering"]["id"]),
            (&json!("李强"), &json!(evening.id))
        );
    }

    async fn it_is_made_up_after_the_third(&self) {
        let (w, office, [_, second, third]) = (&self.w, &self.office, &self.evenings);
        w.passes_until("2027-01-20T11:05:00Z").await;
        let code = self.qian.shows_code(third).await;
        for member in [&self.wang, &self.li] {
            member.scans(third, &code).await.succeeded();
        }
        w.passes(TimeDelta::hours(2)).await;
        office.closes(third).await.is("held");

        let audience = json!([{ "kind": "missed", "gathering_id": second.id }]);
        let make_up = office
            .invites("海安", "make_up_lesson", "2027-01-23T11:00:00Z", &audience)
            .with("title", json!("送课进京补课"))
            .planned()
            .await;
        assert_eq!(office.list_of(&make_up).await, listed([("李强", "invited")]));
        w.passes_until("2027-01-23T11:05:00Z").await;
        let code = self.qian.shows_code(&make_up).await;
        self.li.scans(&make_up, &code).await.succeeded();
        let expected = listed([("李强", "made_up"), ("王芳", "attended")]);
        assert_eq!(office.list_of(second).await, expected);
        assert_eq!(office.get("/v1/make-ups").await.items().len(), 0);
        let own = self.li.get(&second.own()).await;
        assert_eq!(own["attendance"]["made_up_by"], make_up.id.as_str());
        w.passes(TimeDelta::hours(2)).await;
        office.closes(&make_up).await.is("held");
        w.passes(TimeDelta::hours(13)).await;
    }

    async fn the_hours_add_up(&self) {
        let whole = json!([{ "year": 2027, "gatherings": 3, "minutes": 270, "hours": 4.5 }]);
        assert_eq!(self.wang.learned().await, whole);
        assert_eq!(self.li.learned().await, whole, "the make-up in place of the second");
        assert_eq!(self.zhou.learned().await, json!([]));
        let secretary = self.w.secretary("西场村").await;
        let of_li = format!("/v1/members/{}", self.li.member);
        assert_eq!(secretary.get(&format!("{of_li}/learning")).await["years"], whole);
        let events = secretary.get(&format!("{of_li}/timeline?limit=500")).await;
        let told = |event: &str| {
            events
                .items()
                .iter()
                .filter(|one: &&Value| one["event"] == event)
                .count()
        };
        let counts = ["gathering_attended", "gathering_made_up", "gathering_missed"].map(told);
        assert_eq!(counts, [3, 1, 0], "{events}");
    }
}
