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
    pub(crate) const MENU: [Self; 7] = [
        Self::Start,
        Self::Keys,
        Self::Plugins,
        Self::Models,
        Self::Requests,
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
            Self::Requests => Key::PageRequests,
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
            Self::Requests => Shape::List,
            Self::Playground => Shape::Chat,
            Self::Settings => Shape::Gear,
        }
    }
}
