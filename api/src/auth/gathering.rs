//! The code at a gathering's place (签到码): a compact signed token that is good for minutes.
use chrono::{DateTime, Utc};
use domain::certificate::Refusal;
use domain::gathering::code::Minutes;
use domain::id::GatheringId;
use jsonwebtoken::errors::Error;
use serde::{Deserialize, Serialize};

use super::token::Signer;

/// What the header of such a token says that it is.
const TYPE: &str = "kiteline-gathering+jwt";
/// For whom it is: whoever takes attendance.
const AUDIENCE: &str = "gathering";

/// What a code says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    aud: String,
    /// The gathering.
    sub: GatheringId,
    /// The first instant at which it is good, seconds since 1970.
    nbf: i64,
    /// The first instant at which it is no longer good, seconds since 1970.
    exp: i64,
}

impl Signer {
    /// The code of a gathering for these minutes.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub(crate) fn attendance_code(&self, gathering: GatheringId, minutes: Minutes) -> Result<String, Error> {
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            sub: gathering,
            nbf: minutes.from.timestamp(),
            exp: minutes.until.timestamp(),
        };
        self.write(TYPE, &claims)
    }

    /// The gathering whose code this is, if it was signed here, and its minutes.
    ///
    /// # Errors
    /// [`Refusal`], which says why it is none.
    pub(crate) fn gathering_of(&self, code: &str) -> Result<(GatheringId, Minutes), Refusal> {
        let claims: Claims = self.read(code, TYPE, AUDIENCE)?;
        let at = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0).ok_or(Refusal::Malformed);
        let minutes = Minutes {
            from: at(claims.nbf)?,
            until: at(claims.exp)?,
        };
        Ok((claims.sub, minutes))
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_code_says_which_gathering_and_when_and_is_nothing_else() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let signer = Signer::new("kiteline", [("a", &key)].into_iter()).unwrap();
        let minutes = Minutes {
            from: "2027-01-25T00:55:00Z".parse().unwrap(),
            until: "2027-01-25T01:05:00Z".parse().unwrap(),
        };
        let gathering = GatheringId(Uuid::from_u128(7));
        let code = signer.attendance_code(gathering, minutes).unwrap();
        assert!(code.len() <= 330, "{}", code.len());
        assert_eq!(signer.gathering_of(&code), Ok((gathering, minutes)));
        assert_eq!(signer.verify(&code, minutes.from), None, "nobody logs in with it");
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(signer.host_of(&code, minutes.from, zone), Err(Refusal::OtherKind));
        let access = signer
            .sign(Uuid::nil().into(), Uuid::nil().into(), minutes.from)
            .unwrap();
        assert_eq!(signer.gathering_of(&access), Err(Refusal::OtherKind));
        assert_eq!(signer.gathering_of("签到"), Err(Refusal::Malformed));
    }
}
