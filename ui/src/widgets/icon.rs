//! Line icons. They say nothing to screen readers: the words beside them do.

use yew::prelude::*;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Home,
    Key,
    Plug,
    Layers,
    List,
    Chat,
    Gear,
    Menu,
    Cross,
    Check,
    Globe,
    Lock,
    Alert,
    Upload,
    Exit,
    Chain,
    Chart,
    Up,
    Down,
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) shape: Shape,
}

#[component]
pub(crate) fn Icon(props: &Props) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d={props.shape.path()} />
        </svg>
    }
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Home => "M3 9.2 10 3l7 6.2M5 8v9h10V8M8.5 17v-4.5h3V17",
            Self::Key => {
                "M12.5 11.5a4 4 0 1 0-3.8-2.8L3 14.4V17h2.6v-2h2v-2h1.6l1.5-1.7M13.3 6.7h.01"
            }
            Self::Plug => "M7 2.5V7m6-4.5V7M4.5 7h11v2.5a5.5 5.5 0 0 1-11 0ZM10 15v3",
            Self::Layers => "m10 3 7.5 3.8L10 10.6 2.5 6.8ZM3 10.4l7 3.5 7-3.5M3 13.9l7 3.5 7-3.5",
            Self::List => "M7.5 5H17M7.5 10H17M7.5 15H17M3.5 5h.01M3.5 10h.01M3.5 15h.01",
            Self::Chat => "M3 4.5h14v9.5H9l-4 3.2V14H3Z",
            Self::Gear => "M3 6h7m4 0h3M3 14h3m4 0h7M12 4v4M8 12v4",
            Self::Menu => "M3 5.5h14M3 10h14M3 14.5h14",
            Self::Cross => "m5 5 10 10M15 5 5 15",
            Self::Check => "m4 10.5 4 4 8-9",
            Self::Globe => {
                "M17.5 10a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0ZM2.5 10h15M10 2.5c2.6 2.2 3.4 4.7 3.4 7.5s-.8 5.3-3.4 7.5C7.4 15.3 6.6 12.8 6.6 10s.8-5.3 3.4-7.5Z"
            }
            Self::Lock => "M4.5 9h11v8h-11ZM6.8 9V6.2a3.2 3.2 0 0 1 6.4 0V9",
            Self::Alert => "M10 3 2.5 16.5h15ZM10 8.2v3.8m0 2.2h.01",
            Self::Upload => "M10 13V3.5M6.2 7 10 3.3 13.8 7M3 13v4h14v-4",
            Self::Chain => "M5 4v12m-2.5-2.5L5 16l2.5-2.5M10.5 5H17M10.5 10H15M10.5 15H13",
            Self::Chart => "M3 3v14h14M7 13.5V10M11 13.5V6M15 13.5V8.5",
            Self::Up => "M10 16V4.5M5 9l5-5 5 5",
            Self::Down => "M10 4v11.5M5 11l5 5 5-5",
            Self::Exit => "M12 3.5H4v13h8M8.5 10H17m-3-3 3 3-3 3",
        }
    }
}
