//! The coverage, worked out by hand: seven members who left, were briefed, offered, taken and heard of, or were not; and
//! who it is that is behind.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::Handover;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

use super::{cells, every_cell_has_its_list, is_of, of, what_is_missing_has_its_list, whole};

stories![
    contacts_briefings_and_offers_are_counted_by_their_days,
    whoever_is_behind_is_listed_and_nobody_else,
];

/// 甲, 乙, 丙 of 三塘村 (曲塘镇) and 丁, 戊, 己, 庚 of 王垛村 (雅周镇), on the 210th day after the first of them left.
///
/// |    | left on day | last heard of | on day 210     | briefing             | offered to 驻沪 |
/// | 甲 | 0           | 190           | 20 days ago    | nothing of it        | accepted        |
/// | 乙 | 0           | 150           | 60 days ago    | whole on day 1: late | not answered    |
/// | 丙 | 0           | 90            | 120 days ago   | nothing of it        | declined        |
/// | 丁 | 0           | 10            | 200 days ago   | whole on day 0       | taken back      |
/// | 戊 | 120         | never         | gone 90 days   | all but one          | not answered    |
/// | 己 | 181         | never         | gone 29 days   | nothing of it        | never           |
/// | 庚 | 0           | 190           | home since 200 | nothing of it        | never           |
struct Seven {
    w: World,
    office: Person,
    chen: Person,
    day: i64,
}

impl Seven {
    async fn of(w: World) -> Self {
        w.leaves_work_undone();
        let (office, chen) = (w.office("海安").await, w.secretary("驻沪").await);
        let mut story = Self {
            w,
            office,
            chen,
            day: 0,
        };
        story.leave().await;
        story
    }

    fn waits_until(&mut self, day: i64) {
        self.w.waits(TimeDelta::days(day - self.day));
        self.day = day;
    }

    async fn plans(&self, name: &str, branch: &str, host: Option<&str>) -> (Person, Kite) {
        let member = self.w.member(name).of(branch).await;
        let notice = self.office.plans(&member, to("310115"));
        let notice = match host {
            Some(host) => notice.hosted_by(host),
            None => notice,
        };
        let kite = notice.leaving(&self.w.today().to_string()).await;
        (member, kite)
    }

    async fn departs(&self, kite: &Kite) {
        self.office.departs(kite).await.is("away");
    }

    /// Leaves today, and 驻沪 is offered the member.
    async fn is_offered(&self, kite: &Kite) -> Handover {
        let before = self.chen.incoming("offered").await;
        self.departs(kite).await;
        let mut after = self.chen.incoming("offered").await;
        after.retain(|one| before.iter().all(|other| other.id != one.id));
        assert_eq!(after.len(), 1, "{after:?}");
        after.remove(0)
    }

    /// The words of the journey's briefing.
    async fn briefing(&self, kite: &Kite) -> Vec<String> {
        let seen = self.office.sees(kite).await;
        let items = seen["briefing"].as_array().unwrap().iter();
        items.map(|one| one["item"].as_str().unwrap().to_owned()).collect()
    }

    async fn briefs(&self, kite: &Kite, items: &[String]) {
        for item in items {
            self.office.briefs(kite, item).await.succeeded();
        }
    }

