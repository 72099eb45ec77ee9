//! `freellmapi route`: which model goes first, profiles and aliases.

use std::sync::Arc;

use clap::Subcommand;
use freellmapi_types::RouteCandidate;

use super::AppError;
use super::out::{line, table};
use crate::app::{Base, Shop, ShopSettings};
use crate::limits::{Cooldowns, Ledger};
use crate::manage::routing;
use crate::routing::Table;
use crate::routing::arms::Arms;
use crate::routing::explain::{State, USUAL_INPUT, explain, must};
use crate::routing::routes::{Link, Profile, Routes};
use crate::routing::strategy::{Strategy, Weights};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the strategy, the profiles and the aliases.
    List,
    /// Show the models of a profile, or of the one in use.
    Show {
        /// Its name.
        profile: Option<String>,
    },
    /// Set the models of a profile, in their order: clients call it `auto:NAME`.
    Set {
        /// Its name.
        profile: String,
        /// Names of models; one that begins with `-` is switched off and keeps its place (put `--` before the first).
        #[arg(required = true)]
        models: Vec<String>,
        /// Order them by this strategy instead of as they are given.
        #[arg(long, value_name = "NAME")]
        strategy: Option<String>,
    },
    /// Remove a profile.
    Remove {
        /// Its name.
        profile: String,
    },
    /// Have `auto` stand for a profile, or, without one, for all models.
    Use {
        /// Its name.
        profile: Option<String>,
    },
    /// Show or set how models are ordered: priority, balanced, smartest, fastest, reliable, cheap or custom.
    Strategy {
        /// Its name.
        name: Option<String>,
        /// For `custom`: `reliability=5,speed=3,capability=2,headroom=1`.
        #[arg(long)]
        weights: Option<String>,
    },
    /// Have a name stand for a model, or, without one, for nothing any more.
    Alias {
        /// What clients say.
        name: String,
        /// What it stands for: any name of a model, `auto:smart`.
        model: Option<String>,
    },
    /// Say why the order is what it is.
    Explain {
        /// Any name that a client may use.
        #[arg(default_value = "auto")]
        model: String,
        /// The size of the request, tokens.
        #[arg(long, default_value_t = USUAL_INPUT, value_name = "TOKENS")]
        input: u64,
        /// What it uses: tools, images, audio, documents.
        #[arg(long, value_delimiter = ',', value_name = "WORDS")]
        uses: Vec<String>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(
    base: Base,
    settings: &ShopSettings,
    command: Command,
) -> Result<(), AppError> {
    let store = &base.store;
    let routes = store.routes().await.map_err(AppError::of)?;
    match command {
        Command::List => {
            list(&routes);
            Ok(())
        }
        Command::Show { profile } => show(&routes, profile.as_deref()),
        Command::Set {
            profile,
            models,
            strategy,
        } => {
            let profile = new_profile(profile, &models, strategy.as_deref())?;
            routing::set_profile(store, &routes, &profile)
                .await
                .map_err(AppError::of)?;
            line(&format!("clients reach it as `auto:{}`", profile.name));
            Ok(())
        }
        Command::Remove { profile } => {
            if routes.profile(&profile).is_none() {
                return Err(no_profile(&profile));
            }
            routing::remove_profile(store, &profile)
                .await
                .map_err(AppError::of)?;
            line("removed");
            Ok(())
        }
        Command::Use { profile } => {
            if let Some(name) = profile
                .as_deref()
                .filter(|name| routes.profile(name).is_none())
            {
                return Err(no_profile(name));
            }
            store
                .use_profile(profile.as_deref())
                .await
                .map_err(AppError::of)?;
            match profile {
                Some(name) => line(&format!("`auto` stands for the profile `{name}`")),
                None => line("`auto` stands for all models"),
            }
            Ok(())
        }
        Command::Strategy {
            name: None,
            weights: None,
        } => {
            line(&strategy_words(&routes.strategy));
            Ok(())
        }
        Command::Strategy { name, weights } => {
            let strategy = read_strategy(name.as_deref(), weights.as_deref())?;
            store.set_strategy(&strategy).await.map_err(AppError::of)?;
            line(&strategy_words(&strategy));
            Ok(())
        }
        Command::Alias {
            name,
            model: Some(model),
        } => {
            routing::set_alias(store, &routes, &name, &model)
                .await
                .map_err(AppError::of)?;
            line(&format!("`{name}` stands for `{model}`"));
            Ok(())
        }
        Command::Alias { name, model: None } => {
            if !store.remove_alias(&name).await.map_err(AppError::of)? {
                return Err(AppError(format!(
                    "there is no alias `{name}`; see `freellmapi route list`"
                )));
            }
            line("removed");
            Ok(())
        }
        Command::Explain {
            model,
            input,
            uses,
            json,
        } => {
            let shop = Shop::open(base, settings).await?;
            explained(&shop, routes, &model, input, &uses, json).await
        }
    }
}

fn list(routes: &Routes) {
    line(&format!("strategy: {}", strategy_words(&routes.strategy)));
    let active = routes.active.as_deref().unwrap_or("all models");
    line(&format!("`auto` stands for: {active}"));
    for profile in routes.profiles.values() {
        let on = profile.chain.iter().filter(|link| link.enabled).count();
        line(&format!(
            "profile {}: {on} of {} models on",
            profile.name,
            profile.chain.len()
        ));
    }
    for (name, target) in &routes.aliases {
        line(&format!("alias {name} -> {target}"));
    }
}

fn show(routes: &Routes, name: Option<&str>) -> Result<(), AppError> {
    let Some(name) = name.or(routes.active.as_deref()) else {
        list(routes);
        return Ok(());
    };
    let profile = routes.profile(name).ok_or_else(|| no_profile(name))?;
    match &profile.strategy {
        Some(strategy) => line(&format!("ordered by: {}", strategy_words(strategy))),
        None => line("in this order:"),
    }
    for link in &profile.chain {
        let off = if link.enabled { "" } else { " (off)" };
        line(&format!("  {}{off}", link.model));
    }
    Ok(())
}

fn new_profile(
    name: String,
    models: &[String],
    strategy: Option<&str>,
) -> Result<Profile, AppError> {
    Ok(Profile {
        name,
        chain: models.iter().map(|model| Link::parse(model)).collect(),
        strategy: strategy
            .map(|strategy| read_strategy(Some(strategy), None))
            .transpose()?,
    })
}

fn read_strategy(name: Option<&str>, weights: Option<&str>) -> Result<Strategy, AppError> {
    let custom = name.is_none_or(|name| name.eq_ignore_ascii_case("custom"));
    match (custom, weights) {
        (true, Some(weights)) => Weights::parse(weights)
            .map(Strategy::Custom)
            .map_err(|why| AppError(format!("--weights: {why}"))),
        (true, None) => Err(AppError(
            "`custom` needs --weights, as `--weights reliability=5,speed=3,capability=2`"
                .to_owned(),
        )),
        (false, Some(_)) => Err(AppError("only `custom` takes --weights".to_owned())),
        (false, None) => routing::strategy(name.unwrap_or_default()).map_err(AppError::of),
    }
}

fn strategy_words(strategy: &Strategy) -> String {
    match strategy.weights() {
        None => format!("{strategy} (nothing is weighed)"),
        Some(Weights {
            reliability,
            speed,
            capability,
            headroom,
        }) => format!(
            "{strategy} (reliability {reliability:.2}, speed {speed:.2}, capability {capability:.2}, headroom {headroom:.2})"
        ),
    }
}

fn no_profile(name: &str) -> AppError {
    AppError(format!(
        "there is no profile `{name}`; see `freellmapi route list`"
    ))
}

async fn explained(
    shop: &Shop,
    routes: Routes,
    model: &str,
    input: u64,
    uses: &[String],
    json: bool,
) -> Result<(), AppError> {
    let must =
        must(uses.iter().map(String::as_str)).map_err(|why| AppError(format!("--uses: {why}")))?;
    let (store, now_ms) = (&shop.base.store, shop.clock.now_ms());
    let arms = Arms::default();
    arms.restore(store.outcomes().await.map_err(AppError::of)?);
    let ledger = Arc::new(Ledger::new());
    ledger.restore(&store.blocks().await.map_err(AppError::of)?, now_ms);
    let cooldowns = Cooldowns::new();
    cooldowns.restore(&store.cooldowns().await.map_err(AppError::of)?, now_ms);
    let keys = store.keys(&shop.base.vault).await.map_err(AppError::of)?;
    let keys: Vec<_> = keys.into_iter().map(Arc::new).collect();
    let table = Table::new(&keys, &shop.registry.current(), routes, &arms);
    let selection = table.select(model).map_err(AppError::of)?;
    let state = State {
        ledger: &ledger,
        cooldowns: &cooldowns,
        now_ms,
    };
    let lines = explain(&table, &selection, must, input, state);
    if json {
        line(&serde_json::to_string(&lines).map_err(AppError::of)?);
        return Ok(());
    }
    if lines.is_empty() {
        line("No model can be called; see `freellmapi key list`.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = lines.iter().map(cells).collect();
    let head = [
        "MODEL", "KEY", "PRIO", "SCORE", "RELIABLE", "SPEED", "CAPABLE", "LEFT", "SEEN", "NOTE",
    ];
    self::table(&head, &rows);
    line(
        "score = reliability x (weights of reliability, speed, capability and headroom), less where little is left",
    );
    Ok(())
}

fn cells(one: &RouteCandidate) -> Vec<String> {
    let rests = one
        .rests
        .as_ref()
        .zip(one.rests_ms)
        .map(|(kind, ms)| format!("rests {} s: {kind}", ms.max(0) / 1000));
    let new = one.new.then(|| "new: tried out now and then".to_owned());
    let note = one.lack.clone().or(rests).or(new);
    vec![
        one.name.clone(),
        one.key.clone(),
        one.priority.to_string(),
        one.score
            .map_or_else(|| "-".to_owned(), |score| format!("{score:.3}")),
        format!("{:.2}", one.reliability),
        format!("{:.2}", one.speed),
        format!("{:.2}", one.capability),
        format!("{:.0} %", one.headroom * 100.0),
        format!("{:.0}", one.seen),
        note.unwrap_or_default(),
    ]
}
