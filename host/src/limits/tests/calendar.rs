use std::sync::Arc;

use super::{meter, reserve};
use crate::limits::{Anchor, Ledger, Need, Unit, Zone};

const HOUR: i64 = 3_600_000;

#[test]
fn days_begin_at_midnight_there() {
    // (zone, an instant, its midnight, hours of that day); seconds since 1970.
    let table = [
        (Zone::Utc, 1_785_067_200, 1_785_024_000, 24),
        (Zone::LosAngeles, 1_772_985_600, 1_772_956_800, 23),
        (Zone::LosAngeles, 1_793_545_200, 1_793_516_400, 25),
        (Zone::LosAngeles, 1_785_067_200, 1_785_049_200, 24),
        (Zone::NewYork, 1_772_985_600, 1_772_946_000, 23),
        (Zone::London, 1_774_785_600, 1_774_742_400, 23),
        (Zone::Berlin, 1_792_929_600, 1_792_879_200, 25),
        (Zone::Kolkata, 1_785_067_200, 1_785_004_200, 24),
        (Zone::Shanghai, 1_785_067_200, 1_784_995_200, 24),
    ];
    for (zone, now, midnight, hours) in table {
        let (start, end) = zone.day(now * 1000);
        assert_eq!(
            (start, (end - start) / HOUR),
            (midnight * 1000, hours),
            "{zone:?} {now}"
        );
    }
}

#[test]
fn a_day_starts_anew_and_its_edge_is_closed() {
    let ledger = Arc::new(Ledger::new());
    let meters = [meter(
        Unit::Requests,
        24 * HOUR,
        Anchor::Zone(Zone::LosAngeles),
        2,
    )];
    let (start, end) = Zone::LosAngeles.day(1_793_545_200_000);
    let take = |now| reserve(&ledger, &meters, &Need::default(), now).map(drop);
    assert_eq!(take(start), Err(250));
    assert_eq!((take(start + 250), take(end - 251)), (Ok(()), Ok(())));
    assert_eq!(take(end - 251), Err(501));
    assert_eq!(
        (take(end - 250), take(end + 249), take(end + 250)),
        (Err(500), Err(1), Ok(()))
    );
}

#[test]
fn unknown_zones_roll() {
    assert_eq!(Anchor::parse("Mars/Olympus"), Anchor::Rolling);
    assert_eq!(Anchor::parse("Asia/Tokyo"), Anchor::Zone(Zone::Tokyo));
}