    /// What happens from day to day.
    async fn leave(&mut self) {
        let host = Some("驻沪");
        let (jia, to_jia) = self.plans("甲", "三塘村", host).await;
        let (_, second) = self.plans("乙", "三塘村", host).await;
        let (_, third) = self.plans("丙", "三塘村", host).await;
        let (ding, to_ding) = self.plans("丁", "王垛村", host).await;
        let (geng, to_geng) = self.plans("庚", "王垛村", None).await;
        let items = self.briefing(&second).await;
        let (last, first) = items.split_last().unwrap();
        self.briefs(&second, first).await;
        self.briefs(&to_ding, &items).await;
        let offer = self.is_offered(&to_jia).await;
        self.chen.answers(&offer, "accept").await.is("accepted");
        self.is_offered(&second).await;
        let offer = self.is_offered(&third).await;
        self.chen.answers(&offer, "decline").await.is("declined");
        let offer = self.is_offered(&to_ding).await;
        let he = self.w.secretary("王垛村").await;
        he.answers(&offer, "withdraw").await.is("withdrawn");
        self.departs(&to_geng).await;
        self.ask((&jia, &ding, &geng), &he).await;
        self.waits_until(1);
        self.briefs(&second, std::slice::from_ref(last)).await;

        for (day, kite) in [(10, &to_ding), (90, &third)] {
            self.waits_until(day);
            self.office.records_call(kite).await.succeeded();
        }
        self.waits_until(120);
        let (wu, to_wu) = self.plans("戊", "王垛村", host).await;
        self.briefs(&to_wu, first).await;
        self.is_offered(&to_wu).await;
        let late = wu.asks_for("schooling", "戊问").await;
        self.waits_until(150);
        self.office.records_call(&second).await.succeeded();
        answers(&he, &late).await;
        self.waits_until(181);
        let (_, sixth) = self.plans("己", "王垛村", None).await;
        self.departs(&sixth).await;
        self.waits_until(190);
        for kite in [&to_jia, &to_geng] {
            self.office.records_call(kite).await.succeeded();
        }
        self.waits_until(200);
        self.office.returns(&to_geng).await.is("returned");
        self.waits_until(210);
    }

    /// Answered on the same day: of 甲 and 丁. Never: of 庚.
    async fn ask(&self, (jia, ding, geng): (&Person, &Person, &Person), he: &Person) {
        let li = self.w.secretary("三塘村").await;
        answers(&li, &jia.asks_for("schooling", "甲问").await).await;
        answers(he, &ding.asks_for("schooling", "丁问").await).await;
        geng.asks_for("schooling", "庚问").await;
    }

    async fn counted(&self, statistic: &str) -> Answer {
        self.office
            .get(&of(&self.w, statistic, "海安", "&from=2027-01-11"))
            .await
    }
}

async fn answers(by: &Person, request: &Answer) {
    let path = format!("/v1/service-requests/{}", request.string("id"));
    let answer = json!({ "said": "5月起网上报名。" });
    by.tells(&path, "answer", &answer).await.is("answered");
}

/// What each figure counts: in the county, in 曲塘镇, in 雅周镇.
const WORKED_OUT: &[(&str, [u64; 3])] = &[
    // 甲 to 己; 庚 is home.
    ("away", [6, 3, 3]),
    // 甲 is due 30 days after day 190, 己 30 days after day 181.
    ("on_time", [2, 1, 1]),
    // All but 己, who left 29 days ago.
    ("gone_30", [5, 3, 2]),
    // 甲.
    ("reached_30", [1, 1, 0]),
    // The same: 戊 left 90 days ago.
    ("gone_90", [5, 3, 2]),
    // 甲 and 乙.
    ("reached_90", [2, 2, 0]),
    // 甲, 乙, 丙, 丁.
    ("gone_180", [4, 3, 1]),
    // 甲, 乙, 丙.
    ("reached_180", [3, 3, 0]),
    ("departures", [7, 3, 4]),
    // 丁; of 乙 the last item was late.
    ("briefed", [1, 0, 1]),
    // 甲, 乙, 丙, 戊; of 丁 the offer was taken back.
    ("handed_over", [4, 3, 1]),
    // 甲.
    ("accepted", [1, 1, 0]),
    // Of 甲; of 丁, 戊, 庚.
    ("requests_due", [4, 1, 3]),
    // Of 甲 and of 丁.
    ("answered_in_time", [2, 1, 1]),
];

