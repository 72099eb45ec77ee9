//! What changed on the server, as it happens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use freellmapi_types::{Changed, Topic};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};
use yew::prelude::*;

/// Changes that come faster are told as one, milliseconds: a busy server changes a thousand times a second.
const PAUSE_MS: u32 = 400;

/// How often each topic changed since the page was opened, and whether we would hear of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Live {
    keys: u32,
    plugins: u32,
    requests: u32,
    /// The line to the server is open.
    pub(crate) connected: bool,
    /// It was open before.
    known: bool,
}

impl Live {
    /// Another number whenever one of these changed.
    pub(crate) fn seen(self, topics: &[Topic]) -> u32 {
        let counts = topics.iter().map(|topic| match topic {
            Topic::Keys => self.keys,
            Topic::Plugins => self.plugins,
            Topic::Requests => self.requests,
        });
        counts.fold(0, u32::wrapping_add)
    }

    fn with(mut self, topics: &[Topic]) -> Self {
        for topic in topics {
            let count = match topic {
                Topic::Keys => &mut self.keys,
                Topic::Plugins => &mut self.plugins,
                Topic::Requests => &mut self.requests,
            };
            *count = count.wrapping_add(1);
        }
        self
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) children: Html,
}

/// What the line tells.
pub(crate) enum Event {
    Changed(Vec<Topic>),
    Connected(bool),
}

impl Reducible for Live {
    type Action = Event;

    fn reduce(self: Rc<Self>, event: Event) -> Rc<Self> {
        Rc::new(match event {
            Event::Changed(topics) => self.with(&topics),
            // What happened while the line was down is unknown: all may have changed.
            Event::Connected(true) if self.known && !self.connected => Self {
                connected: true,
                ..self.with(&[Topic::Keys, Topic::Plugins, Topic::Requests])
            },
            Event::Connected(connected) => Self {
                connected,
                known: self.known || connected,
                ..*self
            },
        })
    }
}

/// Gives [`Live`] to what is inside; the line is open as long as this is shown.
#[component]
pub(crate) fn Provider(props: &Props) -> Html {
    let live = use_reducer_eq(Live::default);
    {
        let live = live.dispatcher();
        use_effect_with((), move |()| {
            let line = listen(live);
            move || drop(line)
        });
    }
    html! {
        <ContextProvider<Live> context={*live}>{ props.children.clone() }</ContextProvider<Live>>
    }
}

type Handler = Closure<dyn FnMut(web_sys::Event)>;

/// An open line; closes it when dropped.
struct Line {
    source: EventSource,
    _handlers: [Handler; 3],
}

impl Drop for Line {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn listen(live: UseReducerDispatcher<Live>) -> Option<Line> {
    let source = EventSource::new("/api/events").ok()?;
    let waiting: Rc<RefCell<Vec<Topic>>> = Rc::default();
    let timer: Rc<Cell<Option<Timeout>>> = Rc::default();
    let changed = {
        let live = live.clone();
        Handler::new(move |event: web_sys::Event| {
            let data = event
                .dyn_ref::<MessageEvent>()
                .and_then(|event| event.data().as_string());
            let changed = data.and_then(|data| serde_json::from_str::<Changed>(&data).ok());
            let Some(changed) = changed else { return };
            let mut topics = waiting.borrow_mut();
            let first = topics.is_empty();
            for topic in changed.what {
                if !topics.contains(&topic) {
                    topics.push(topic);
                }
            }
            if first && !topics.is_empty() {
                let (waiting, live) = (Rc::clone(&waiting), live.clone());
                timer.set(Some(Timeout::new(PAUSE_MS, move || {
                    live.dispatch(Event::Changed(waiting.take()));
                })));
            }
        })
    };
    let open = {
        let live = live.clone();
        Handler::new(move |_| live.dispatch(Event::Connected(true)))
    };
    // The browser opens it again by itself.
    let lost = Handler::new(move |_| live.dispatch(Event::Connected(false)));
    let function = |handler: &Handler| handler.as_ref().clone().unchecked_into();
    let listened = source.add_event_listener_with_callback("changed", &function(&changed));
    listened.ok()?;
    source.set_onopen(Some(&function(&open)));
    source.set_onerror(Some(&function(&lost)));
    Some(Line {
        source,
        _handlers: [changed, open, lost],
    })
}
