//! What other systems are told (webhooks): which happenings, what each of them says, and where it may be sent.
//!
//! An event names things by their ids, their state and the time, and never a person, a phone or a word that somebody
//! wrote: whoever wants more asks the API, with rights of its own.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::handover::{self, Kind};
use crate::id::{
    CampaignId, GatheringId, HandoverId, JourneyId, MemberId, OrganisationId, ServiceRequestId, StayId, WebhookId,
};
use crate::{campaign, gathering, journey, service, stay, words};

words! {
    /// What has happened. Wishes are not among it: that one was written, and when, may tell who has written it.
    pub enum EventKind as "WebhookEvent" {
        /// Somebody sends this to see whether it arrives.
        Ping = "webhook.ping",
        /// A member was registered.
        MemberRegistered = "member.registered",
        /// A member's standing was changed.
        MemberStandingChanged = "member.standing_changed",
        /// A member's formal relation is with another branch.
        MemberBranchChanged = "member.branch_changed",
        /// 外出登记: a journey was planned.
        JourneyPlanned = "journey.planned",
        /// The member has left.
        JourneyDeparted = "journey.departed",
        /// The journey does not take place.
        JourneyCancelled = "journey.cancelled",
        /// 报到: a check-in was recorded, by the member or on the member's behalf.
        CheckinRecorded = "checkin.recorded",
        /// 联系: somebody reached the member.
        ContactRecorded = "contact.recorded",
        /// 返乡: the member is at home for a while.
        JourneyCameHome = "journey.came_home",
        /// 返程: the member has left again.
        JourneyDepartedAgain = "journey.departed_again",
        /// The member has gone on to another place.
        JourneyMovedOn = "journey.moved_on",
        /// The journey is over.
        JourneyReturned = "journey.returned",
        /// 组织关系转接: the formal relation has moved, and the journey is over.
        JourneyTransferred = "journey.transferred",
        /// 失联: a branch proposes that the member is out of contact.
        OutOfContactProposed = "journey.out_of_contact_proposed",
        /// 失联: the committee above has confirmed it.
        OutOfContactConfirmed = "journey.out_of_contact",
        /// The member was found again.
        ContactRestored = "journey.contact_restored",
        /// A stay was reported to a host.
        StayReported = "stay.reported",
        /// The host knows who it is.
        StayVerified = "stay.verified",
        /// 编入: a member was admitted.
        StayAdmitted = "stay.admitted",
        /// 走访: the host has visited, or tried to.
        VisitRecorded = "visit.recorded",
        /// The person has left the host.
        StayLeft = "stay.left",
        /// The stay was rejected.
        StayRejected = "stay.rejected",
        /// The stay was withdrawn.
        StayWithdrawn = "stay.withdrawn",
        /// Two stays of one person have become one.
        StayMerged = "stay.merged",
        /// 对接: a host is told of a member who comes.
        HandoverOffered = "handover.offered",
        /// 对接: an origin is asked about somebody.
        HandoverAsked = "handover.asked",
        /// The offer was accepted.
        HandoverAccepted = "handover.accepted",
        /// The offer was declined.
        HandoverDeclined = "handover.declined",
        /// The origin has confirmed.
        HandoverConfirmed = "handover.confirmed",
        /// The origin has denied.
        HandoverDenied = "handover.denied",
        /// The origin has said where the person is.
        HandoverAnswered = "handover.answered",
        /// Whoever asked has withdrawn it, or it is no longer needed.
        HandoverWithdrawn = "handover.withdrawn",
        /// Nobody has answered in time.
        HandoverLapsed = "handover.lapsed",
        /// Nobody had answered when it was due: the office above both was told.
        HandoverEscalated = "handover.escalated",
        /// 服务事项: a member asks for help.
        ServiceAsked = "service_request.asked",
        /// 交办: somebody is in charge of it.
        ServiceAssigned = "service_request.assigned",
        /// 答复: it was answered.
        ServiceAnswered = "service_request.answered",
        /// 办结: the member says that it is settled.
        ServiceResolved = "service_request.resolved",
        /// It is not settled: it is asked again.
        ServiceReopened = "service_request.reopened",
        /// 评价: the member has said what the answer was worth.
        ServiceRated = "service_request.rated",
        /// The member has taken it back.
        ServiceWithdrawn = "service_request.withdrawn",
        /// Nobody had answered when it was due: the organisation above was told.
        ServiceEscalated = "service_request.escalated",
        /// 活动: a lesson, a meeting or the like was planned.
        GatheringPlanned = "gathering.planned",
        /// Its time, its place, its audience or what is told of it was changed.
        GatheringChanged = "gathering.changed",
        /// It was held.
        GatheringHeld = "gathering.held",
        /// It was called off.
        GatheringCancelled = "gathering.cancelled",
        /// 节日活动: a campaign has begun.
        CampaignOpened = "campaign.opened",
        /// It is over, and its report is kept.
        CampaignClosed = "campaign.closed",
        /// It was called off.
        CampaignCancelled = "campaign.cancelled",
        /// An organisation was created.
        OrganisationCreated = "organisation.created",
        /// An organisation was changed.
        OrganisationChanged = "organisation.changed",
        /// An organisation stands below another one now.
        OrganisationMoved = "organisation.moved",
    }
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An address that is told.
    Webhook,
    /// A member.
    Member,
    /// A journey.
    Journey,
    /// A stay.
    Stay,
    /// A hand-over.
    Handover,
    /// A service request.
    ServiceRequest,
    /// A gathering.
    Gathering,
    /// A campaign.
    Campaign,
    /// An organisation.
    Organisation,
}

