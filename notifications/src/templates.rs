//! The texts: one plain-text template for each occasion, audience and language; its first line is the subject. The HTML
//! form is the same text in a frame, so that each sentence stands once.
use domain::notification::{Audience, Occasion};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

/// Languages that there are texts in; the first is used for any other.
pub const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

macro_rules! sources {
    ($($name:literal),+ $(,)?) => {
        const SOURCES: &[(&str, &str)] = &[$(
            (concat!("zh-CN/", $name), include_str!(concat!("../templates/zh-CN/", $name))),
            (concat!("en/", $name), include_str!(concat!("../templates/en/", $name))),
        )+];
    };
}

sources![
    "birthday.txt",
    "political_birthday.txt",
    "pre_departure.txt",
    "pre_departure_staff.txt",
    "departure_check.txt",
    "departure_check_staff.txt",
    "return_home.txt",
    "checkin_due.txt",
    "checkin_overdue.txt",
    "checkin_overdue_staff.txt",
    "handover_offered_staff.txt",
    "handover_answered.txt",
    "handover_answered_staff.txt",
    "handover_reminder_staff.txt",
    "handover_overdue_staff.txt",
    "handover_message_staff.txt",
    "needs_help_staff.txt",
    "final_return_staff.txt",
    "arrival_reported_staff.txt",
    "member_left_staff.txt",
    "phone_asked_staff.txt",
    "officer_changed.txt",
    "officer_changed_staff.txt",
    "stay_ended_staff.txt",
    "return_proposed_staff.txt",
    "whereabouts_overdue_staff.txt",
    "request_made_staff.txt",
    "request_answered.txt",
    "email_code.txt",
    "out_of_contact_proposed_staff.txt",
    "transfer_offered_staff.txt",
    "transfer_answered_staff.txt",
    "transfer_expiring_staff.txt",
    "probation_ending.txt",
    "probation_ending_staff.txt",
    "probation_account_staff.txt",
    "webhook_disabled_staff.txt",
    "wish_answered.txt",
    "wish_claimed.txt",
    "wish_fulfilled.txt",
    "wish_message.txt",
    "wish_news.txt",
    "wish_news_staff.txt",
    "service_asked_staff.txt",
    "service_assigned.txt",
    "service_assigned_staff.txt",
    "service_answered.txt",
    "service_due_staff.txt",
    "service_escalated.txt",
    "service_escalated_staff.txt",
    "gathering_invited.txt",
    "gathering_reminder.txt",
    "gathering_changed.txt",
    "gathering_cancelled.txt",
    "gathering_where.txt",
    "make_up_proposed.txt",
    "make_up_proposed_staff.txt",
    "host.txt",
    "signature.txt",
];

/// What is said, in its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub subject: String,
    /// The message itself, as the inbox shows it.
    pub body: String,
    /// Who speaks, and what is never asked for: below an e-mail.
    pub signature: String,
    /// The language of the texts.
    language: &'static str,
}

/// The compiled templates.
pub struct Templates(Environment<'static>);

impl Templates {
    /// Compiles every template.
    ///
    /// # Errors
    /// A mistake in a template.
    pub fn new() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in SOURCES {
            environment.add_template(name, source)?;
        }
        environment.add_template("mail.html", include_str!("../templates/mail.html"))?;
        Ok(Self(environment))
    }

    /// The text for an occasion in the language that comes nearest.
    ///
    /// # Errors
    /// When there is no text for this occasion and audience, or `facts` lacks something that it names.
    pub fn render(&self, occasion: Occasion, audience: Audience, language: &str, facts: &Value) -> Result<Text, Error> {
        let language = spoken(language);
        let audience = match audience {
            Audience::Member => "",
            Audience::Staff => "_staff",
        };
        let name = format!("{language}/{occasion}{audience}.txt");
        let text = self.0.get_template(&name)?.render(facts.clone())?;
        let (subject, body) = text
            .split_once('\n')
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "a text without a subject"))?;
        let signature = self
            .0
            .get_template(&format!("{language}/signature.txt"))?
            .render(facts.clone())?;
        Ok(Text {
            subject: subject.trim().to_owned(),
            body: join(&paragraphs(body)),
            signature: join(&paragraphs(&signature)),
            language,
        })
    }

    /// The HTML form of a text.
    ///
    /// # Errors
    /// When the frame has a mistake.
    pub fn html(&self, text: &Text) -> Result<String, Error> {
        self.0.get_template("mail.html")?.render(context! {
            language => text.language,
            subject => text.subject.clone(),
            paragraphs => paragraphs(&text.body),
            signature => paragraphs(&text.signature),
        })
    }
}

