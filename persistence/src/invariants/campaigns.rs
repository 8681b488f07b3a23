//! Campaigns and the reports that are kept of them.
use super::{Invariant, rows};

pub(super) const ALL: &[Invariant] = &[
    rows(
        "campaign_has_the_facts_of_its_state",
        "a campaign is opened, closed and called off on days that have come, and called off for a reason",
        "campaigns",
        "select id from campaigns where state not in ({campaign_states}) \
            or (state = 'draft' and opened_on is not null) or (state in ('open', 'closed') and opened_on is null) \
            or (state in ('closed', 'cancelled')) <> (settled_on is not null) \
            or (state = 'cancelled') <> (reason is not null) \
            or settled_on < opened_on or opened_on > {today} or settled_on > {today}",
    ),
    rows(
        "campaign_is_around_its_festival",
        "the festival lies within the days of its campaign",
        "campaigns",
        "select id from campaigns where starts_on > festival_on or ends_on < festival_on",
    ),
    rows(
        "one_open_campaign",
        "an organisation has one campaign open for a festival",
        "campaigns",
        "select organisation_id as id from campaigns where state = 'open' \
            group by organisation_id, festival, year having count(*) > 1",
    ),
    rows(
        "closed_campaign_has_its_report",
        "a campaign has a report that is kept just when it was closed",
        "campaigns",
        "select c.id from campaigns c left join campaign_reports r on r.campaign_id = c.id \
            where (c.state = 'closed') <> (r.campaign_id is not null) \
            union select r.campaign_id as id from campaign_reports r left join campaigns c on c.id = r.campaign_id \
            where c.id is null",
    ),
];