impl Subject {
    /// Whether what happens to it stands on a person's timeline; else it stands in the audit trail alone.
    pub const fn is_on_a_timeline(self) -> bool {
        !matches!(self, Self::Gathering | Self::Campaign | Self::Organisation)
    }
}

/// The words of timelines and of the audit trail that are events. A check-in stands on a timeline as what it did to the
/// journey, so it is told by itself.
const HAPPENINGS: &[(&str, EventKind)] = &[
    ("member_registered", EventKind::MemberRegistered),
    ("standing_changed", EventKind::MemberStandingChanged),
    ("home_branch_changed", EventKind::MemberBranchChanged),
    ("planned", EventKind::JourneyPlanned),
    ("depart", EventKind::JourneyDeparted),
    ("cancel", EventKind::JourneyCancelled),
    ("contact", EventKind::ContactRecorded),
    ("come_home", EventKind::JourneyCameHome),
    ("depart_again", EventKind::JourneyDepartedAgain),
    ("move_on", EventKind::JourneyMovedOn),
    ("return", EventKind::JourneyReturned),
    ("transfer", EventKind::JourneyTransferred),
    ("declare_out_of_contact", EventKind::OutOfContactProposed),
    ("confirm_out_of_contact", EventKind::OutOfContactConfirmed),
    ("contact_restored", EventKind::ContactRestored),
    ("stay_reported", EventKind::StayReported),
    ("stay_handed_over", EventKind::StayReported),
    ("stay_confirmed", EventKind::StayVerified),
    ("stay_confirmed_by_call", EventKind::StayVerified),
    ("stay_confirmed_by_letter", EventKind::StayVerified),
    ("stay_confirmed_by_certificate", EventKind::StayVerified),
    ("stay_admitted", EventKind::StayAdmitted),
    ("visit", EventKind::VisitRecorded),
    ("visit_not_reached", EventKind::VisitRecorded),
    ("stay_left", EventKind::StayLeft),
    ("stay_denied", EventKind::StayRejected),
    ("stay_rejected", EventKind::StayRejected),
    ("stay_withdrawn", EventKind::StayWithdrawn),
    ("stay_merged_into", EventKind::StayMerged),
    ("handover_offered", EventKind::HandoverOffered),
    ("handover_asked", EventKind::HandoverAsked),
    ("handover_accepted", EventKind::HandoverAccepted),
    ("handover_declined", EventKind::HandoverDeclined),
    ("handover_confirmed", EventKind::HandoverConfirmed),
    ("handover_denied", EventKind::HandoverDenied),
    ("handover_answered", EventKind::HandoverAnswered),
    ("handover_withdrawn", EventKind::HandoverWithdrawn),
    ("handover_dropped", EventKind::HandoverWithdrawn),
    ("handover_lapsed", EventKind::HandoverLapsed),
    ("handover_escalated", EventKind::HandoverEscalated),
    ("service_asked", EventKind::ServiceAsked),
    ("service_assigned", EventKind::ServiceAssigned),
    ("service_answered", EventKind::ServiceAnswered),
    ("service_resolved", EventKind::ServiceResolved),
    ("service_reopened", EventKind::ServiceReopened),
    ("service_rated", EventKind::ServiceRated),
    ("service_withdrawn", EventKind::ServiceWithdrawn),
    ("service_escalated", EventKind::ServiceEscalated),
    ("gathering_planned", EventKind::GatheringPlanned),
    ("gathering_changed", EventKind::GatheringChanged),
    ("gathering_held", EventKind::GatheringHeld),
    ("gathering_cancelled", EventKind::GatheringCancelled),
    ("campaign_opened", EventKind::CampaignOpened),
    ("campaign_closed", EventKind::CampaignClosed),
    ("campaign_cancelled", EventKind::CampaignCancelled),
    ("organisation_created", EventKind::OrganisationCreated),
    ("organisation_changed", EventKind::OrganisationChanged),
    ("organisation_moved", EventKind::OrganisationMoved),
];

