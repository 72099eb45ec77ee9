use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::{meter, tokens};
use crate::limits::{Anchor, Block, Ledger, Reserve, Unit, Zone};

const START: i64 = 1_790_000_000_000;

/// What is on the disk: the last figure written of every row.
type Rows = HashMap<(String, i64), Block>;

fn write(rows: &mut Rows, blocks: &[Block]) {
    for block in blocks {
        rows.insert((block.meter.clone(), block.start_ms), block.clone());
    }
}

proptest! {
    /// The process dies at any point between two steps; what it handed out still counts after the restart, and
    /// at most one block more. `lost` dies after the write and before the confirmation.
    #[test]
    fn a_restart_never_forgets(
        steps in prop::collection::vec((0_i64..8000, 1_u64..9, any::<bool>()), 1..200),
        limit in 20_u64..400, course in 0_usize..4, lost in any::<bool>(),
    ) {
        let (window, anchor) = [
            (60_000, Anchor::Rolling), (86_400_000, Anchor::Rolling),
            (86_400_000, Anchor::Zone(Zone::LosAngeles)), (3_600_000, Anchor::FirstUse),
        ][course];
        let meter = meter(Unit::Tokens, window, anchor, limit);
        let meters = [meter.clone()];
        let (mut ledger, mut rows, mut now) = (Arc::new(Ledger::new()), Rows::new(), START);
        for (gap, amount, crash) in steps {
            now += gap * (window / 60_000).min(60);
            let mut asked = 0;
            while let Reserve::Behind(blocks) = ledger.try_reserve(&meters, &tokens(amount), now) {
                write(&mut rows, &blocks);
                asked += 1;
                prop_assert!(asked < 4);
                if crash && lost { break; }
                ledger.confirm(&blocks);
            }
            if crash {
                let before = ledger.usage(&meter, now);
                ledger = Arc::new(Ledger::new());
                ledger.restore(&rows.values().cloned().collect::<Vec<_>>(), now);
                let after = ledger.usage(&meter, now);
                prop_assert!(after >= before, "{after} after, {before} before");
                // A block is at least a twentieth, and it may begin with a request that no longer fitted the last.
                let block = (limit / 20).max(1) + 8;
                prop_assert!(after <= before + block, "{after} after, {before} before");
            }
        }
    }

    /// Units restored stay counted for as long as the upstream counts them.
    #[test]
    fn restored_units_stay(at in 0_i64..60_000, later in 0_i64..60_000) {
        let meters = [meter(Unit::Requests, 60_000, Anchor::Rolling, 1)];
        let (ledger, mut rows) = (Arc::new(Ledger::new()), Rows::new());
        if let Reserve::Behind(blocks) = ledger.try_reserve(&meters, &tokens(0), START + at) {
            write(&mut rows, &blocks);
        }
        let after = Arc::new(Ledger::new());
        after.restore(&rows.values().cloned().collect::<Vec<_>>(), START + at);
        let full = matches!(after.try_reserve(&meters, &tokens(0), START + at + later), Reserve::Full { .. });
        prop_assert!(full);
        let again = after.try_reserve(&meters, &tokens(0), START + at + 63_000);
        prop_assert!(matches!(again, Reserve::Behind(_)));
    }
}

/// Two tasks find the same block missing; whoever writes last, and confirms late, neither loses nor doubles units.
#[test]
fn blocks_of_two_tasks_do_not_cross() {
    let meters = [meter(Unit::Tokens, 60_000, Anchor::Rolling, 100)];
    let (ledger, mut rows) = (Arc::new(Ledger::new()), Rows::new());
    let behind = |amount: u64| match ledger.try_reserve(&meters, &tokens(amount), START) {
        Reserve::Behind(blocks) => blocks,
        other => panic!("{other:?}"),
    };
    let first = behind(4);
    assert_eq!((first.clone(), first[0].spent), (behind(5), 5));
    ledger.confirm(&first);
    drop(ledger.try_reserve(&meters, &tokens(5), START));
    let next = behind(7);
    write(&mut rows, &next);
    ledger.confirm(&next);
    assert!(matches!(
        ledger.try_reserve(&meters, &tokens(7), START),
        Reserve::Granted(_)
    ));
    // The slow task's write comes last.
    write(&mut rows, &first);
    ledger.confirm(&first);
    assert_eq!(rows.values().map(|block| block.spent).sum::<i64>(), 12);
    assert_eq!(ledger.usage(&meters[0], START), 12);
    assert_eq!(behind(1).len(), 1);
}

/// What a request used beyond its estimate is on disk as soon as its blocks are.
#[test]
fn a_restart_knows_of_an_overshoot() {
    let meters = [meter(Unit::Tokens, 60_000, Anchor::Rolling, 100)];
    let (ledger, mut rows) = (Arc::new(Ledger::new()), Rows::new());
    if let Reserve::Behind(blocks) = ledger.try_reserve(&meters, &tokens(4), START) {
        write(&mut rows, &blocks);
        ledger.confirm(&blocks);
    }
    let Reserve::Granted(held) = ledger.try_reserve(&meters, &tokens(4), START) else {
        panic!("not granted");
    };
    let actual = crate::limits::Actual {
        input: Some(40),
        output: None,
    };
    write(&mut rows, &held.settle(actual, START + 9000).blocks);
    let after = Arc::new(Ledger::new());
    after.restore(&rows.values().cloned().collect::<Vec<_>>(), START + 9000);
    assert!((40..=46).contains(&after.usage(&meters[0], START + 9000)));
}
