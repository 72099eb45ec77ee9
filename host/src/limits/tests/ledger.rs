use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use proptest::prelude::*;

use super::{meter, reserve, tokens};
use crate::limits::{Actual, Anchor, Ledger, Need, Unit, Zone};

const START: i64 = 1_790_000_000_000;

/// The most that arrived in any half-open window of this length.
fn most(arrivals: &[(i64, u64)], window: i64) -> u64 {
    let from = |start: i64| {
        arrivals
            .iter()
            .filter(move |(at, _)| (start..start + window).contains(at))
    };
    arrivals
        .iter()
        .map(|&(start, _)| from(start).map(|(_, amount)| amount).sum())
        .max()
        .unwrap_or(0)
}

proptest! {
    /// Requests arrive up to 250 ms after they were granted, and no window sees more than its limit.
    #[test]
    fn no_window_sees_more(
        steps in prop::collection::vec((0_i64..9000, 0_i64..250, 1_u64..40), 1..250),
        limit in 1_u64..60, by_tokens in any::<bool>(), first_use in any::<bool>(),
        window in prop::sample::select(vec![1000_i64, 60_000, 600_000]),
    ) {
        let (unit, anchor) = (
            if by_tokens { Unit::Tokens } else { Unit::Requests },
            if first_use { Anchor::FirstUse } else { Anchor::Rolling },
        );
        let (ledger, meters) = (Arc::new(Ledger::new()), [meter(unit.clone(), window, anchor, limit)]);
        let (mut now, mut arrivals) = (START, Vec::new());
        for (gap, delay, amount) in steps {
            now += gap * window / 60_000;
            if let Ok(reservation) = reserve(&ledger, &meters, &tokens(amount), now) {
                drop(reservation);
                arrivals.push((now + delay, if by_tokens { amount } else { 1 }));
            }
        }
        arrivals.sort_unstable();
        if first_use {
            let (mut end, mut used) = (i64::MIN, 0);
            for (at, amount) in arrivals {
                (end, used) = if at >= end { (at + window, amount) } else { (end, used + amount) };
                prop_assert!(used <= limit);
            }
        } else {
            prop_assert!(most(&arrivals, window) <= limit);
        }
    }

    /// Somebody always waits: every window and its guard is used up but for one request.
    #[test]
    fn demand_uses_a_window_up(limit in 1_u64..3000, tick in 1_i64..40) {
        let window = 60_000;
        let (ledger, meters) = (Arc::new(Ledger::new()), [meter(Unit::Requests, window, Anchor::Rolling, limit)]);
        let (mut now, mut granted) = (START, 0_u64);
        while now < START + 4 * (window + 250 + 100) {
            now += match reserve(&ledger, &meters, &Need::default(), now) {
                Ok(_) => { granted += 1; tick * 7 % 20 }
                Err(wait) => wait,
            };
        }
        let span = u64::try_from(now - START).unwrap();
        let pace = limit.min(60_250 / u64::try_from((tick * 7 % 20).max(1)).unwrap());
        prop_assert!(granted + 4 >= pace * (span / 60_310), "{granted} of {}", pace * (span / 60_310));
    }
}

#[test]
fn takes_of_all_or_of_none() {
    let ledger = Arc::new(Ledger::new());
    let narrow = meter(Unit::Tokens, 60_000, Anchor::Rolling, 10);
    let wide = meter(Unit::Requests, 60_000, Anchor::Rolling, 100);
    let both = [wide.clone(), narrow.clone()];
    let _held = reserve(&ledger, &both, &tokens(8), START).unwrap();
    assert_eq!(
        reserve(&ledger, &both, &tokens(3), START + 10).unwrap_err(),
        60_240
    );
    assert_eq!(
        (ledger.usage(&wide, START), ledger.usage(&narrow, START)),
        (1, 8)
    );
    assert!((ledger.headroom(&both, START) - 0.2).abs() < 1e-9);
    // More than the whole limit never fits.
    assert_eq!(
        reserve(&ledger, &both, &tokens(11), START + 10).unwrap_err(),
        60_000
    );
}

