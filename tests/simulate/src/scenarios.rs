//! Six days.

use freellmapi::routing::dice::Dice;

use crate::world::{DAY, HOUR, MINUTE, Provider, Trouble};

/// Providers for a day, and what is to be shown.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// For the report.
    pub(crate) says: &'static str,
    pub(crate) providers: fn(&mut Dice) -> Vec<Provider>,
}

pub(crate) const ALL: [Scenario; 6] = [
    Scenario {
        name: "steady",
        says: "Nothing changes. The best ranked models are neither the quickest nor the soundest.",
        providers: steady,
    },
    Scenario {
        name: "outage",
        says: "The two best ranked providers fail for hours, one by refusing, one by silence; a third flaps.",
        providers: outage,
    },
    Scenario {
        name: "drift",
        says: "Providers that are quick at night crawl in the afternoon, and the other way round.",
        providers: drift,
    },
    Scenario {
        name: "quota cliff",
        says: "Three providers allow a fraction of what the catalogue says, and do not say when to come again.",
        providers: cliff,
    },
    Scenario {
        name: "newcomer",
        says: "At six in the morning keys are added for two models: one far better than all others, and one that \
               ranks highest and hardly works.",
        providers: newcomer,
    },
    Scenario {
        name: "priority already optimal",
        says: "The better a model is ranked, the quicker and sounder it is: there is nothing to gain.",
        providers: optimal,
    },
];

/// A little more or less of everything, by chance.
fn vary(dice: &mut Dice, mut providers: Vec<Provider>) -> Vec<Provider> {
    for one in &mut providers {
        let mut near = |value: f64| value * (0.85 + 0.3 * dice.share());
        one.first_ms = near(one.first_ms);
        one.tokens_per_s = near(one.tokens_per_s);
        one.fails = near(one.fails);
        one.breaks = near(one.breaks);
    }
    providers
}

fn usual() -> Vec<Provider> {
    vec![
        Provider::new("apex", 930, 2_600.0, 35.0)
            .faulty(0.05, 0.06)
            .limits(10, 250),
        Provider::new("boreal", 900, 1_400.0, 60.0)
            .faulty(0.08, 0.03)
            .limits(15, 500),
        Provider::new("cirrus", 860, 450.0, 180.0)
            .faulty(0.01, 0.004)
            .limits(30, 1_000),
        Provider::new("dune", 820, 900.0, 75.0)
            .faulty(0.02, 0.01)
            .limits(30, 1_000),
        Provider::new("ember", 760, 3_500.0, 25.0)
            .faulty(0.15, 0.08)
            .limits(20, 2_000),
        Provider::new("fjord", 700, 350.0, 450.0)
            .faulty(0.01, 0.003)
            .limits(30, 1_000),
        Provider::new("gale", 610, 600.0, 120.0)
            .faulty(0.02, 0.01)
            .limits(60, 2_000),
        Provider::new("heath", 430, 250.0, 600.0)
            .faulty(0.01, 0.003)
            .limits(30, 14_400),
    ]
}

fn steady(dice: &mut Dice) -> Vec<Provider> {
    vary(dice, usual())
}

fn outage(dice: &mut Dice) -> Vec<Provider> {
    let mut all = usual();
    let hour = |dice: &mut Dice, earliest: i64| {
        earliest * HOUR + i64::from(u32::try_from(dice.bits() % 120).unwrap_or(0)) * MINUTE
    };
    for one in &mut all {
        (one.minute, one.day, one.told) = (30, 2_000, (30, 2_000));
        let begins = hour(dice, 9);
        *one = match one.name {
            "apex" => one
                .clone()
                .spell(begins, begins + 4 * HOUR, Trouble::Silent),
            "boreal" => one.clone().spell(begins, begins + 5 * HOUR, Trouble::Down),
            "cirrus" => (0..12).fold(one.clone(), |one, nth| {
                let from = begins + nth * 30 * MINUTE;
                one.spell(from, from + 12 * MINUTE, Trouble::Down)
            }),
            _ => one.clone(),
        };
    }
    vary(dice, all)
}

fn drift(dice: &mut Dice) -> Vec<Provider> {
    let day = (9 * HOUR, 19 * HOUR);
    let mut all = usual();
    for one in &mut all {
        (one.minute, one.day, one.told) = (30, 2_000, (30, 2_000));
        (one.fails, one.breaks) = (0.02, 0.01);
        *one = match one.name {
            "apex" | "cirrus" | "fjord" => {
                one.clone().spell(day.0, day.1, Trouble::Slow(5.0, 0.08))
            }
            "boreal" | "dune" => one.clone().spell(0, day.0, Trouble::Slow(4.0, 0.08)).spell(
                day.1,
                DAY,
                Trouble::Slow(4.0, 0.08),
            ),
            _ => one.clone(),
        };
    }
    vary(dice, all)
}

fn cliff(dice: &mut Dice) -> Vec<Provider> {
    let mut all = usual();
    for one in &mut all {
        *one = match one.name {
            "apex" => one.clone().really(4, 60).without_hints(),
            "boreal" => one.clone().really(3, 120).without_hints(),
            "dune" => one.clone().really(5, 200).without_hints(),
            _ => one.clone(),
        };
    }
    vary(dice, all)
}

fn newcomer(dice: &mut Dice) -> Vec<Provider> {
    let mut all = usual();
    all.retain(|one| !matches!(one.name, "cirrus" | "fjord"));
    all.push(
        Provider::new("idol", 990, 8_000.0, 20.0)
            .faulty(0.35, 0.2)
            .limits(30, 2_000)
            .since(6 * HOUR),
    );
    all.push(
        Provider::new("jade", 840, 300.0, 350.0)
            .faulty(0.005, 0.002)
            .limits(30, 2_000)
            .since(6 * HOUR),
    );
    vary(dice, all)
}

fn optimal(dice: &mut Dice) -> Vec<Provider> {
    let all = vec![
        Provider::new("apex", 950, 350.0, 300.0)
            .faulty(0.005, 0.002)
            .limits(30, 1_500),
        Provider::new("boreal", 880, 500.0, 200.0)
            .faulty(0.008, 0.003)
            .limits(30, 1_500),
        Provider::new("cirrus", 800, 800.0, 120.0)
            .faulty(0.01, 0.005)
            .limits(30, 1_500),
        Provider::new("dune", 700, 1_200.0, 80.0)
            .faulty(0.02, 0.01)
            .limits(30, 1_500),
        Provider::new("ember", 600, 2_000.0, 50.0)
            .faulty(0.03, 0.02)
            .limits(30, 3_000),
    ];
    vary(dice, all)
}
