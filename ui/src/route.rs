//! The pages' paths. The server sends the shell for the same ones: `host/src/api/shell.rs`.

use yew_router::Routable;

use crate::i18n::Key;
use crate::widgets::Shape;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Routable)]
pub(crate) enum Route {
    #[at("/")]
    Start,
    #[at("/keys")]
    Keys,
    #[at("/plugins")]
    Plugins,
    #[at("/models")]
    Models,
    #[at("/routing")]
    Routing,
    #[at("/analytics")]
    Analytics,
    #[at("/requests")]
    Requests,
    #[at("/playground")]
    Playground,
    #[at("/settings")]
    Settings,
    /// Also where set-up and log-in were.
    #[not_found]
    #[at("/404")]
    Unknown,
}

impl Route {
    /// Those of the menu, in its order.
    pub(crate) const MENU: [Self; 9] = [
        Self::Start,
        Self::Keys,
        Self::Plugins,
        Self::Models,
        Self::Routing,
        Self::Requests,
        Self::Analytics,
        Self::Playground,
        Self::Settings,
    ];

    /// Its name.
    pub(crate) fn title(self) -> Key {
        match self {
            Self::Start | Self::Unknown => Key::PageStart,
            Self::Keys => Key::PageKeys,
            Self::Plugins => Key::PagePlugins,
            Self::Models => Key::PageModels,
            Self::Routing => Key::PageRouting,
            Self::Requests => Key::PageRequests,
            Self::Analytics => Key::PageAnalytics,
            Self::Playground => Key::PagePlayground,
            Self::Settings => Key::PageSettings,
        }
    }

    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::Start | Self::Unknown => Shape::Home,
            Self::Keys => Shape::Key,
            Self::Plugins => Shape::Plug,
            Self::Models => Shape::Layers,
            Self::Routing => Shape::Chain,
            Self::Requests => Shape::List,
            Self::Analytics => Shape::Chart,
            Self::Playground => Shape::Chat,
            Self::Settings => Shape::Gear,
        }
    }
}