impl EventKind {
    /// What a word of a timeline or of the audit trail tells other systems; most tell nothing.
    pub fn told_by(word: &str) -> Option<Self> {
        HAPPENINGS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, kind)| *kind)
    }

    /// What it is about.
    pub const fn subject(self) -> Subject {
        match self {
            Self::Ping => Subject::Webhook,
            Self::MemberRegistered | Self::MemberStandingChanged | Self::MemberBranchChanged => Subject::Member,
            Self::JourneyPlanned
            | Self::JourneyDeparted
            | Self::JourneyCancelled
            | Self::CheckinRecorded
            | Self::ContactRecorded
            | Self::JourneyCameHome
            | Self::JourneyDepartedAgain
            | Self::JourneyMovedOn
            | Self::JourneyReturned
            | Self::JourneyTransferred
            | Self::OutOfContactProposed
            | Self::OutOfContactConfirmed
            | Self::ContactRestored => Subject::Journey,
            Self::StayReported
            | Self::StayVerified
            | Self::StayAdmitted
            | Self::VisitRecorded
            | Self::StayLeft
            | Self::StayRejected
            | Self::StayWithdrawn
            | Self::StayMerged => Subject::Stay,
            Self::HandoverOffered
            | Self::HandoverAsked
            | Self::HandoverAccepted
            | Self::HandoverDeclined
            | Self::HandoverConfirmed
            | Self::HandoverDenied
            | Self::HandoverAnswered
            | Self::HandoverWithdrawn
            | Self::HandoverLapsed
            | Self::HandoverEscalated => Subject::Handover,
            Self::ServiceAsked
            | Self::ServiceAssigned
            | Self::ServiceAnswered
            | Self::ServiceResolved
            | Self::ServiceReopened
            | Self::ServiceRated
            | Self::ServiceWithdrawn
            | Self::ServiceEscalated => Subject::ServiceRequest,
            Self::GatheringPlanned | Self::GatheringChanged | Self::GatheringHeld | Self::GatheringCancelled => {
                Subject::Gathering
            }
            Self::CampaignOpened | Self::CampaignClosed | Self::CampaignCancelled => Subject::Campaign,
            Self::OrganisationCreated | Self::OrganisationChanged | Self::OrganisationMoved => Subject::Organisation,
        }
    }

    /// Whether it can be chosen: a ping comes to whoever asks for it.
    pub const fn is_chosen(self) -> bool {
        !matches!(self, Self::Ping)
    }
}

