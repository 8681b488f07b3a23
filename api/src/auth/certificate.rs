//! Certificates as compact signed tokens: short enough for a picture that a phone reads from another phone's screen, and
//! good without a network.
//!
//! A token of another kind is never taken for one, nor the reverse: the header's `typ` and the `aud` are pinned.
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::certificate::{NOT_GRANTED, Refusal};
use domain::codes::JourneyReason;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Validation};
use persistence::certificates::CertificateRecord;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::token::Signer;

/// What the header of such a token says that it is.
const TYPE: &str = "kiteline-cert+jwt";
/// For whom it is: whoever checks certificates.
const AUDIENCE: &str = "cert";
/// Its longest form, characters: what a picture of 85 by 85 modules holds.
pub(crate) const LONGEST: usize = 500;

/// What a certificate's token says, under short names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    aud: String,
    /// The certificate's number.
    #[serde(rename = "jti")]
    pub(crate) number: String,
    /// The holder's name.
    #[serde(rename = "nm")]
    pub(crate) name: String,
    /// The name of the branch that keeps the formal relation.
    #[serde(rename = "og")]
    pub(crate) origin: String,
    /// Why the holder is away.
    #[serde(rename = "rs")]
    pub(crate) reason: JourneyReason,
    /// GB/T 2260 code of the division where to.
    #[serde(rename = "dv", skip_serializing_if = "Option::is_none")]
    pub(crate) division: Option<String>,
    /// The first instant at which it is good, seconds since 1970.
    nbf: i64,
    /// The first instant at which it is no longer good, seconds since 1970.
    exp: i64,
    /// What it does not give.
    no: String,
}

impl Proof {
    /// What a certificate's token says; its days begin in `zone`.
    pub(crate) fn of(record: &CertificateRecord, zone: Tz) -> Self {
        let (certificate, journey) = (&record.certificate, &record.journey);
        let period = certificate.period;
        let rights: Vec<_> = NOT_GRANTED.iter().map(|(right, ..)| *right).collect();
        Self {
            aud: AUDIENCE.to_owned(),
            number: certificate.number.clone(),
            name: journey.member_name.clone(),
            origin: journey.origin_name.clone(),
            reason: journey.journey.reason,
            division: journey.journey.destination.division.map(|code| code.to_string()),
            nbf: beginning(period.from, zone),
            exp: beginning(period.until.succ_opt().unwrap_or(period.until), zone),
            no: rights.join(" "),
        }
    }

    /// The first day on which it is good.
    pub(crate) fn from(&self, zone: Tz) -> Option<NaiveDate> {
        day(self.nbf, zone)
    }

    /// The last day on which it is good.
    pub(crate) fn until(&self, zone: Tz) -> Option<NaiveDate> {
        day(self.exp - 1, zone)
    }
}

/// When a day begins.
pub(super) fn beginning(day: NaiveDate, zone: Tz) -> i64 {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let there = midnight.and_local_timezone(zone).earliest();
    there.map_or_else(|| midnight.and_utc().timestamp(), |at| at.timestamp())
}

pub(super) fn day(seconds: i64, zone: Tz) -> Option<NaiveDate> {
    Some(DateTime::from_timestamp(seconds, 0)?.with_timezone(&zone).date_naive())
}

impl Signer {
    /// The token of a certificate. Names that are too long for a picture are cut short: the branch's first.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub(crate) fn prove(&self, mut proof: Proof) -> Result<String, Error> {
        loop {
            let token = self.write(TYPE, &proof)?;
            if token.len() <= LONGEST || !(shorten(&mut proof.origin) || shorten(&mut proof.name)) {
                return Ok(token);
            }
        }
    }

    /// What a token says, if it is a certificate's, signed here, and good at `now`.
    ///
    /// # Errors
    /// [`Refusal`], which says why not.
    pub(crate) fn check(&self, token: &str, now: DateTime<Utc>, zone: Tz) -> Result<Proof, Refusal> {
        let proof: Proof = self.read(token, TYPE, AUDIENCE)?;
        let ends = proof.until(zone).ok_or(Refusal::Malformed)?;
        if proof.exp <= now.timestamp() {
            return Err(Refusal::Expired(ends));
        }
        if now.timestamp() < proof.nbf {
            return Err(Refusal::NotYet(proof.from(zone).ok_or(Refusal::Malformed)?));
        }
        Ok(proof)
    }

    /// What a token of this kind and for this audience says, if it was signed here; its times are the caller's to check.
    ///
    /// # Errors
    /// [`Refusal`], which says why not.
    pub(super) fn read<T: DeserializeOwned + Clone>(
        &self,
        token: &str,
        typ: &str,
        audience: &str,
    ) -> Result<T, Refusal> {
        let header = jsonwebtoken::decode_header(token.trim()).map_err(|_shape| Refusal::Malformed)?;
        if header.typ.as_deref() != Some(typ) {
            return Err(Refusal::OtherKind);
        }
        let key = header.kid.as_deref().and_then(|kid| self.key(kid));
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[audience]);
        rules.set_required_spec_claims(&["aud", "exp"]);
        // The library would ask the machine's clock; ours comes in by the door.
        rules.validate_exp = false;
        let key = key.ok_or(Refusal::UnknownKey)?;
        let read = jsonwebtoken::decode::<T>(token.trim(), key, &rules);
        Ok(read.map_err(|error| refusal(&error))?.claims)
    }
}