#[test]
fn settles_releases_and_drops() {
    let ledger = Arc::new(Ledger::new());
    let (used, at_once) = (
        meter(Unit::Tokens, 60_000, Anchor::Rolling, 100),
        meter(Unit::Concurrent, 0, Anchor::Rolling, 2),
    );
    let meters = [used.clone(), at_once.clone()];
    let usage = || (ledger.usage(&used, START), ledger.usage(&at_once, START));
    let first = reserve(&ledger, &meters, &tokens(40), START).unwrap();
    let second = reserve(&ledger, &meters, &tokens(40), START).unwrap();
    assert!(
        reserve(&ledger, &meters, &tokens(1), START).is_err(),
        "two at a time"
    );
    let settled = first.settle(
        Actual {
            input: Some(10),
            output: Some(5),
        },
        START,
    );
    assert_eq!((settled.overshoot, usage()), (0, (55, 1)));
    drop(second);
    assert_eq!(usage(), (55, 0));
    reserve(&ledger, &meters, &tokens(20), START)
        .unwrap()
        .release(START);
    assert_eq!(usage(), (55, 0));
    let over = reserve(&ledger, &meters, &tokens(20), START).unwrap();
    let settled = over.settle(
        Actual {
            input: Some(50),
            output: None,
        },
        START,
    );
    assert_eq!((settled.overshoot, usage()), (30, (105, 0)));
}

#[test]
fn learns_only_what_is_tighter() {
    let ledger = Arc::new(Ledger::new());
    let meters = [meter(Unit::Requests, 60_000, Anchor::Rolling, 10)];
    ledger.learn(&meters[0], Some(500), Some(1000), Some(30_000), START);
    assert!((ledger.headroom(&meters, START) - 1.0).abs() < 1e-9);
    ledger.learn(&meters[0], Some(0), None, Some(30_000), START);
    assert_eq!(
        reserve(&ledger, &meters, &Need::default(), START).unwrap_err(),
        30_250
    );
    // A figure from before arrives late.
    ledger.learn(&meters[0], Some(3), None, Some(30_000), START + 1);
    assert!(reserve(&ledger, &meters, &Need::default(), START + 1).is_err());
    assert!(reserve(&ledger, &meters, &Need::default(), START + 30_250).is_ok());
    let neurons = [meter(
        Unit::parse("neurons"),
        86_400_000,
        Anchor::Zone(Zone::Utc),
        10_000,
    )];
    assert!(reserve(&ledger, &neurons, &Need::default(), START).is_ok());
    ledger.learn(&neurons[0], Some(0), None, None, START);
    assert!(reserve(&ledger, &neurons, &Need::default(), START).is_err());
}

/// Threads race through behind, confirm, grant and release; the limit holds, and so does the disk's figure.
#[test]
fn threads_do_not_exceed_a_limit() {
    for round in 0..40 {
        let ledger = Arc::new(Ledger::new());
        let meters = [meter(Unit::Requests, 60_000, Anchor::Rolling, 100)];
        let (granted, clock) = (AtomicU64::new(0), AtomicI64::new(START));
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (ledger, meters, granted, clock) = (&ledger, &meters, &granted, &clock);
                scope.spawn(move || {
                    for step in 0..60 {
                        let now = clock.fetch_add(1, Ordering::Relaxed);
                        let Ok(held) = reserve(ledger, meters, &Need::default(), now) else {
                            continue;
                        };
                        if (step + thread + round) % 5 == 0 {
                            held.release(now);
                        } else {
                            granted.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(
            granted.load(Ordering::Relaxed),
            ledger.usage(&meters[0], START + 500)
        );
        assert_eq!(granted.load(Ordering::Relaxed), 100);
    }
}
