use crate::limits::{Cooldowns, Fault, default_scope};

const NOW: i64 = 1_785_067_200_000; // 2026-07-26 12:00 UTC
const HOUR: i64 = 3_600_000;

fn fault(kind: &str, retry_after_ms: Option<u64>) -> Fault<'_> {
    Fault {
        kind,
        retry_after_ms,
        reason: "said so",
    }
}

#[test]
fn rests_by_kind() {
    let table = [
        ("rate-limited", Some(8000), Some((8000, true))),
        ("payment-required", Some(8000), Some((8000, true))),
        ("rate-limited", Some(0), Some((1000, true))),
        ("rate-limited", Some(u64::MAX), Some((31 * 24 * HOUR, true))),
        ("quota-exhausted", None, Some((12 * HOUR, true))),
        ("payment-required", None, Some((24 * HOUR, true))),
        ("key-invalid", None, Some((HOUR / 6, true))),
        ("key-invalid", Some(8000), Some((HOUR / 6, true))),
        ("key-invalid", Some(u64::MAX), Some((24 * HOUR, true))),
        ("key-forbidden", None, Some((24 * HOUR, true))),
        ("model-missing", None, Some((24 * HOUR, true))),
        ("invalid-request", Some(9), None),
        ("content-filtered", None, None),
        ("unsupported", None, None),
        ("too-long", None, None),
    ];
    for (kind, hint, rest) in table {
        let row = Cooldowns::new().failed("key:1", &fault(kind, hint), NOW);
        assert_eq!(
            row.map(|row| (row.until_ms - NOW, row.hard)),
            rest,
            "{kind}"
        );
        assert_eq!(default_scope(kind).is_empty(), rest.is_none(), "{kind}");
    }
}

#[test]
fn keys_that_broke_together_do_not_come_back_together() {
    let cooldowns = Cooldowns::new();
    let mut ends: Vec<i64> = (0..40)
        .map(|n| {
            let subject = format!("key:{n}");
            let row = cooldowns
                .failed(&subject, &fault("upstream-broken", None), NOW)
                .unwrap();
            assert!(
                !row.hard && (4_500..=5_500).contains(&(row.until_ms - NOW)),
                "{row:?}"
            );
            row.until_ms
        })
        .collect();
    ends.sort_unstable();
    ends.dedup();
    assert!(ends.len() > 30, "{} ends", ends.len());
}

#[test]
fn guesses_escalate_and_success_ends_them() {
    let cooldowns = Cooldowns::new();
    let mut now = NOW;
    for expected in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
        let row = cooldowns
            .failed("key:1", &fault("rate-limited", None), now)
            .unwrap();
        let length = row.until_ms - now;
        assert!(
            (length - expected * 1000).abs() <= expected * 100,
            "{length}"
        );
        // One that failed at the same time is no new strike.
        assert_eq!(
            cooldowns
                .failed("key:1", &fault("rate-limited", None), now)
                .unwrap()
                .strikes,
            row.strikes
        );
        now = row.until_ms;
    }
    assert_eq!(cooldowns.resting(&["key:1"], now), None);
    assert_eq!(cooldowns.succeeded(&["key:1", "key:2"], now), ["key:1"]);
    assert_eq!(
        cooldowns
            .failed("key:1", &fault("timeout", None), now)
            .unwrap()
            .strikes,
        1
    );
}

#[test]
fn hard_rests_outlast_guesses_and_successes() {
    let cooldowns = Cooldowns::new();
    let hard = cooldowns
        .failed("key:1", &fault("rate-limited", Some(60_000)), NOW)
        .unwrap();
    let kept = cooldowns
        .failed("key:1", &fault("overloaded", None), NOW)
        .unwrap();
    assert_eq!(
        (kept.until_ms, kept.hard, kept.kind.as_str()),
        (hard.until_ms, true, "rate-limited")
    );
    let soft = cooldowns
        .failed("model:1/m", &fault("rate-limited", None), NOW + 50_000)
        .unwrap();
    assert!(soft.until_ms > hard.until_ms);
    let both = ["model:1/m", "key:1"];
    assert_eq!(
        cooldowns
            .resting(&both, NOW + 51_000)
            .map(|rest| rest.until_ms),
        Some(hard.until_ms)
    );
    assert_eq!(cooldowns.succeeded(&both, NOW + 51_000), ["model:1/m"]);
    let restored = Cooldowns::new();
    restored.restore(&[hard], NOW);
    assert!(
        restored
            .resting(&both, NOW + 59_999)
            .is_some_and(|rest| rest.hard)
    );
    restored.clear("key:1");
    assert_eq!(restored.resting(&both, NOW), None);
}

