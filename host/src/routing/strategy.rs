//! What makes a candidate good: strategies and their weights.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much each side of a candidate counts. Their sum is what matters, not their size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// That an answer comes at all.
    #[serde(default)]
    pub reliability: f32,
    /// How soon it begins and how quickly it goes on.
    #[serde(default)]
    pub speed: f32,
    /// The model's rank.
    #[serde(default)]
    pub capability: f32,
    /// How much is left of the key's limits.
    #[serde(default)]
    pub headroom: f32,
}

/// In which order candidates are tried.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// As the user or the catalogue ranked them; nothing is learnt.
    Priority,
    /// Something of all.
    #[default]
    Balanced,
    /// The most capable that works.
    Smartest,
    /// The quickest.
    Fastest,
    /// The one that fails least.
    Reliable,
    /// What there is most left of.
    Cheap,
    /// The user's own weights.
    Custom(Weights),
}

/// Every word that names a strategy.
const WORDS: [(&str, Strategy); 17] = [
    ("priority", Strategy::Priority),
    ("balanced", Strategy::Balanced),
    ("smartest", Strategy::Smartest),
    ("smart", Strategy::Smartest),
    ("best", Strategy::Smartest),
    ("intelligence", Strategy::Smartest),
    ("fastest", Strategy::Fastest),
    ("fast", Strategy::Fastest),
    ("quick", Strategy::Fastest),
    ("speed", Strategy::Fastest),
    ("reliable", Strategy::Reliable),
    ("reliability", Strategy::Reliable),
    ("stable", Strategy::Reliable),
    ("cheap", Strategy::Cheap),
    ("cheapest", Strategy::Cheap),
    ("price", Strategy::Cheap),
    ("budget", Strategy::Cheap),
];

const fn weights(reliability: f32, speed: f32, capability: f32, headroom: f32) -> Weights {
    Weights {
        reliability,
        speed,
        capability,
        headroom,
    }
}

impl Weights {
    /// In all 1. `None` for weights that are negative, not finite, or all zero.
    #[must_use]
    pub fn normalised(self) -> Option<Self> {
        let all = [self.reliability, self.speed, self.capability, self.headroom];
        let sum: f32 = all.iter().sum();
        let sound = all.iter().all(|one| one.is_finite() && *one >= 0.0) && sum.is_finite();
        (sound && sum > 0.0).then(|| {
            weights(
                self.reliability / sum,
                self.speed / sum,
                self.capability / sum,
                self.headroom / sum,
            )
        })
    }

    /// Reads `reliability=5,speed=3,capability=2,headroom=0`; what is not named is 0.
    ///
    /// # Errors
    /// Says which part is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut read = weights(0.0, 0.0, 0.0, 0.0);
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let number = part
                .split_once('=')
                .and_then(|(name, value)| Some((name.trim(), value.trim().parse::<f32>().ok()?)));
            let Some((name, value)) = number else {
                return Err(format!("{part:?} is not NAME=NUMBER, as `speed=3`"));
            };
            *match name {
                "reliability" => &mut read.reliability,
                "speed" => &mut read.speed,
                "capability" => &mut read.capability,
                "headroom" => &mut read.headroom,
                _ => {
                    return Err(format!(
                        "there is no weight {name:?}; there are reliability, speed, capability and headroom"
                    ));
                }
            } = value;
        }
        read.normalised()
            .ok_or_else(|| "weights are numbers from 0, at least one of them above".to_owned())
    }
}

impl Strategy {
    /// All that have a name, by their first one.
    pub const NAMED: [Self; 6] = [
        Self::Priority,
        Self::Balanced,
        Self::Smartest,
        Self::Fastest,
        Self::Reliable,
        Self::Cheap,
    ];

    /// By its name or a synonym, in lower case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, strategy)| *strategy)
    }

    /// Every word for a strategy.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word)
    }

    /// Its weights; `None` where nothing is weighed.
    #[must_use]
    pub fn weights(self) -> Option<Weights> {
        match self {
            Self::Priority => None,
            Self::Balanced => Some(weights(0.5, 0.25, 0.25, 0.0)),
            Self::Smartest => Some(weights(0.35, 0.1, 0.55, 0.0)),
            Self::Fastest => Some(weights(0.35, 0.55, 0.1, 0.0)),
            Self::Reliable => Some(weights(0.7, 0.15, 0.15, 0.0)),
            Self::Cheap => Some(weights(0.4, 0.1, 0.1, 0.4)),
            Self::Custom(own) => Some(own.normalised().unwrap_or(weights(0.5, 0.25, 0.25, 0.0))),
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Priority => "priority",
            Self::Balanced => "balanced",
            Self::Smartest => "smartest",
            Self::Fastest => "fastest",
            Self::Reliable => "reliable",
            Self::Cheap => "cheap",
            Self::Custom(_) => "custom",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_word_of_its_own() {
        for strategy in Strategy::NAMED {
            assert_eq!(Strategy::of_word(&strategy.to_string()), Some(strategy));
        }
        assert_eq!(Strategy::of_word("smart"), Some(Strategy::Smartest));
        assert_eq!(Strategy::of_word("Fast"), None);
    }

    #[test]
    fn weights_are_read_and_brought_to_one() {
        let read = Weights::parse("reliability=6, speed=2,capability=2").unwrap();
        assert!((read.reliability - 0.6).abs() < 1e-6);
        assert_eq!(read.headroom, 0.0);
        for (text, says) in [
            ("", "above"),
            ("speed=0", "above"),
            ("speed=-1,capability=2", "from 0"),
            ("speed=NaN", "from 0"),
            ("speed=inf", "from 0"),
            ("speed", "NAME=NUMBER"),
            ("speed=quick", "NAME=NUMBER"),
            ("taste=1", "capability"),
        ] {
            let error = Weights::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn strategies_survive_the_store() {
        let custom = Strategy::Custom(Weights::parse("speed=1").unwrap());
        for strategy in Strategy::NAMED.into_iter().chain([custom]) {
            let text = serde_json::to_string(&strategy).unwrap();
            assert_eq!(serde_json::from_str::<Strategy>(&text).unwrap(), strategy);
        }
    }
}