async fn contacts_briefings_and_offers_are_counted_by_their_days(w: World) {
    let mut story = Seven::of(w).await;
    let coverage = story.counted("coverage").await;
    let (total, qutang, yazhou) = (
        whole(&coverage),
        cells(&coverage, is_of("曲塘镇")),
        cells(&coverage, is_of("雅周镇")),
    );
    for (figure, counts) in WORKED_OUT {
        let counted = [&total[*figure], &qutang[*figure], &yazhou[*figure]];
        assert_eq!(
            counted,
            counts.map(|count| json!(count)).each_ref(),
            "{figure}: {coverage}"
        );
    }
    every_cell_has_its_list(&story.office, &coverage).await;
    what_is_missing_has_its_list(&story.office, &coverage).await;
    // 甲 was heard of thirty days ago, and then thirty-one; 己 has been gone for thirty days, and was not heard of.
    for (day, gone, reached) in [(211, 6, 1), (220, 6, 1), (221, 6, 0)] {
        story.waits_until(day);
        let total = whole(&story.counted("coverage").await);
        assert_eq!(
            (&total["gone_30"], &total["reached_30"]),
            (&json!(gone), &json!(reached)),
            "on day {day}"
        );
    }
}

/// Who or what is on the list of a line: names, or what was asked.
async fn listed(by: &Person, line: &Value) -> Vec<String> {
    let page = by.get(&format!("{}&limit=500", line["list"].as_str().unwrap())).await;
    let word = |one: &Value| {
        let name = one["name"].as_str().or_else(|| one["said"].as_str());
        name.unwrap().to_owned()
    };
    let mut words: Vec<_> = page.items().iter().map(word).collect();
    words.sort_by_key(|word| "甲乙丙丁戊己庚".find(|first| word.starts_with(first)));
    words
}

/// Where less was done than in the county: the figure, the town, of how many, and for whom or what it is left.
const BEHIND: &[(&str, &str, u64, &[&str])] = &[
    // 1 of 5 in the county; 曲塘镇 1 of 3.
    ("reached_30", "雅周镇党委", 2, &["丁", "戊"]),
    // 2 of 5; 曲塘镇 2 of 3.
    ("reached_90", "雅周镇党委", 2, &["丁", "戊"]),
    // 3 of 4; 曲塘镇 3 of 3.
    ("reached_180", "雅周镇党委", 1, &["丁"]),
    // 1 of 7; 雅周镇 1 of 4.
    ("briefed", "曲塘镇党委", 3, &["甲", "乙", "丙"]),
    // 4 of 7; 曲塘镇 3 of 3. 庚 is home, and left without an offer all the same.
    ("handed_over", "雅周镇党委", 4, &["丁", "己", "庚"]),
    // 1 of 4; 曲塘镇 1 of 3.
    ("accepted", "雅周镇党委", 1, &["戊"]),
    // 2 of 4; 曲塘镇 1 of 1. 戊 was answered after 30 days, 庚 never.
    ("answered_in_time", "雅周镇党委", 3, &["戊问", "庚问"]),
];

async fn whoever_is_behind_is_listed_and_nobody_else(w: World) {
    let story = Seven::of(w).await;
    let behind = story.counted("behind").await;
    let lines = behind.succeeded()["lines"].as_array().unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["figure"].as_str().unwrap(),
                line["organisation"]["name"].as_str().unwrap(),
            )
        })
        .collect();
    let expected: Vec<_> = BEHIND.iter().map(|(figure, town, ..)| (*figure, *town)).collect();
    assert_eq!(
        told, expected,
        "nobody is behind on time: one of three in both towns, and two of six"
    );
    for (line, (figure, _, all, left)) in lines.iter().zip(BEHIND) {
        let missing = u64::try_from(left.len()).unwrap();
        assert_eq!(
            (&line["of"], &line["done"], &line["missing"]),
            (&json!(all), &json!(all - missing), &json!(missing)),
            "{figure}"
        );
        assert_eq!(listed(&story.office, line).await, *left, "{figure}");
    }
}
