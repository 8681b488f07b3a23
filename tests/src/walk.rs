//! A thing of every kind in one corner of the county, and any operation of the contract called about them: for tests
//! that walk the whole contract.

use std::collections::BTreeMap;

use domain::access::{Role, Scope};
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use persistence::grants;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};

use crate::campaign::Campaign;
use crate::client::{Answer, Call, Client};
use crate::hooks::Hook;
use crate::kite::{Kite, to};
use crate::magnet::Stay;
use crate::people::Person;
use crate::services::picture;
use crate::world::World;

/// What no organisation owns: the same for everybody.
const EVERYBODYS: &[(&str, &str)] = &[
    ("briefing", "talk"),
    ("calendars", "nobodys"),
    ("jobs", "birthday"),
    ("problems", "stale"),
    ("rosters", "members"),
    ("settings", "handover_due_days"),
];

/// An operation of the contract, as [`crate::contract::Contract::operations`] gives it.
pub type Operation<'a> = (&'a str, &'a str, &'a Value);

/// The permissions that an operation names; none for one that everybody may call.
pub fn permissions((_, _, operation): Operation<'_>) -> Option<Vec<&str>> {
    let named = operation
        .get("security")?
        .as_array()?
        .first()?
        .get("token")?
        .as_array()?;
    Some(named.iter().filter_map(Value::as_str).collect())
}

/// A member and everything about the member, each thing by the word that stands before it in an address: `members` is
/// the `{id}` of `/v1/members/{id}`; where that is not enough, by two words.
#[derive(Debug, Clone)]
pub struct Things {
    /// The member.
    pub person: Person,
    /// The member's telephone, as it is masked.
    pub phone: String,
    ids: BTreeMap<&'static str, String>,
}

impl World {
    /// A member of `branch`, who is away and known to `host`, and all that there is to be said about it.
    ///
    /// # Panics
    /// When something of it is refused.
    pub async fn things(&self, branch: &str, host: &str) -> Things {
        let number = 1000 + 2 * self.database().count("members");
        let person = self
            .member(&format!("{branch}的党员"))
            .with(|facts| {
                facts.phone = Phone::parse(&format!("1990000{number}")).ok();
                facts.identity = identity_number(number);
            })
            .of(branch)
            .await;
        let mut things = Things {
            ids: BTreeMap::new(),
            person: person.clone(),
            phone: format!("199****{number}"),
        };
        things.put("members", &person.member);
        things.put("organisations", &self.county().place(branch).id);
        let other = self.member("沈默").of(branch).await;
        self.gives(&other, Role::ContactOfficer, branch).await;
        things.put("accounts", &other.account);

        let office = self.office("海安").await;
        let kite = office
            .plans(&person, to("310115"))
            .hosted_by(host)
            .leaving("2027-01-11")
            .await;
        office.departs(&kite).await.is("away");
        office.certifies(&kite).await.is("valid");
        things.put("journeys", &kite.id);
        things.put("transfers", &transferred(&office, &kite, branch).await);
        let (place, host) = (host, self.secretary(host).await);
        let offer = host.only_incoming("offered").await;
        let taken = host.answers(&offer, "accept").await;
        let stay = taken.succeeded().body().pointer("/stay/id").and_then(Value::as_str);
        things.put("handovers", &offer.id);
        let stay = Stay {
            id: stay.expect("a stay").to_owned(),
        };
        things.put("stays", &stay.id);
        brought_a_letter(&host, place, &stay).await;
        let asked = json!({ "kind": "erasure" });
        let asked = person.post("/v1/me/requests", &asked).await;
        things.put("requests", asked.succeeded().string("id"));
        things.put("campaigns", &closed_campaign(&office, branch).await.id);
        things.put("imports", &self.handed_in(&office, "members", branch).await);
        self.connected(&mut things, branch).await;
        things.are_served(&other, &office).await;
        self.gives_a_lesson(&office, branch, &mut things).await;
        things
    }

