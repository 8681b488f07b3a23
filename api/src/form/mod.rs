//! What is printed, as PDF: the registration form (流动党员登记表) of a journey and of a stay, for the file, and to be signed
//! by hand, which is an electronic record and says so, while the booklet of the certificate is never imitated; and the
//! report of a campaign.
mod campaign;
mod fonts;
mod journey;
mod paper;
mod row;
mod stay;

use chrono::{DateTime, NaiveDate, Utc};
use domain::certificate::EntryKind;
use persistence::certificates::{CertificateRecord, Entry};
use persistence::forms::Numbers;

pub(crate) use campaign::of_campaign;
pub(crate) use journey::of_journey;
pub(crate) use paper::{Form, pdf};
use row::Row;
pub(crate) use stay::of_stay;

use crate::rosters::Said;

impl Said {
    fn day(self, day: NaiveDate) -> String {
        self.pick(day.format("%Y年%-m月%-d日"), day.format("%Y-%m-%d"))
            .to_string()
    }

    fn moment(self, at: DateTime<Utc>) -> String {
        let at = at.with_timezone(&self.zone);
        self.pick(at.format("%Y年%-m月%-d日 %H:%M"), at.format("%Y-%m-%d %H:%M"))
            .to_string()
    }

    /// From one day to another, as far as they are known.
    fn period(self, since: Option<NaiveDate>, until: Option<NaiveDate>) -> String {
        let day = |day: Option<NaiveDate>| day.map(|day| self.day(day)).unwrap_or_default();
        format!("{}{}{}", day(since), self.pick(" 至 ", " – "), day(until))
    }
}

/// The rows about the certificate and those of its entries that are wanted; none where none was issued here.
fn of_certificate(record: Option<&CertificateRecord>, wanted: impl Fn(&Entry) -> bool, said: Said) -> Vec<Row> {
    let Some(record) = record else { return Vec::new() };
    let certificate = &record.certificate;
    let entries: Vec<_> = record.entries.iter().filter(|entry| wanted(entry)).collect();
    let mut rows = vec![
        Row::section(said.pick("流动党员活动证", "Certificate")),
        Row::pair(
            (said.pick("活动证编号", "Number"), Some(certificate.number.clone())),
            (
                said.pick("状态", "State"),
                Some(said.word(certificate.state.name().as_str())),
            ),
        ),
        Row::pair(
            (
                said.pick("发证日期", "Issued on"),
                Some(said.day(certificate.issued_on)),
            ),
            (said.pick("发证党组织", "Issued by"), Some(record.issuer_name.clone())),
        ),
        Row::whole((
            said.pick("有效期", "Valid"),
            Some(said.period(Some(certificate.period.from), Some(certificate.period.until))),
        )),
    ];
    if !entries.is_empty() {
        let columns = [
            (said.pick("登记事项", "Entry"), 0.17),
            (said.pick("日期", "Date"), 0.18),
            (said.pick("党组织", "Organisation"), 0.25),
            (said.pick("内容", "What was entered"), 0.4),
        ];
        rows.extend(Row::list(
            columns,
            entries.into_iter().map(|entry| of_entry(entry, said)),
        ));
    }
    rows
}

fn of_entry(entry: &Entry, said: Said) -> [Option<String>; 4] {
    let year = entry.year.map(|year| year.to_string()).unwrap_or_default();
    let kind = match entry.kind {
        EntryKind::Admission => said.pick("流入登记".to_owned(), "Admission".to_owned()),
        EntryKind::Review => said.pick(format!("{year}年年审"), format!("Review of {year}")),
        EntryKind::Conduct => said.pick("离开时鉴定".to_owned(), "Conduct".to_owned()),
    };
    let content = [&entry.contact, &entry.said].into_iter().flatten().cloned();
    let content: Vec<_> = content.collect();
    [
        Some(kind),
        Some(said.day(entry.on)),
        Some(entry.organisation_name.clone()),
        Some(content.join("\n")).filter(|text| !text.is_empty()),
    ]
}

/// What stands below every table.
fn notes(numbers: &Numbers, said: Said) -> Vec<String> {
    let nature = said.pick(
        "说明：本表由系统根据登记数据生成，是流动党员登记的电子记录；不是《中国共产党流动党员活动证》，也不能代替活动证和党员组织关系介绍信。",
        "This form was made from the register and is an electronic record of the registration. It is no certificate of \
         a mobile member and stands for neither that certificate nor a letter of transfer.",
    );
    if numbers.identity.is_none() && numbers.phone.is_none() {
        return vec![nature.to_owned()];
    }
    let shown = match &numbers.reason {
        None => said.pick(
            "公民身份号码和手机号码已隐去部分数字。".to_owned(),
            "Parts of the identity number and of the phone number are hidden.".to_owned(),
        ),
        Some(reason) => said.pick(
            format!("本表载有完整的公民身份号码和手机号码，查看理由：{reason}。本人可以查到，请妥善保管。"),
            format!(
                "Identity number and phone stand here in full, because: {reason}. The member can see that. Keep it safe."
            ),
        ),
    };
    vec![nature.to_owned(), shown]
}

/// What stands at the foot of every page.
fn foot(by: &str, at: DateTime<Utc>, said: Said) -> String {
    let at = said.moment(at);
    said.pick(
        format!("电子登记记录　打印人：{by}　打印时间：{at}"),
        format!("Electronic record, printed by {by} at {at}"),
    )
}