#[test]
fn a_refused_key_is_tried_again_ever_later() {
    let cooldowns = Cooldowns::new();
    let mut now = NOW;
    for minutes in [10, 60, 360, 1440, 1440] {
        let row = cooldowns
            .failed("key:1", &fault("key-invalid", None), now)
            .unwrap();
        assert_eq!((row.until_ms - now, row.hard), (minutes * 60_000, true));
        now = row.until_ms;
    }
    assert_eq!(cooldowns.succeeded(&["key:1"], now), ["key:1"]);
}

#[test]
fn rests_removed_from_the_store_end_and_those_on_their_way_to_it_stay() {
    let cooldowns = Cooldowns::new();
    let failed = |subject: &str| {
        cooldowns
            .failed(subject, &fault("key-invalid", None), NOW)
            .unwrap()
    };
    let rests = |subject: &str| cooldowns.resting(&[subject], NOW).is_some();
    let (one, _, _) = (failed("key:1"), failed("key:2"), failed("key:3"));
    cooldowns.wrote("key:1", true);
    cooldowns.wrote("key:2", true);
    cooldowns.wrote("key:3", false);
    let written = cooldowns.written();
    // Written after the store was read, or while it was.
    failed("key:4");
    cooldowns.wrote("key:4", true);
    let read = std::slice::from_ref(&one);
    assert_eq!(cooldowns.reload(read, written), ["key:2"]);
    assert!(rests("key:1") && !rests("key:2") && rests("key:3") && rests("key:4"));
    assert_eq!(cooldowns.reload(read, cooldowns.written()), ["key:4"]);
    let restored = Cooldowns::new();
    restored.restore(&[one], NOW);
    assert_eq!(restored.reload(&[], restored.written()), ["key:1"]);
    assert_eq!(restored.resting(&["key:1"], NOW), None);
}

#[test]
fn what_the_store_holds_nearly_so_is_not_written_again() {
    let cooldowns = Cooldowns::new();
    let failed = |wait_ms: u64, now: i64| {
        let row = cooldowns
            .failed("key:1", &fault("rate-limited", Some(wait_ms)), now)
            .unwrap();
        cooldowns.must_write(&row, now)
    };
    assert!(failed(60_000, NOW));
    assert!(!failed(60_000, NOW + 1_000));
    assert!(!failed(60_000, NOW + 5_000));
    // Each is but a little later than the one before, and all together are not.
    assert!(failed(60_000, NOW + 7_000));
    cooldowns.wrote("key:1", false);
    assert!(failed(60_000, NOW + 7_000));
    let other = cooldowns
        .failed("key:1", &fault("key-invalid", None), NOW + 7_000)
        .unwrap();
    assert!(cooldowns.must_write(&other, NOW + 7_000));
}

#[test]
fn after_a_rest_one_request_finds_out_and_the_others_wait() {
    let cooldowns = Cooldowns::new();
    let subjects = ["key:1", "model:1/m", "provider:p"];
    assert!(cooldowns.may_probe(&subjects, NOW), "nobody rests");
    assert!(cooldowns.may_probe(&subjects, NOW));
    let fail = |now| {
        let row = cooldowns.failed("model:1/m", &fault("upstream-broken", None), now);
        row.unwrap().until_ms
    };
    let until = fail(NOW);
    assert!(cooldowns.may_probe(&subjects, until));
    assert!(!cooldowns.may_probe(&subjects, until), "one at a time");
    assert!(
        cooldowns.may_probe(&["key:1", "model:1/other", "provider:p"], until),
        "another model is not concerned"
    );
    // It fails: it rests longer, and then one finds out again.
    let later = fail(until);
    assert!(later - until > until - NOW);
    assert!(cooldowns.may_probe(&subjects, later));
    assert!(!cooldowns.may_probe(&subjects, later + 1));
    // It succeeds: everybody may.
    cooldowns.succeeded(&subjects, later + 1);
    assert!(cooldowns.may_probe(&subjects, later + 2));
    assert!(cooldowns.may_probe(&subjects, later + 2));
    // One that never ends does not keep others away for ever.
    let until = fail(later + 2);
    assert!(cooldowns.may_probe(&subjects, until));
    assert!(cooldowns.may_probe(&subjects, until + 15_000));
}
