//! The admin API's requests and answers, shared by the server and the dashboard. All of it is JSON under `/api/`.
//!
//! | Method and path | Request | Answer |
//! |---|---|---|
//! | `GET /api/session` | | [`SessionState`], also to strangers |
//! | `POST /api/setup` | [`SetUp`] | [`Session`] and the cookie |
//! | `POST /api/login` | [`Login`] | [`Session`] and the cookie |
//! | `POST /api/logout` | | 204, this session is over |
//! | `POST /api/logout-everywhere` | | 204, all sessions are over |
//! | `POST /api/password` | [`PasswordChange`] | [`Session`]: a new one, all others are over |
//! | `GET /api/providers` | | list of [`ProviderView`] |
//! | `GET /api/keys` | | list of [`KeyView`] |
//! | `POST /api/keys` | [`NewKey`] | 201, [`KeyView`] |
//! | `PATCH /api/keys/{id}` | [`KeyPatch`] | [`KeyView`] |
//! | `DELETE /api/keys/{id}` | | 204 |
//! | `POST /api/keys/{id}/test` | | [`KeyTest`] |
//! | `POST /api/keys/import` | [`Import`] | [`ImportReport`] |
//! | `POST /api/endpoints` | [`NewEndpoint`] | 201, [`EndpointAdded`] |
//! | `GET /api/plugins` | | list of [`PluginView`] |
//! | `POST /api/plugins` | the bytes of a `.wasm`, `application/wasm` | 201, [`PluginView`] |
//! | `POST /api/plugins/{id}/grant` | [`GrantRequest`] | [`PluginView`] |
//! | `POST /api/plugins/{id}/revoke`, `…/enable`, `…/disable` | | [`PluginView`] |
//! | `GET /api/tokens` | | list of [`TokenView`] |
//! | `POST /api/tokens/{id}/show` | [`Password`] | [`TokenShown`] |
//! | `POST /api/tokens/{id}/rotate` | [`Password`] | [`TokenShown`], the new one |
//! | `GET /api/models` | | list of [`ModelView`] |
//! | `GET /api/requests?before=ID&limit=N` | | [`RequestPage`] |
//! | `GET /api/analytics?hours=N` | | [`Analytics`] |
//! | `GET /api/routing` | | [`RoutingView`] |
//! | `PATCH /api/routing` | [`RoutingPatch`] | [`RoutingView`] |
//! | `POST /api/routing/profiles` | [`ProfileView`] | [`RoutingView`] |
//! | `DELETE /api/routing/profiles/{name}` | | 204 |
//! | `POST /api/routing/aliases` | [`AliasView`] | [`RoutingView`] |
//! | `DELETE /api/routing/aliases/{name}` | | 204 |
//! | `GET /api/routing/explain?model=NAME&input=TOKENS&uses=WORDS` | | [`RouteExplanation`] |
//! | `GET /api/overview` | | [`Overview`] |
//! | `GET /api/events` | | server-sent events named `changed`, each with a [`Changed`] |
//!
//! Everything but `GET /api/session`, `POST /api/setup` and `POST /api/login` needs the session's cookie, else 401.
//! Whatever is no `GET` also needs the header [`CSRF_HEADER`] with [`Session::csrf`], else 403. A request that
//! is refused is answered with an [`ErrorBody`]. Times are milliseconds since 1970 UTC, and end in `_ms`.

mod account;
mod analytics;
mod chains;
mod error;
mod keys;
mod models;
mod plugins;
mod requests;
mod routing;
mod status;
mod tokens;

pub use account::{CSRF_HEADER, Login, PasswordChange, Session, SessionState, SetUp, SetupState};
pub use analytics::{Analytics, Figures, Share, Step};
pub use chains::{AliasView, LinkView, ProfileView, RoutingPatch, RoutingView};
pub use error::{ApiError, ErrorBody};
pub use keys::{
    CredentialField, EndpointAdded, Import, ImportItem, ImportOutcome, ImportReport, KeyPatch,
    KeyTest, KeyView, NewEndpoint, NewKey, ProviderView, SettingField, Verdict,
};
pub use models::ModelView;
pub use plugins::{CredentialUse, GrantRequest, PluginSource, PluginState, PluginView, ReachView};
pub use requests::{
    Changed, KeyCounts, Overview, PluginCounts, RequestCounts, RequestPage, RequestView, Topic,
};
pub use routing::{RouteCandidate, RouteExplanation, RouteWeights};
pub use status::{KeyState, KeyStatus, ModelRest};
pub use tokens::{Password, TokenShown, TokenView};
