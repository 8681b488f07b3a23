//! The code on a host's door: a compact signed token with the host's id, for a picture that newcomers scan.
use chrono::{DateTime, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::certificate::Refusal;
use domain::id::OrganisationId;
use jsonwebtoken::errors::Error;
use serde::{Deserialize, Serialize};

use super::certificate::{beginning, day};
use super::token::Signer;

/// What the header of such a token says that it is.
const TYPE: &str = "kiteline-host+jwt";
/// For whom it is: whoever takes reports of arrivals.
const AUDIENCE: &str = "host";
/// How long a code is good: a print lasts, and is renewed each year.
const GOOD_FOR: Months = Months::new(12);

/// What a code says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    aud: String,
    /// The host.
    sub: OrganisationId,
    /// The first instant at which it is no longer good, seconds since 1970.
    exp: i64,
}

/// The last day on which a code made today is good.
pub(crate) fn door_until(today: NaiveDate) -> NaiveDate {
    today.checked_add_months(GOOD_FOR).unwrap_or(today)
}

impl Signer {
    /// A host's code, good through its last day in `zone`; the same on the same day.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub(crate) fn door(&self, host: OrganisationId, until: NaiveDate, zone: Tz) -> Result<String, Error> {
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            sub: host,
            exp: beginning(until.succ_opt().unwrap_or(until), zone),
        };
        self.write(TYPE, &claims)
    }

    /// The host whose code this is, if it was signed here and is good at `now`.
    ///
    /// # Errors
    /// [`Refusal`], which says why not.
    pub(crate) fn host_of(&self, code: &str, now: DateTime<Utc>, zone: Tz) -> Result<OrganisationId, Refusal> {
        let claims: Claims = self.read(code, TYPE, AUDIENCE)?;
        if claims.exp <= now.timestamp() {
            return Err(Refusal::Expired(day(claims.exp - 1, zone).ok_or(Refusal::Malformed)?));
        }
        Ok(claims.sub)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use uuid::Uuid;

    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Shanghai;

    fn signer(kid: &str, seed: u8) -> Signer {
        let key = SigningKey::from_bytes(&[seed; 32]);
        Signer::new("kiteline", [(kid, &key)].into_iter()).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_code_is_good_for_a_year_and_fits_a_picture() {
        let (ours, host) = (signer("5f1c2a90", 1), OrganisationId(Uuid::from_u128(7)));
        let until = door_until("2027-01-11".parse().unwrap());
        let code = ours.door(host, until, ZONE).unwrap();
        assert!(code.len() <= 300, "{}", code.len());
        assert_eq!(ours.host_of(&code, at("2028-01-11T15:59:59Z"), ZONE), Ok(host));
        assert_eq!(
            ours.host_of(&code, at("2028-01-11T16:00:00Z"), ZONE),
            Err(Refusal::Expired(until))
        );
    }

    #[test]
    fn what_is_no_code_of_ours_is_refused_and_says_why() {
        let (ours, host) = (signer("a", 1), OrganisationId(Uuid::from_u128(7)));
        let (now, until) = (at("2027-01-11T01:00:00Z"), "2028-01-11".parse().unwrap());
        let of = |signer: &Signer| signer.door(host, until, ZONE).unwrap();
        let why = |code: &str| ours.host_of(code, now, ZONE).unwrap_err();
        assert_eq!(why(""), Refusal::Malformed);
        assert_eq!(why(&of(&signer("b", 2))), Refusal::UnknownKey);
        assert_eq!(why(&of(&signer("a", 2))), Refusal::Forged);
        let (account, session) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let access = ours.sign(account.into(), session.into(), now).unwrap();
        assert_eq!(why(&access), Refusal::OtherKind);
        assert_eq!(ours.verify(&of(&ours), now), None, "nobody logs in with it");
        assert!(ours.check(&of(&ours), now, ZONE).is_err(), "nor is it a certificate");
    }
}