    /// Another system, which does not answer, was to be told that it is heard.
    async fn connected(&self, things: &mut Things, branch: &str) {
        let admin = self.administrator().await;
        let made = admin
            .connects(&self.id_of(branch), "http://127.0.0.1:9/", &["stay.left"])
            .await;
        let hook = Hook::of(&made);
        things.put("webhooks", &hook.id);
        // So that no caller has seen its version by chance.
        admin
            .corrects(&hook.path(), &json!({ "active": true }))
            .await
            .succeeded();
        let sent = admin.post(&format!("{}/ping", hook.path()), &json!({})).await;
        things.put("deliveries", sent.succeeded().string("id"));
    }

    /// A lesson of a branch that begins soon, with a lecturer.
    async fn gives_a_lesson(&self, office: &Person, branch: &str, things: &mut Things) {
        let place = self.county().place(branch).id;
        let lecturer = json!({ "organisation_id": place, "name": format!("{branch}的讲师"), "village_ids": [place] });
        let lecturer = office.post("/v1/lecturers", &lecturer).await;
        let lecturer = lecturer.succeeded().string("id").to_owned();
        let begins = (self.now() + chrono::TimeDelta::minutes(15)).to_rfc3339();
        let lesson = office
            .invites(branch, "lesson", &begins, &office.everybody_of(branch))
            .with("lecturer_id", json!(lecturer))
            .planned()
            .await;
        things.put("lecturers", &lecturer);
        things.put("gatherings", &lesson.id);
    }

    /// A list that somebody handed in for an organisation; its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn handed_in(&self, by: &Person, kind: &str, place: &str) -> String {
        let form = Form::new()
            .text("kind", kind.to_owned())
            .text("organisation_id", self.county().place(place).id.to_string())
            .part("file", list());
        let client = by.client().await;
        let answer = client.call(Method::POST, "/v1/imports").form(form).send().await;
        answer.succeeded().string("id").to_owned()
    }

    /// Somebody with a role at both places.
    ///
    /// # Panics
    /// When there is no such place.
    pub async fn staff_of_both(&self, role: Role, first: &str, second: &str) -> Person {
        let person = self.staff(role, first).await;
        self.gives(&person, role, second).await;
        person
    }

    /// Gives somebody another role.
    ///
    /// # Panics
    /// When there is no such place.
    pub async fn gives(&self, person: &Person, role: Role, place: &str) {
        let (account, place) = (person.account, self.county().place(place).id);
        let given = self.store().write(move |tx| {
            let scope = Scope::of_the_machine("tests");
            grants::give(tx, &scope, account, role, place)
        });
        given.await.expect("a second role");
    }
}

/// A transfer to another branch that is under way: its id.
async fn transferred(office: &Person, kite: &Kite, branch: &str) -> String {
    let receiving = if branch == "王垛村" {
        "西场村"
    } else {
        "王垛村"
    };
    let letter = office.starts_transfer(kite, receiving).await;
    let transfer = letter
        .succeeded()
        .body()
        .pointer("/transfer/id")
        .and_then(Value::as_str);
    transfer.expect("a transfer").to_owned()
}

/// A campaign that is over, so that there is a report.
async fn closed_campaign(office: &Person, branch: &str) -> Campaign {
    let planned = office.plans_campaign(branch, json!({ "festival": "mid_autumn" })).await;
    let campaign = Campaign::of(&planned);
    office.opens(&campaign).await.is("open");
    office.closes_campaign(&campaign).await.is("closed");
    campaign
}

/// The host had found the person before, with a letter.
async fn brought_a_letter(host: &Person, place: &str, stay: &Stay) {
    let found = Stay::of(&host.finds(place, json!({ "name": "沈默" })).await);
    let letter = host.hands_in(&found, "介绍信.pdf", "application/pdf", b"%PDF-1.7");
    letter.await.is("verified");
    host.merges(stay, &found).await.is("verified");
}