/// An event as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What has happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When.
    pub timestamp: DateTime<Utc>,
    /// To what.
    pub data: Told,
}

/// What is said about the subject of an event, as it is just after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// An address that is told.
    Webhook(WebhookTold),
    /// A member.
    Member(MemberTold),
    /// A journey.
    Journey(JourneyTold),
    /// A stay.
    Stay(StayTold),
    /// A hand-over.
    Handover(HandoverTold),
    /// A service request.
    ServiceRequest(ServiceRequestTold),
    /// A gathering.
    Gathering(GatheringTold),
    /// A campaign.
    Campaign(CampaignTold),
    /// An organisation.
    Organisation(OrganisationTold),
}

macro_rules! told {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "contract", derive(utoipa::ToSchema))]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)+
        }
    )+};
}

told! {
    /// The address that a ping goes to.
    WebhookTold {
        /// Its id.
        webhook_id: WebhookId,
    }
    /// A member: `GET /v1/members/{id}` tells more.
    MemberTold {
        /// The member.
        member_id: MemberId,
        /// The home branch.
        organisation_id: OrganisationId,
    }
    /// A journey: `GET /v1/kite/journeys/{id}` tells more.
    JourneyTold {
        /// The journey.
        journey_id: JourneyId,
        /// The origin.
        organisation_id: OrganisationId,
        /// Where it stands.
        state: journey::StateName,
    }
    /// A stay: `GET /v1/magnet/stays/{id}` tells more.
    StayTold {
        /// The stay.
        stay_id: StayId,
        /// The host.
        organisation_id: OrganisationId,
        /// Where it stands.
        state: stay::StateName,
    }
    /// A hand-over: `GET /v1/handovers/{id}` tells more.
    HandoverTold {
        /// The hand-over.
        handover_id: HandoverId,
        /// What is offered or asked.
        kind: Kind,
        /// Who asks.
        asking_organisation_id: OrganisationId,
        /// Who is asked.
        asked_organisation_id: OrganisationId,
        /// Where it stands.
        state: handover::StateName,
    }
    /// A service request: `GET /v1/service-requests/{id}` tells more; neither who asks nor what about is said here.
    ServiceRequestTold {
        /// The service request.
        service_request_id: ServiceRequestId,
        /// Who was asked.
        organisation_id: OrganisationId,
        /// Where it stands.
        state: service::StateName,
    }
    /// A gathering: `GET /v1/gatherings/{id}` tells more.
    GatheringTold {
        /// The gathering.
        gathering_id: GatheringId,
        /// Who organises it.
        organisation_id: OrganisationId,
        /// Where it stands.
        state: gathering::StateName,
    }
    /// A campaign: `GET /v1/campaigns/{id}` tells more.
    CampaignTold {
        /// The campaign.
        campaign_id: CampaignId,
        /// Whose it is.
        organisation_id: OrganisationId,
        /// Where it stands.
        state: campaign::StateName,
    }
    /// An organisation: `GET /v1/organisations/{id}` tells more.
    OrganisationTold {
        /// The organisation.
        organisation_id: OrganisationId,
        /// The one above; null for a root.
        parent_id: Option<OrganisationId>,
        /// Whether it still exists.
        active: bool,
    }
}

words! {
    /// Whether an address is told anything.
    pub enum WebhookState {
        /// It is told what happens.
        Active = "active",
        /// Somebody has stopped it: what waits for it goes on waiting, and nothing is added.
        Paused = "paused",
        /// It failed for too long and was stopped; what waited for it was given up.
        Disabled = "disabled",
    }
}

