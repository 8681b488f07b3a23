//! Whom a campaign means, as conditions that both engines take: the same for prompts, previews and figures.

diesel::define_sql_function! {
    /// The first characters of a text: `count` of them from the first on.
    #[sql_name = "substr"]
    fn beginning(text: diesel::sql_types::Text, from: diesel::sql_types::Integer, count: diesel::sql_types::Integer) -> diesel::sql_types::Text;
}

/// Journeys at or below a path, with their members, whom a campaign's audience means by where they are, how they read and
/// what they have asked for: in whatever state the journeys are. What members ask of a host is none of their home's
/// business, nor what somebody wrote down for them.
macro_rules! meant {
    ($record:expr, $path:expr) => {{
        use crate::schema::service_requests;
        use diesel::sql_types::Bool;
        let (record, path): (&crate::campaigns::CampaignRecord, &domain::id::OrgPath) = ($record, $path);
        let campaign = &record.campaign;
        let audience = &campaign.plan.audience;
        let asked = diesel::alias!(service_requests as asked);
        let of_length = |length: usize| {
            let prefixes = audience.divisions.iter().filter(|prefix| prefix.len() == length);
            prefixes.cloned().collect::<Vec<String>>()
        };
        let division = || journeys::division_code.assume_not_null();
        let is_abroad = || journeys::country.is_not_null().and(journeys::division_code.is_null());
        let is_there = (audience.divisions.is_empty())
            .into_sql::<Bool>()
            .or(crate::campaigns::beginning(division(), 1, 2).eq_any(of_length(2)))
            .or(crate::campaigns::beginning(division(), 1, 4).eq_any(of_length(4)))
            .or(division().eq_any(of_length(6)));
        let (any_language, language) = (
            audience.language.is_none(),
            audience.language.clone().unwrap_or_default(),
        );
        journeys::table
            .inner_join(members::table.on(members::id.eq(journeys::member_id)))
            .filter(members::standing.eq_any(crate::outbox::ACTIVE_STANDINGS))
            .filter(
                journeys::path
                    .ge(path.as_str().to_owned())
                    .and(journeys::path.lt(path.end())),
            )
            .filter(
                is_abroad()
                    .and(audience.abroad.into_sql::<Bool>())
                    .or(diesel::dsl::not(is_abroad()).and(is_there)),
            )
            .filter(
                (!audience.hardship).into_sql::<Bool>().or(diesel::dsl::exists(
                    asked
                        .filter(asked.field(service_requests::person_id).eq(journeys::member_id))
                        .filter(asked.field(service_requests::asked_by).is_null())
                        .filter(
                            (asked.field(service_requests::path).ge(record.path.as_str().to_owned()))
                                .and(asked.field(service_requests::path).lt(record.path.end())),
                        )
                        .filter(
                            asked
                                .field(service_requests::kind)
                                .eq(domain::service::Kind::Hardship.as_str()),
                        )
                        .filter(
                            asked
                                .field(service_requests::state)
                                .ne(domain::service::StateName::Withdrawn.as_str()),
                        )
                        .filter(
                            asked
                                .field(service_requests::asked_on)
                                .ge(campaign.feast.hardship_since()),
                        ),
                )),
            )
            .filter(any_language.into_sql::<Bool>().or(members::language.eq(language)))
    }};
}
pub(crate) use meant;

/// Of journeys: whether no organisation below `$path`, where the member's branch is or above it, had opened a campaign of
/// its own around the festival before `$day`.
macro_rules! undecided_below {
    ($path:expr, ($festival:expr, $year:expr), $day:expr) => {{
        use crate::schema::campaigns;
        let (path, day): (&domain::id::OrgPath, chrono::NaiveDate) = ($path, $day);
        diesel::dsl::not(diesel::dsl::exists(
            campaigns::table
                .filter(campaigns::festival.eq(domain::calendar::Festival::as_str($festival)))
                .filter(campaigns::year.eq($year))
                .filter(campaigns::opened_on.lt(day))
                .filter(campaigns::path.gt(path.as_str().to_owned()))
                .filter(campaigns::path.le(journeys::path))
                .filter(journeys::path.lt(campaigns::path.concat("~"))),
        ))
    }};
}
pub(crate) use undecided_below;