impl Things {
    /// The member has a wish with a picture and a service request with a file, was given something, and may take on the
    /// wish of another member of the branch.
    async fn are_served(&mut self, other: &Person, office: &Person) {
        let person = self.person.clone();
        let wish = person.wishes("想要一副老花镜", false).await.string("id").to_owned();
        let shown = person
            .attaches(&format!("/v1/me/wishes/{wish}"), "pictures", &picture(""))
            .await;
        self.put("pictures", first_id(&shown, "pictures"));
        self.put("wishes", &wish);
        let theirs = other.wishes("想学用智能手机", false).await.string("id").to_owned();
        let shown = other
            .attaches(&format!("/v1/me/wishes/{theirs}"), "pictures", &picture(""))
            .await;
        self.put("published-wishes/pictures", first_id(&shown, "pictures"));
        let published = office
            .tells(&format!("/v1/wishes/{theirs}"), "publish", &json!({}))
            .await;
        published.is("published");
        self.put("published-wishes", &theirs);
        let request = person.asks_for("schooling", "孩子秋季入学，如何报名？").await;
        let request = request.string("id").to_owned();
        let thing = format!("/v1/me/service-requests/{request}");
        let shown = person.attaches(&thing, "attachments", b"%PDF-1.7").await;
        self.put("attachments", first_id(&shown, "attachments"));
        self.put("service-requests", &request);
        let gift = json!({
            "person_id": person.member, "occasion": "birthday", "item": "card", "given_on": "2027-01-05",
        });
        let given = office.post("/v1/gifts", &gift).await;
        self.put("gifts", given.succeeded().string("id"));
    }

    fn put(&mut self, word: &'static str, id: &(impl ToString + ?Sized)) {
        self.ids.insert(word, id.to_string());
    }

    /// The same, but for one thing.
    #[must_use]
    pub fn with(mut self, word: &'static str, id: &str) -> Self {
        self.put(word, id);
        self
    }

    /// The ids of all things, by their words.
    pub fn ids(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.ids.iter().map(|(word, id)| (*word, id.as_str()))
    }

    /// The id of the thing of that word.
    pub fn id(&self, word: &str) -> Option<&str> {
        let everybodys = || EVERYBODYS.iter().find(|(known, _)| *known == word).map(|(_, id)| *id);
        self.ids.get(word).map(String::as_str).or_else(everybodys)
    }

    /// Whether an operation speaks about one of these things in its address, so that they may be outside of a caller's
    /// subtree.
    pub fn are_named_by(&self, (_, template, operation): Operation<'_>) -> bool {
        words(template).any(|word| self.ids.contains_key(word))
            || query(operation).any(|one| one.get("name") == Some(&json!("organisation_id")))
    }

    /// An operation called about these things, with the contract's own example as its body.
    ///
    /// # Panics
    /// When it names a kind of thing that is not among them.
    pub fn ask(&self, client: &Client, (method, template, operation): Operation<'_>) -> Call {
        let address = self.whole_address((method, template, operation));
        let method: Method = method.to_uppercase().parse().expect("a method");
        let mut call = client.call(method, &address);
        if parameters(operation).any(|one| one.get("name") == Some(&json!("If-Match"))) {
            call = call.if_match(1);
        }
        let contents = operation.pointer("/requestBody/content").and_then(Value::as_object);
        let Some((media_type, content)) = contents.and_then(|contents| contents.iter().next()) else {
            return call;
        };
        let body = self.meant(content.get("example").unwrap_or(&Value::Null));
        if media_type == "application/json" {
            return call.body(&body);
        }
        let fields = body.as_object().into_iter().flatten();
        call.form(fields.fold(Form::new(), |form, (name, value)| match name.as_str() {
            "file" => form.part("file", list()),
            // Who may take over people's lists and who may take over the tree are not the same.
            "kind" => form.text("kind", self.id("kind").unwrap_or("members").to_owned()),
            _ => form.text(
                name.clone(),
                value.as_str().map_or(value.to_string(), ToOwned::to_owned),
            ),
        }))
    }