words! {
    /// How far an event has come on its way to an address.
    pub enum DeliveryState as "WebhookDeliveryState" {
        /// To be sent, or sent again.
        Waiting = "waiting",
        /// The address has taken it.
        Delivered = "delivered",
        /// Given up; may be sent again by hand.
        Failed = "failed",
    }
}

/// How long an event is tried before it is given up.
pub const TRIED_FOR: TimeDelta = TimeDelta::days(3);
/// After so long without a success an address is disabled and its owner told.
pub const FAILS_AT_MOST: TimeDelta = TimeDelta::days(5);
/// How long settled deliveries stay in the log.
pub const LOG_KEPT: TimeDelta = TimeDelta::days(30);
/// Hours for which the secret before signs as well after a change, unless said.
pub const OVERLAP_HOURS: u16 = 24;
/// Characters of an answer that the log keeps.
pub const ANSWER_CHARS: usize = 300;

/// What comes before the secret of an address, as the Standard Webhooks specification has it.
pub const SECRET_PREFIX: &str = "whsec_";

/// Whether an address belongs to the internet at large: not to this machine, to a network at home, nor to anything that
/// the registries of special-purpose addresses (RFC 6890 and its updates) set apart. What carries an address of version
/// 4 inside is judged by that.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    match (a, b) {
        // This network, private, this machine; multicast, reserved, broadcast; then shared (carrier-grade NAT),
        // link-local, private, benchmarks.
        (0 | 10 | 127 | 224..=255, _) | (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18..=19) => {
            false
        }
        // Protocols and documentation, 6to4 relays, documentation twice more.
        (192, 0) => !matches!(c, 0 | 2),
        (192, 88) => c != 99,
        (198, 51) => c != 100,
        (203, 0) => c != 113,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped, translated (NAT64) and 6to4 addresses of version 4; Teredo and local NAT64 are nobody's to call.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            within(high, low)
        }
        // Documentation; protocols of all kinds, Teredo among them.
        [0x2001, 0x0db8 | 0..=0x1ff, ..] => false,
        // Global unicast is all that is left: no unspecified, loopback, local, link-local or multicast address.
        [first, ..] => (0x2000..=0x3fff).contains(&first) && first != 0x3fff,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_address_at_home_is_not_public_however_it_is_written() {
        for home in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(home.parse().unwrap()), "{home}");
        }
        for public in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "223.255.255.1",
            "2400:3200::1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn every_event_is_told_by_a_word_but_those_that_are_told_by_themselves() {
        let told: BTreeSet<_> = HAPPENINGS.iter().map(|(_, kind)| *kind).collect();
        let by_themselves = [EventKind::Ping, EventKind::CheckinRecorded];
        for kind in EventKind::ALL {
            assert_eq!(told.contains(kind), !by_themselves.contains(kind), "{kind}");
        }
        let words: BTreeSet<_> = HAPPENINGS.iter().map(|(word, _)| *word).collect();
        assert_eq!(words.len(), HAPPENINGS.len(), "a word stands there once");
        assert_eq!(EventKind::told_by("phone_revealed"), None);
    }

    #[test]
    fn an_event_says_ids_state_and_time() {
        let data = JourneyTold {
            journey_id: JourneyId(uuid::Uuid::from_u128(1)),
            organisation_id: OrganisationId(uuid::Uuid::from_u128(2)),
            state: journey::StateName::Away,
        };
        let event = Event {
            kind: EventKind::JourneyDeparted,
            timestamp: DateTime::UNIX_EPOCH,
            data: Told::Journey(data),
        };
        assert_eq!(
            serde_json::to_value(event).unwrap(),
            serde_json::json!({
                "type": "journey.departed",
                "timestamp": "1970-01-01T00:00:00Z",
                "data": {
                    "journey_id": "00000000-0000-0000-0000-000000000001",
                    "organisation_id": "00000000-0000-0000-0000-000000000002",
                    "state": "away",
                },
            })
        );
    }
}
