//! `/api/routing`, `/api/routing/profiles` and `/api/routing/aliases`: what the user set. The server routes by it some
//! tenths of a second after a change is answered, as with `freellmapi route`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use freellmapi_types::{AliasView, LinkView, ProfileView, RouteWeights, RoutingPatch, RoutingView};

use crate::admin::Admin;
use crate::admin::body::Json;
use crate::admin::refusal::Refusal;
use crate::manage::{Refused, routing};
use crate::routing::routes::{Link, Profile, Routes};
use crate::routing::strategy::{Strategy, Weights};

type Answer = Result<axum::Json<RoutingView>, Refusal>;

/// What stands for weights of the user's own.
const CUSTOM: &str = "custom";

pub(in crate::admin) async fn show(State(admin): State<Arc<Admin>>) -> Answer {
    Ok(axum::Json(view(admin.store().routes().await?)))
}

pub(in crate::admin) async fn patch(
    State(admin): State<Arc<Admin>>,
    Json(change): Json<RoutingPatch>,
) -> Answer {
    let store = admin.store();
    let strategy = change.strategy.as_deref().map(routing::strategy);
    let strategy = strategy.transpose()?;
    // First what may be refused: then nothing is changed.
    if let Some(name) = &change.active {
        let name = Some(name.as_str()).filter(|name| !name.is_empty());
        store.use_profile(name).await?;
    }
    if let Some(strategy) = strategy {
        store.set_strategy(&strategy).await?;
    }
    show(State(admin)).await
}

pub(in crate::admin) async fn set_profile(
    State(admin): State<Arc<Admin>>,
    Json(wanted): Json<ProfileView>,
) -> Answer {
    let store = admin.store();
    let routes = store.routes().await?;
    let strategy = match wanted.strategy.as_deref() {
        None => None,
        Some(CUSTOM) => Some(own_weights(&routes, &wanted.name)?),
        Some(name) => Some(routing::strategy(name)?),
    };
    let link = |link: LinkView| Link {
        model: link.model,
        enabled: link.enabled,
    };
    let profile = Profile {
        name: wanted.name,
        chain: wanted.chain.into_iter().map(link).collect(),
        strategy,
    };
    routing::set_profile(store, &routes, &profile).await?;
    show(State(admin)).await
}

/// Those that the profile has already.
fn own_weights(routes: &Routes, name: &str) -> Result<Strategy, Refused> {
    let own = routes.profile(name).and_then(|profile| profile.strategy);
    own.filter(|own| matches!(own, Strategy::Custom(_)))
        .ok_or_else(|| {
            Refused::field(
                "strategy",
                "own weights are set on the command line: `freellmapi route strategy`",
            )
        })
}

pub(in crate::admin) async fn remove_profile(
    State(admin): State<Arc<Admin>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    routing::remove_profile(admin.store(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(in crate::admin) async fn set_alias(
    State(admin): State<Arc<Admin>>,
    Json(wanted): Json<AliasView>,
) -> Answer {
    let store = admin.store();
    let routes = store.routes().await?;
    routing::set_alias(store, &routes, &wanted.name, &wanted.target).await?;
    show(State(admin)).await
}

pub(in crate::admin) async fn remove_alias(
    State(admin): State<Arc<Admin>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    routing::remove_alias(admin.store(), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(routes: Routes) -> RoutingView {
    let aliases = routes.aliases.into_iter();
    RoutingView {
        strategy: routes.strategy.to_string(),
        weights: routes.strategy.weights().map(weights),
        strategies: Strategy::NAMED.iter().map(ToString::to_string).collect(),
        active: routes.active,
        profiles: routes.profiles.into_values().map(profile).collect(),
        aliases: aliases
            .map(|(name, target)| AliasView { name, target })
            .collect(),
    }
}

fn profile(profile: Profile) -> ProfileView {
    let link = |link: Link| LinkView {
        model: link.model,
        enabled: link.enabled,
    };
    ProfileView {
        name: profile.name,
        strategy: profile.strategy.map(|strategy| strategy.to_string()),
        chain: profile.chain.into_iter().map(link).collect(),
    }
}

pub(super) fn weights(weights: Weights) -> RouteWeights {
    RouteWeights {
        reliability: weights.reliability,
        speed: weights.speed,
        capability: weights.capability,
        headroom: weights.headroom,
    }
}
