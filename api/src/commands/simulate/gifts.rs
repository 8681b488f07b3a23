//! Gifts: for political birthdays, for the Spring Festival, in hardship; and the record that is taken back.
use chrono::{Datelike as _, Days};
use domain::access::{ReadMembers, Scope, ServePeople};
use domain::calendar::Festival;
use domain::gift::{GiftItem, GiftOccasion};
use domain::id::GiftId;
use persistence::gifts::{self, GiftFacts, NewGift};
use persistence::{StoreError, Tx, members};

use super::cast::{Seat, may};
use super::life::{Deed, Hour, Life};
use crate::commands::house::NAME;

#[derive(Debug, Clone, Copy)]
pub(super) enum Gift {
    /// The secretary looks up when somebody joined, and puts the day down; the place is the person's.
    Remember,
    /// Something is given; the place is the person's.
    Give(GiftOccasion),
    /// What was recorded was not given after all; the place is the gift's.
    TakeBack,
}

/// A gift with its version, and who gave it.
pub(super) type Given = (GiftId, i32, Seat);

/// Plans whose political birthdays are kept, who is thought of before the Spring Festival, and who falls into hardship.
pub(super) fn begin(life: &mut Life) {
    let (hardship, days) = (life.share(10), life.days_left());
    let years = life.today.year()..=life.until.year();
    let festivals: Vec<_> = years
        .filter_map(|year| Festival::SpringFestival.date_in(year))
        .collect();
    for person in 0..life.cast.people.len() {
        if life.dice.chance(30) {
            life.within((1, 20), Hour::Office, Deed::Gift(Gift::Remember, person));
        }
        if life.dice.chance(hardship) {
            let give = Gift::Give(GiftOccasion::Hardship);
            life.within((1, days), Hour::Office, Deed::Gift(give, person));
        }
        for festival in &festivals {
            let day = *festival - life.dice.days(3, 15);
            if day > life.today && life.dice.chance(20) {
                let give = Gift::Give(GiftOccasion::Festival);
                life.on(day, Hour::Office, Deed::Gift(give, person));
            }
        }
    }
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Gift, of: usize) -> Result<(), StoreError> {
    match deed {
        Gift::Remember => remember(life, tx, of),
        Gift::Give(occasion) => give(life, tx, of, occasion),
        Gift::TakeBack => take_back(life, tx, of),
    }
}

fn remember(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let person = life.person(of)?;
    let reads: Scope<ReadMembers> = Scope::of_the_machine(NAME);
    let Some(joined) = members::find(tx, &reads, person.member)?.facts.joined else {
        return Ok(());
    };
    let tomorrow = life.today + Days::new(1);
    let birthday = [0, 1]
        .into_iter()
        .filter_map(|years| joined.date.with_year(tomorrow.year() + years))
        .find(|day| *day >= tomorrow);
    if let Some(day) = birthday {
        let give = Gift::Give(GiftOccasion::PoliticalBirthday);
        life.on(day, Hour::Office, Deed::Gift(give, of));
    }
    Ok(())
}

fn give(life: &mut Life, tx: &mut Tx<'_>, of: usize, occasion: GiftOccasion) -> Result<(), StoreError> {
    let person = life.person(of)?;
    if person.gone {
        return Ok(());
    }
    let seat = life.turns_to(&person);
    let (organisation, secretary) = life.cast.seated(seat)?;
    let (item, name) = match occasion {
        GiftOccasion::PoliticalBirthday | GiftOccasion::Birthday => (GiftItem::Card, None),
        GiftOccasion::Festival => (GiftItem::RedSatchel, None),
        GiftOccasion::Hardship | GiftOccasion::Other => (GiftItem::Other, Some("米面油".to_owned())),
    };
    let new = NewGift {
        id: tx.fresh(),
        person: person.member.into(),
        organisation: Some(organisation),
        facts: GiftFacts {
            occasion,
            item,
            name,
            given_on: life.today,
            given_by: None,
            note: None,
        },
    };
    let scope: Scope<ServePeople> = may(&secretary)?;
    let gift = gifts::give(tx, &scope, new)?;
    life.count("gifts given");
    life.gifts.push((gift.id, gift.version, seat));
    if life.dice.chance(30) {
        let at = life.gifts.len() - 1;
        life.within((1, 10), Hour::Office, Deed::Gift(Gift::TakeBack, at));
    }
    Ok(())
}

fn take_back(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let (id, version, seat) = life.gifts.get(of).copied().ok_or(StoreError::NotFound("gift"))?;
    let (_, secretary) = life.cast.seated(seat)?;
    let scope: Scope<ServePeople> = may(&secretary)?;
    gifts::withdraw(tx, &scope, (id, version), "登记错人，已更正")?;
    life.count("gifts taken back");
    Ok(())
}
