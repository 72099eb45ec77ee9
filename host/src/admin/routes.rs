//! The one table of all routes, from which the router is built: a route that is not in it does not exist, and one that
//! does not say otherwise is closed.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::guard::{Access, guard};
use super::refusal::Refusal;
use super::routing::chains;
use super::{
    Admin, account, analytics, events, keys, models, overview, plugins, providers, requests,
    routing, tokens,
};

/// Where all of it lies.
const BASE: &str = "/api";

/// A method of a path.
pub(super) struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "the table is walked by tests"))]
    pub(super) verb: Verb,
    /// Below [`BASE`].
    pub(super) path: &'static str,
    pub(super) access: Access,
    handler: MethodRouter<Arc<Admin>>,
}

/// The methods in use. All but the first change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

use Verb::{Delete, Get, Patch, Post};

/// All routes.
pub(super) fn table() -> Vec<Route> {
    vec![
        route(Get, "/session", account::session).open(),
        route(Post, "/setup", account::set_up).open(),
        route(Post, "/login", account::login).open(),
        route(Post, "/logout", account::logout),
        route(Post, "/logout-everywhere", account::logout_everywhere),
        route(Post, "/password", account::change),
        route(Get, "/providers", providers::list),
        route(Get, "/keys", keys::list),
        route(Post, "/keys", keys::add),
        route(Post, "/keys/import", keys::import),
        route(Patch, "/keys/{id}", keys::patch),
        route(Delete, "/keys/{id}", keys::remove),
        route(Post, "/keys/{id}/test", keys::test),
        route(Post, "/endpoints", keys::add_endpoint),
        route(Get, "/plugins", plugins::list),
        route(Post, "/plugins", plugins::upload),
        route(Post, "/plugins/{id}/grant", plugins::grant),
        route(Post, "/plugins/{id}/revoke", plugins::revoke),
        route(Post, "/plugins/{id}/enable", plugins::enable),
        route(Post, "/plugins/{id}/disable", plugins::disable),
        route(Get, "/tokens", tokens::list),
        route(Post, "/tokens/{id}/show", tokens::show),
        route(Post, "/tokens/{id}/rotate", tokens::rotate),
        route(Get, "/models", models::list),
        route(Get, "/requests", requests::list),
        route(Get, "/analytics", analytics::show),
        route(Get, "/routing", chains::show),
        route(Patch, "/routing", chains::patch),
        route(Post, "/routing/profiles", chains::set_profile),
        route(Delete, "/routing/profiles/{id}", chains::remove_profile),
        route(Post, "/routing/aliases", chains::set_alias),
        route(Delete, "/routing/aliases/{id}", chains::remove_alias),
        route(Get, "/routing/explain", routing::explain),
        route(Get, "/overview", overview::overview),
        route(Get, "/events", events::events),
    ]
}

/// The router of the table.
pub fn router(admin: Arc<Admin>) -> Router {
    let guarded = |access| from_fn_with_state((Arc::clone(&admin), access), guard);
    let mut router = Router::new();
    for route in table() {
        router = router.route(route.path, route.handler.layer(guarded(route.access)));
    }
    // What is there, too, is told to the owner only.
    let router = router
        .method_not_allowed_fallback(wrong_method.layer(guarded(Access::Owner)))
        .fallback(no_such_path.layer(guarded(Access::Owner)))
        .with_state(Arc::clone(&admin));
    Router::new().nest(BASE, router)
}

fn route<H, T>(verb: Verb, path: &'static str, handler: H) -> Route
where
    H: Handler<T, Arc<Admin>>,
    T: 'static,
{
    Route {
        verb,
        path,
        access: Access::Owner,
        handler: on(verb.filter(), handler),
    }
}

impl Route {
    /// Lets everybody in.
    fn open(self) -> Self {
        Self {
            access: Access::Anybody,
            ..self
        }
    }
}

impl Verb {
    #[cfg(test)]
    pub(super) fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

async fn no_such_path(uri: Uri) -> Refusal {
    let path: String = uri.path().chars().take(200).collect();
    Refusal::new(
        StatusCode::NOT_FOUND,
        "not_found",
        format!("There is nothing at {BASE}{path}."),
    )
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let path: String = uri.path().chars().take(200).collect();
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "wrong_method",
        format!("{BASE}{path} does not take {method}."),
    )
}