/// The language of the texts that comes nearest to a language tag.
pub(crate) fn spoken(tag: &str) -> &'static str {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let near = LANGUAGES.into_iter().find(|language| primary(language) == primary(tag));
    near.unwrap_or(LANGUAGES[0])
}

/// Paragraphs stand between empty lines.
fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs
        .map(|lines| lines.iter().map(ToString::to_string).collect())
        .collect()
}

fn join(paragraphs: &[Vec<String>]) -> String {
    let paragraphs: Vec<String> = paragraphs.iter().map(|lines| lines.join("\n")).collect();
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Facts of every kind; a text takes what it names.
    fn sample(language: &str) -> Value {
        let zh = language == "zh-CN";
        let say = |chinese, english| say(zh, chinese, english);
        context! {
            name => say("王芳", "Wang Fang"),
            branch => say("三塘村党支部", "Santang Village Branch"),
            contact => say("李建国", "Li Jianguo"),
            phone => "+8651388888888",
            host => context! {
                name => say("浦东临时党支部", "Pudong Temporary Branch"),
                contact => say("周干事", "Zhou"),
                phone => "+862112345678",
            },
            years => 26,
            presents => say("贺卡、红色书包", "card, red satchel"),
            date => say("2027年2月22日", "22 February 2027"),
            days => 30,
            past => false,
            festival => say("春节", "Spring Festival"),
            besides => say("县里安排了返乡专车，名额找支部登记。", "The county runs a bus; ask your branch for a seat."),
            member => say("王芳", "Wang Fang"),
            items => vec![say("行前谈话", "A talk before leaving")],
            people => vec![
                context! { name => say("王芳", "Wang Fang"), items => vec![say("行前谈话", "A talk before leaving")] },
                context! { name => "<b>&", items => Vec::<String>::new() },
            ],
            code => "042731",
            request => context! {
                member => say("王芳", "Wang Fang"),
                what => say("更换手机号码", "to change the phone number"),
                done => false,
                reason => say("号码打不通", "Nobody answers the new number"),
            },
            arrival => context! {
                person => say("张伟", "Zhang Wei"),
                host => say("雅周镇流动党员工作站", "Yazhou Workstation"),
                on => say("2027年3月1日", "1 March 2027"),
            },
            transfer => context! {
                letter => "2027-0012",
                receiving => say("浦东临时党支部", "Pudong Temporary Branch"),
                until => say("2027年6月1日", "1 June 2027"),
                reason => say("材料不全", "Papers are missing"),
                answer => say("未接收", "was declined"),
            },
            handover => handover(zh),
            webhook => context! {
                organisation => say("海安市委组织部", "Hai'an Organisation Department"),
                host => "hooks.example.org",
                description => say("政务数据平台", "The county's data platform"),
            },
            handing => handing(zh),
            gathering => gathering(zh),
            stay => stay(zh),
            wish => wish(zh),
            service => service(zh),
        }
    }

    fn say(zh: bool, chinese: &'static str, english: &'static str) -> &'static str {
        if zh { chinese } else { english }
    }

    /// A hand-over that was announced.
    fn handover(zh: bool) -> Value {
        context! {
            kind => "announcement",
            person => say(zh, "王芳", "Wang Fang"),
            asking => say(zh, "三塘村党支部", "Santang Village Branch"),
            asked => say(zh, "驻上海办事处党委", "Shanghai Residence Committee"),
            reason => say(zh, "不在本辖区", "Not in our district"),
            due => say(zh, "2027年3月4日", "4 March 2027"),
            lapses => say(zh, "2027年3月24日", "24 March 2027"),
            from => say(zh, "海安市委组织部", "Hai'an Organisation Department"),
            answer => say(zh, "被退回", "was declined"),
            whereabouts => "moved_on",
        }
    }

    /// A list that was handed over.
    fn handing(zh: bool) -> Value {
        context! {
            from => say(zh, "周干事", "Zhou Ping"),
            to => say(zh, "陈干事", "Chen Hong"),
            people => 12,
            reason => say(zh, "周干事退休", "Zhou Ping retires"),
        }
    }

    /// A wish that somebody has declined.
    fn wish(zh: bool) -> Value {
        context! {
            said => say(zh, "想要一副老花镜", "A pair of reading glasses"),
            author => Value::from(()),
            organisation => say(zh, "三塘村党支部", "Santang Village Branch"),
            state => "declined",
            claimer => say(zh, "陈干事", "Chen Hong"),
            reason => say(zh, "请写得具体些", "Please say more about it"),
            last => context! {
                who => say(zh, "陈干事", "Chen Hong"),
                body => say(zh, "已放在村部，报编号领取", "It is at the village office: name the code"),
            },
        }
    }

    /// A service request.
    fn service(zh: bool) -> Value {
        context! {
            kind => say(zh, "子女入学", "a school"),
            said => say(zh, "孩子秋季入学，如何报名？", "How do I enrol my child for autumn?"),
            asker => say(zh, "王芳", "Wang Fang"),
            organisation => say(zh, "浦东临时党支部", "Pudong Temporary Branch"),
            officer => say(zh, "周干事", "Zhou"),
            due => say(zh, "2027年3月11日", "11 March 2027"),
            escalated => say(zh, "驻上海办事处党委", "Shanghai Residence Committee"),
            answered_by => say(zh, "周干事", "Zhou"),
            answered_from => say(zh, "驻上海办事处党委", "Shanghai Residence Committee"),
            answer => say(zh, "5月起网上报名，需居住证", "Enrol online from May; a residence permit is needed"),
        }
    }

    const MEETING: &str = "https://meeting.example.org/j/1";

    /// A gathering.
    fn gathering(zh: bool) -> Value {
        context! {
            kind => say(zh, "党课", "Lesson"),
            title => say(zh, "每月一课", "The lesson of the month"),
            organisation => say(zh, "海安市委组织部", "Hai'an Organisation Department"),
            day => say(zh, "2027年1月25日", "25 January 2027"),
            begins => "09:00",
            until => "10:30",
            place => say(zh, "三塘村党群服务中心", "Santang Village Centre"),
            link => MEETING,
            lecturer => say(zh, "陈讲师", "Chen Li"),
            reason => say(zh, "场地检修", "The room is being repaired"),
            missed => 3,
        }
    }

    /// A stay that has ended.
    fn stay(zh: bool) -> Value {
        context! {
            person => say(zh, "王芳", "Wang Fang"),
            host => say(zh, "驻上海办事处党委", "Shanghai Residence Committee"),
            origin => say(zh, "三塘村党支部", "Santang Village Branch"),
            what => "onward",
            place => say(zh, "江苏省苏州市", ""),
            code => "320500",
            reason => say(zh, "工程结束", "The works are finished"),
            journey => true,
        }
    }

    #[test]
    fn every_text_can_be_made_in_every_language() {
        let templates = Templates::new().unwrap();
        for language in LANGUAGES {
            let mut texts = String::new();
            for (occasion, audience) in all() {
                let text = templates
                    .render(occasion, audience, language, &sample(language))
                    .unwrap();
                // The only address in a text is that of a gathering's meeting, as who leads it gave it.
                let own = text.body.replace(MEETING, "");
                assert!(!own.contains("打卡") && !own.contains("http"), "{occasion}");
                assert!(text.subject.chars().count() <= 90, "{}", text.subject);
                let _ = write!(
                    texts,
                    "== {occasion} to {audience}\n{}\n\n{}\n\n",
                    text.subject, text.body
                );
            }
            insta::assert_snapshot!(format!("texts.{language}"), texts);
        }
    }

    #[test]
    fn the_frame_escapes_what_people_wrote() {
        let templates = Templates::new().unwrap();
        for language in LANGUAGES {
            let text = templates
                .render(Occasion::CheckinOverdue, Audience::Staff, language, &sample(language))
                .unwrap();
            let html = templates.html(&text).unwrap();
            assert!(html.contains("&lt;b&gt;&amp;") && !html.contains("<b>"));
            insta::assert_snapshot!(format!("html.{language}"), html);
        }
    }

    #[test]
    fn a_language_without_texts_is_answered_in_chinese() {
        assert_eq!(
            [spoken("en-GB"), spoken("zh-Hans"), spoken("fr"), spoken("")],
            ["en", "zh-CN", "zh-CN", "zh-CN"]
        );
    }

    /// Every occasion with the audiences that there is a text for.
    fn all() -> Vec<(Occasion, Audience)> {
        let pairs = Occasion::ALL
            .iter()
            .flat_map(|occasion| Audience::ALL.iter().map(move |audience| (*occasion, *audience)));
        let silent = [
            (Occasion::Birthday, Audience::Staff),
            (Occasion::PoliticalBirthday, Audience::Staff),
            (Occasion::ReturnHome, Audience::Staff),
            (Occasion::CheckinDue, Audience::Staff),
            (Occasion::HandoverOffered, Audience::Member),
            (Occasion::HandoverReminder, Audience::Member),
            (Occasion::HandoverOverdue, Audience::Member),
            (Occasion::HandoverMessage, Audience::Member),
            (Occasion::NeedsHelp, Audience::Member),
            (Occasion::ArrivalReported, Audience::Member),
            (Occasion::MemberLeft, Audience::Member),
            (Occasion::StayEnded, Audience::Member),
            (Occasion::ReturnProposed, Audience::Member),
            (Occasion::PhoneAsked, Audience::Member),
            (Occasion::WhereaboutsOverdue, Audience::Member),
            (Occasion::FinalReturn, Audience::Member),
            (Occasion::RequestMade, Audience::Member),
            (Occasion::RequestAnswered, Audience::Staff),
            (Occasion::EmailCode, Audience::Staff),
            (Occasion::OutOfContactProposed, Audience::Member),
            (Occasion::TransferOffered, Audience::Member),
            (Occasion::TransferAnswered, Audience::Member),
            (Occasion::TransferExpiring, Audience::Member),
            (Occasion::ProbationAccount, Audience::Member),
            (Occasion::WebhookDisabled, Audience::Member),
            (Occasion::WishAnswered, Audience::Staff),
            (Occasion::WishClaimed, Audience::Staff),
            (Occasion::WishFulfilled, Audience::Staff),
            (Occasion::WishMessage, Audience::Staff),
            (Occasion::ServiceAsked, Audience::Member),
            (Occasion::ServiceAnswered, Audience::Staff),
            (Occasion::ServiceDue, Audience::Member),
            (Occasion::GatheringInvited, Audience::Staff),
            (Occasion::GatheringReminder, Audience::Staff),
            (Occasion::GatheringChanged, Audience::Staff),
            (Occasion::GatheringCancelled, Audience::Staff),
        ];
        pairs.filter(|pair| !silent.contains(pair)).collect()
    }
}