    /// The address of an operation about these things, with what must be in its query.
    ///
    /// # Panics
    /// When it names a kind of thing that is not among them.
    pub fn whole_address(&self, (_, template, operation): Operation<'_>) -> String {
        format!("{}{}", self.address(template), self.query(operation))
    }

    /// The contract's own example of an operation's JSON body, about these things.
    pub fn body(&self, (_, _, operation): Operation<'_>) -> Option<Value> {
        let content = operation.pointer("/requestBody/content/application~1json")?;
        Some(self.meant(content.get("example").unwrap_or(&Value::Null)))
    }

    /// The template with the ids of these things in it.
    fn address(&self, template: &str) -> String {
        let (mut address, mut before, mut of) = (String::new(), "", "");
        for part in template.split('/').skip(1) {
            let id = part.starts_with('{').then(|| {
                self.id(&format!("{of}/{before}"))
                    .or_else(|| self.id(before))
                    .unwrap_or_else(|| panic!("{template}: say in {} what stands after `{before}`", file!()))
            });
            address.push('/');
            address.push_str(id.unwrap_or(part));
            if part.starts_with('{') {
                of = before;
            }
            before = part;
        }
        address
    }

    /// What must be in the query, and the organisation where one can be named.
    fn query(&self, operation: &Value) -> String {
        let wanted = query(operation).filter_map(|one| {
            let name = one.get("name")?.as_str()?;
            if name != "organisation_id" && one.get("required") != Some(&json!(true)) {
                return None;
            }
            let example = one.get("example").or_else(|| one.pointer("/schema/enum/0"));
            let example = example.map(|value| value.as_str().map_or(value.to_string(), ToOwned::to_owned));
            let value = self.field(name).map(ToOwned::to_owned).or(example);
            Some(format!("{name}={}", value.as_deref().unwrap_or("member")))
        });
        let wanted: Vec<_> = wanted.collect();
        if wanted.is_empty() {
            String::new()
        } else {
            format!("?{}", wanted.join("&"))
        }
    }

    /// Which of these things a field of that name means.
    fn field(&self, name: &str) -> Option<&str> {
        match name {
            "member_id" | "person_id" => self.id("members"),
            "account_id" | "officer_id" => self.id("accounts"),
            "journey_id" => self.id("journeys"),
            "organisation_id" | "home_branch_id" | "host_organisation_id" | "parent_id" => self.id("organisations"),
            _ => None,
        }
    }

    /// An example that speaks about these things.
    fn meant(&self, example: &Value) -> Value {
        match example {
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| {
                    let value = match (name.as_str(), self.field(name)) {
                        (_, Some(id)) if !value.is_null() => json!(id),
                        // Nobody's password is to change on the way.
                        ("new", _) => json!(""),
                        _ => self.meant(value),
                    };
                    (name.clone(), value)
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Value::Array(items) => items.iter().map(|item| self.meant(item)).collect(),
            other => other.clone(),
        }
    }
}

/// The id of the first thing in a list of an answer.
fn first_id<'a>(answer: &'a Answer, list: &str) -> &'a str {
    let first = answer.succeeded().body().pointer(&format!("/{list}/0/id"));
    first.and_then(Value::as_str).expect("an id")
}

/// A synthetic identity number of a woman: an even number of four digits makes it another.
fn identity_number(number: i64) -> Option<IdentityNumber> {
    let mut guesses = "0123456789X".chars();
    guesses.find_map(|check| IdentityNumber::parse(&format!("3206001971060{number}{check}")).ok())
}

/// A spreadsheet of members and of organisations, without a line.
fn list() -> Part {
    Part::text("姓名,性别,身份证号,所在党支部,组织名称,组织类型,上级组织\n").file_name("名册.csv")
}

/// The words that stand before the parameters of an address.
fn words(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('/');
    parts
        .clone()
        .zip(parts.skip(1))
        .filter(|(_, parameter)| parameter.starts_with('{'))
        .map(|(word, _)| word)
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn query(operation: &Value) -> impl Iterator<Item = &Value> {
    parameters(operation).filter(|one| one.get("in") == Some(&json!("query")))
}
