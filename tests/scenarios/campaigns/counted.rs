//! From what each kind of activity is counted: every kind done once or twice, and beside it what does not count.

use chrono::TimeDelta;
use kiteline_tests::campaign::Campaign;
use kiteline_tests::client::Answer;
use kiteline_tests::gatherings::Gathering;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

use super::{figures, leaves, line, of};

stories![every_kind_of_activity_is_counted_from_what_was_recorded];

/// Every kind of activity, in this order.
const KINDS: [&str; 9] = [
    "visit", "letter", "talk", "lesson", "meeting", "help", "report", "gift", "service",
];

/// A county's campaign from 12 January on: 王芳 and 赵云 of one town, 钱强 of the other.
struct Around {
    w: World,
    office: Person,
    li: Person,
    he: Person,
    /// Of 驻沪, where 王芳 is.
    chen: Person,
    wang: Person,
    zhao: Person,
    qian: Person,
    to_qian: Kite,
    campaign: Campaign,
}

async fn every_kind_of_activity_is_counted_from_what_was_recorded(w: World) {
    let story = Around::of(w).await;
    story.the_day_before_does_not_count().await;
    story.the_host_visits().await;
    story.they_gather().await;
    story.they_are_helped().await;
    story.all_of_it_is_counted().await;
}

impl Around {
    async fn of(w: World) -> Self {
        let (office, li, he) = (
            w.office("海安").await,
            w.secretary("三塘村").await,
            w.secretary("王垛村").await,
        );
        let (wang, zhao, qian) = (
            w.member("王芳").of("三塘村").await,
            w.member("赵云").of("三塘村").await,
            w.member("钱强").of("王垛村").await,
        );
        let hers = li.plans(&wang, to("310115")).hosted_by("驻沪");
        li.departs(&hers.leaving("2027-01-11").await).await.is("away");
        leaves(&w, &li, &zhao, to("320102")).await;
        let to_qian = leaves(&w, &he, &qian, to("310115")).await;
        let activity = |kind: &&str| json!({ "kind": kind, "zh": "一次", "en": "One", "per": "total", "number": 9 });
        let plan = json!({
            "window": { "from": "2027-01-12", "until": "2027-02-20" },
            "prompts": [{ "days_before": 3 }],
            "activities": KINDS.iter().map(activity).collect::<Value>(),
        });
        let campaign = Campaign::of(&office.plans_campaign("海安", plan).await);
        office.opens(&campaign).await.is("open");
        Self {
            office,
            li,
            he,
            chen: w.secretary("驻沪").await,
            wang,
            zhao,
            qian,
            to_qian,
            campaign,
            w,
        }
    }

    /// Of each kind of record one on 11 January.
    async fn the_day_before_does_not_count(&self) {
        let Self { w, he, qian, .. } = self;
        he.contacts(&self.to_qian, ("in_person", "reached"), None)
            .await
            .succeeded();
        he.contacts(&self.to_qian, ("letter", "not_reached"), None)
            .await
            .succeeded();
        self.gather((he, "王垛村", "study_session"), &[(qian, "attended")])
            .await;
        self.is_settled(he, qian, "hardship").await;
        self.is_given(he, qian, "hardship").await;
        let counted = figures(&self.office.follows(&self.campaign).await["total"]);
        assert_eq!(counted, (3, 0, 0, of(&[])));
        w.passes(TimeDelta::days(1)).await;
    }

    /// What the host records of 王芳 counts for her branch: two visits, a letter and a talk; not where nobody was found.
    async fn the_host_visits(&self) {
        let chen = &self.chen;
        let taken = chen.answers(&chen.only_incoming("offered").await, "accept").await;
        let stay = Stay {
            id: taken["stay"]["id"].as_str().unwrap().to_owned(),
        };
        chen.admits(&stay, "浦东临时").await.is("admitted");
        for (means, outcome) in [
            ("in_person", "reached"),
            ("in_person", "not_reached"),
            ("in_person", "reached"),
            ("letter", "not_reached"),
            ("video", "reached"),
            ("phone", "number_not_in_service"),
            ("message", "reached"),
        ] {
            chen.visits(&stay, means, outcome).await.succeeded();
        }
        self.he
            .contacts(&self.to_qian, ("phone", "reached"), None)
            .await
            .succeeded();
    }

