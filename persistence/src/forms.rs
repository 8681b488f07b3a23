//! What stands on the registration form (登记表) of a journey and of a stay. Whoever draws one up stands in the audit
//! trail, where the person can read it.
use domain::access::{ReadJourneys, ReadMembers, ReadStays, Reveal, Scope};
use domain::id::{JourneyId, MemberId, StayId};
use domain::identity::IdentityNumber;
use domain::member::SensitiveField;
use domain::phone::Phone;

use crate::certificates::{self, CertificateRecord};
use crate::journeys::{self, JourneyRecord};
use crate::members::{self, Member};
use crate::stays::{self, StayRecord};
use crate::trail::{self, NewAudit};
use crate::{StoreError, Tx};

/// Identity number and phone as they are to be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// 公民身份号码.
    pub identity: Option<String>,
    /// 手机号码.
    pub phone: Option<String>,
    /// Why they stand there in full; masked where no reason was given.
    pub reason: Option<String>,
}

/// The form of a journey.
#[derive(Debug, Clone)]
pub struct JourneyForm {
    /// The journey.
    pub journey: JourneyRecord,
    /// The member; nothing once the record has gone to a branch that the caller does not reach.
    pub member: Option<Member>,
    /// Identity number and phone.
    pub numbers: Numbers,
    /// The newest certificate.
    pub certificate: Option<CertificateRecord>,
    /// Who draws it up.
    pub by: String,
}

/// The form of a stay.
#[derive(Debug, Clone)]
pub struct StayForm {
    /// The stay.
    pub stay: StayRecord,
    /// Identity number and phone.
    pub numbers: Numbers,
    /// The certificate, once it is known who the person is.
    pub certificate: Option<CertificateRecord>,
    /// Who draws it up.
    pub by: String,
}

/// A permission to see the numbers in full, and the reason for it.
pub type Revealing<'a> = Option<(&'a Scope<Reveal>, &'a str)>;

/// The form of a journey inside the scope. What is revealed on it is noted like any look at what is sealed.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, and where the numbers are wanted in full of a member outside that scope.
pub fn of_journey(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadJourneys>,
    people: &Scope<ReadMembers>,
    revealing: Revealing<'_>,
    id: JourneyId,
) -> Result<JourneyForm, StoreError> {
    let journey = journeys::find(tx, scope, id)?;
    let member = there(members::find(tx, people, journey.journey.member))?;
    let facts = member.as_ref().map(|member| &member.facts);
    let known = (
        facts.and_then(|facts| facts.identity.as_ref()),
        facts.and_then(|facts| facts.phone.as_ref()),
    );
    let numbers = numbers(tx, revealing, Some(journey.journey.member), known)?;
    let audit = NewAudit {
        action: "journey_form_printed",
        person: Some(journey.journey.member.0),
        subject: Some(id.0),
        path: Some(&journey.path),
        detail: None,
    };
    trail::record(tx, scope.who(), audit)?;
    Ok(JourneyForm {
        certificate: there(certificates::find(tx, scope, id))?,
        by: scope.who().name.clone(),
        journey,
        member,
        numbers,
    })
}

/// The form of a stay inside the scope. What is revealed on it is noted like any look at what is sealed.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, and where the numbers are wanted in full of somebody who is no member
/// inside that scope, or of whom it is not known yet who it is.
pub fn of_stay(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStays>,
    revealing: Revealing<'_>,
    id: StayId,
) -> Result<StayForm, StoreError> {
    let stay = stays::find(tx, scope, id)?;
    let member = stay.stay.member.filter(|_| stay.is_known());
    let known = (stay.person.identity.as_ref(), stay.person.phone.as_ref());
    let numbers = numbers(tx, revealing, member, known)?;
    let audit = NewAudit {
        action: "stay_form_printed",
        person: Some(stay.stay.person.0),
        subject: Some(id.0),
        path: Some(&stay.path),
        detail: None,
    };
    trail::record(tx, scope.who(), audit)?;
    Ok(StayForm {
        certificate: there(certificates::find_of_stay(tx, scope, id))?,
        by: scope.who().name.clone(),
        stay,
        numbers,
    })
}

/// What may be missing.
fn there<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn numbers(
    tx: &mut Tx<'_>,
    revealing: Revealing<'_>,
    member: Option<MemberId>,
    (identity, phone): (Option<&IdentityNumber>, Option<&Phone>),
) -> Result<Numbers, StoreError> {
    let Some((scope, reason)) = revealing else {
        return Ok(Numbers {
            identity: identity.map(IdentityNumber::masked),
            phone: phone.map(Phone::masked),
            reason: None,
        });
    };
    let member = member.ok_or(StoreError::NotFound("member"))?;
    if identity.is_some() {
        members::reveal(tx, scope, member, SensitiveField::IdentityNumber, reason)?;
    }
    if phone.is_some() {
        members::reveal(tx, scope, member, SensitiveField::Phone, reason)?;
    }
    Ok(Numbers {
        identity: identity.map(|number| number.as_str().to_owned()),
        phone: phone.map(Phone::national),
        reason: Some(reason.to_owned()),
    })
}