fn refusal(error: &Error) -> Refusal {
    match error.kind() {
        ErrorKind::InvalidSignature => Refusal::Forged,
        ErrorKind::InvalidAudience => Refusal::OtherKind,
        _ => Refusal::Malformed,
    }
}

/// Takes the last character away, and says so by an ellipsis; false when nothing is left to take.
fn shorten(name: &mut String) -> bool {
    const CUT: char = '…';
    if name.ends_with(CUT) {
        name.pop();
    }
    let shorter = name.pop().is_some();
    if shorter {
        name.push(CUT);
    }
    shorter && name.chars().count() > 1
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Shanghai;

    fn signer(kid: &str, seed: u8) -> Signer {
        let key = SigningKey::from_bytes(&[seed; 32]);
        Signer::new("kiteline", [(kid, &key)].into_iter()).unwrap()
    }

    fn proof(name: &str, origin: &str) -> Proof {
        Proof {
            aud: AUDIENCE.to_owned(),
            number: "320685100201-2027-12345".to_owned(),
            name: name.to_owned(),
            origin: origin.to_owned(),
            reason: JourneyReason::JobSeeking,
            division: Some("310115".to_owned()),
            nbf: beginning("2027-02-22".parse().unwrap(), ZONE),
            exp: beginning("2027-12-21".parse().unwrap(), ZONE),
            no: "vote".to_owned(),
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn it_is_good_through_its_last_day_in_the_zone() {
        let ours = signer("5f1c2a90", 1);
        let token = ours.prove(proof("王芳", "三塘村党支部")).unwrap();
        let check = |instant| ours.check(&token, at(instant), ZONE);
        assert_eq!(check("2027-02-21T16:00:00Z"), Ok(proof("王芳", "三塘村党支部")));
        assert!(check("2027-12-20T15:59:59Z").is_ok());
        let day = |text: &str| text.parse().unwrap();
        assert_eq!(check("2027-12-20T16:00:00Z"), Err(Refusal::Expired(day("2027-12-20"))));
        assert_eq!(check("2027-02-21T15:59:59Z"), Err(Refusal::NotYet(day("2027-02-22"))));
    }

    #[test]
    fn the_longest_realistic_names_fit_and_longer_ones_are_cut() {
        let ours = signer("5f1c2a90", 1);
        let (name, origin) = (
            "买买提艾力·吾甫尔江·艾合买提",
            "海安经济技术开发区长江西路社区第一党支部",
        );
        let token = ours.prove(proof(name, origin)).unwrap();
        assert!(token.len() <= LONGEST, "{}", token.len());
        let read = ours.check(&token, at("2027-06-01T00:00:00Z"), ZONE).unwrap();
        assert_eq!((read.name.as_str(), read.origin.as_str()), (name, origin));
        let token = ours.prove(proof(&"长".repeat(64), &"远".repeat(200))).unwrap();
        assert!(token.len() <= LONGEST, "{}", token.len());
        let read = ours.check(&token, at("2027-06-01T00:00:00Z"), ZONE).unwrap();
        assert!(read.name.starts_with("长长") && read.name.ends_with('…'), "{read:?}");
    }

    #[test]
    fn whatever_is_no_certificate_of_ours_is_refused_and_says_why() {
        let (ours, now) = (signer("a", 1), at("2027-06-01T00:00:00Z"));
        let check = |token: &str| ours.check(token, now, ZONE).unwrap_err();
        let good = ours.prove(proof("王芳", "三塘村党支部")).unwrap();
        assert_eq!(check(""), Refusal::Malformed);
        assert_eq!(check(&good[..90]), Refusal::Malformed);
        assert_eq!(
            check(&signer("b", 2).prove(proof("王芳", "三塘村党支部")).unwrap()),
            Refusal::UnknownKey
        );
        assert_eq!(
            check(&signer("a", 2).prove(proof("王芳", "三塘村党支部")).unwrap()),
            Refusal::Forged
        );
        let other = ours.prove(proof("李四", "三塘村党支部")).unwrap();
        let parts: Vec<_> = good.split('.').zip(other.split('.')).collect();
        let changed = [parts[0].0, parts[1].1, parts[2].0].join(".");
        assert_eq!(check(&changed), Refusal::Forged);
        let elsewhere = Proof {
            aud: "other".to_owned(),
            ..proof("王芳", "三塘村党支部")
        };
        assert_eq!(check(&ours.write(TYPE, &elsewhere).unwrap()), Refusal::OtherKind);
    }

    #[test]
    fn an_access_token_is_no_certificate_nor_the_reverse() {
        let (ours, now) = (signer("a", 1), at("2027-06-01T00:00:00Z"));
        let ids = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        let access = ours.sign(ids.0.into(), ids.1.into(), now).unwrap();
        assert_eq!(ours.check(&access, now, ZONE), Err(Refusal::OtherKind));
        let certificate = ours.prove(proof("王芳", "三塘村党支部")).unwrap();
        assert_eq!(ours.verify(&certificate, now), None);
        // Not by its kind alone: the claims of one under the other's header are refused as well.
        let disguised = ours.write("JWT", &proof("王芳", "三塘村党支部")).unwrap();
        assert_eq!(ours.verify(&disguised, now), None);
    }
}