    /// Both are at the branch's meeting, 王芳 alone at its study session, and she and 钱强 hear the lecturers.
    async fn they_gather(&self) {
        let Self {
            office,
            li,
            wang,
            zhao,
            qian,
            ..
        } = self;
        let both = [(wang, "attended"), (zhao, "attended")];
        self.gather((li, "三塘村", "branch_meeting"), &both).await;
        let one = [(wang, "attended"), (zhao, "excused")];
        self.gather((li, "三塘村", "study_session"), &one).await;
        let some = [(wang, "attended"), (zhao, "missed"), (qian, "attended")];
        self.gather((office, "海安", "lecturers_tour"), &some).await;
    }

    /// 赵云's hardship and 王芳's question about schools are settled, another is answered only; 钱强 is given something
    /// in hardship and something to greet him.
    async fn they_are_helped(&self) {
        let Self {
            li,
            he,
            wang,
            zhao,
            qian,
            ..
        } = self;
        self.is_settled(li, zhao, "hardship").await;
        self.is_settled(li, wang, "schooling").await;
        self.is_answered(li, wang, "hardship").await;
        self.is_given(he, qian, "hardship").await;
        self.is_given(he, qian, "festival").await;
        self.w.runs_jobs().await;
    }

    async fn all_of_it_is_counted(&self) {
        let progress = self.office.follows(&self.campaign).await;
        let quote = [
            "visit 2/null",
            "letter 1/null",
            "talk 1/null",
            "lesson 1/null",
            "meeting 2/null",
            "help 1/null",
            "report 1/null",
            "service 2/null",
        ];
        assert_eq!(figures(line(&progress, "曲塘镇")), (2, 0, 0, of(&quote)), "{progress}");
        let yazhou = ["talk 1/null", "lesson 1/null", "help 1/null", "gift 2/null"];
        assert_eq!(figures(line(&progress, "雅周镇")), (1, 0, 0, of(&yazhou)), "{progress}");
        assert_eq!(
            figures(line(&progress, "驻沪")),
            (0, 0, 0, of(&[])),
            "who visits is not counted"
        );
        let total = [
            "visit 2/9",
            "letter 1/9",
            "talk 2/9",
            "lesson 2/9",
            "meeting 2/9",
            "help 2/9",
            "report 1/9",
            "gift 2/9",
            "service 2/9",
        ];
        assert_eq!(figures(&progress["total"]), (3, 0, 0, of(&total)));
    }

    /// A gathering of today, of which each is told so.
    async fn gather(&self, (by, place, kind): (&Person, &str, &str), marks: &[(&Person, &str)]) {
        let begins = (self.w.now() + TimeDelta::minutes(15)).to_rfc3339();
        let gathering = by.invites(place, kind, &begins, &by.everybody_of(place));
        let gathering: Gathering = gathering.planned().await;
        self.w.passes(TimeDelta::hours(2)).await;
        let mark = |(member, state): &(&Person, &str)| {
            let reason = (*state == "excused").then_some("夜班");
            json!({ "person_id": member.member, "state": state, "reason": reason })
        };
        let marked = by.marks_all(&gathering, marks.iter().map(mark).collect()).await;
        marked.succeeded();
        by.closes(&gathering).await.is("held");
    }

    async fn is_answered(&self, by: &Person, member: &Person, kind: &str) -> Answer {
        let asked = member.asks_for(kind, "家里有事").await;
        let path = format!("/v1/service-requests/{}", asked.string("id"));
        let answer = json!({ "said": "已经联系。" });
        by.tells(&path, "answer", &answer).await.is("answered");
        asked
    }

    async fn is_settled(&self, by: &Person, member: &Person, kind: &str) {
        let asked = self.is_answered(by, member, kind).await;
        let own = format!("/v1/me/service-requests/{}", asked.string("id"));
        member.tells(&own, "resolve", &json!({})).await.is("resolved");
    }

    /// Something is given to the member today.
    async fn is_given(&self, by: &Person, member: &Person, occasion: &str) {
        let gift = json!({
            "person_id": member.member, "occasion": occasion, "item": "red_satchel", "given_on": self.w.today(),
        });
        by.post("/v1/gifts", &gift).await.succeeded();
    }
}
