//! The analytics page: what the request log comes to, as charts that also read as tables.

mod chart;

use freellmapi_types::{Analytics as Answer, Figures, Share, Step, Topic};
use yew::prelude::*;

use super::{blank, head, into_state};
use crate::api::use_resource;
use crate::i18n::{Key, Text, use_text};
use crate::widgets::{Bar, Choice};
use chart::{Chart, Point, Series};

/// Hours of the spans that can be chosen.
const SPANS: [(&str, Key); 4] = [
    ("24", Key::SpanDay),
    ("168", Key::SpanWeek),
    ("720", Key::SpanMonth),
    ("2160", Key::SpanQuarter),
];

const DAY_MS: i64 = 24 * 3_600_000;

#[component]
pub(crate) fn Analytics() -> Html {
    let text = use_text();
    let hours = use_state_eq(|| "24".to_owned());
    let path = format!("/api/analytics?hours={}", *hours);
    let answer = use_resource::<Answer>(path.into(), &[Topic::Requests]);
    let spans: Vec<_> = SPANS
        .map(|(hours, key)| (hours.to_owned(), text.say(key)))
        .into();
    let span = html! {
        <Choice id="span" label={text.say(Key::Span)} options={spans} value={(*hours).clone()} onchange={into_state(&hours)} />
    };
    html! {
        <div class="page">
            { head(text.say(Key::PageAnalytics), text.say(Key::AnalyticsAbout), span) }
            { answer.show(|answer| {
                if answer.total.requests == 0 {
                    let (title, about) = (text.say(Key::AnalyticsNone), text.say(Key::RequestsNoneAbout));
                    return html! { <section class="card">{ blank(title, about, Html::default()) }</section> };
                }
                page(answer, &text)
            }) }
        </div>
    }
}

fn page(answer: &Answer, text: &Text) -> Html {
    let points = |values: fn(&Figures) -> Vec<i64>| -> Vec<Point> {
        let point = |step: &Step| Point {
            label: text.step(step.at_ms, answer.step_ms >= DAY_MS).into(),
            values: values(&step.figures),
        };
        answer.steps.iter().map(point).collect()
    };
    let series = |name: Key, class: &'static str| Series {
        name: text.say(name),
        class,
    };
    let requests = points(|it| vec![it.succeeded, it.requests - it.succeeded]);
    let tokens = points(|it| vec![it.input_tokens, it.output_tokens]);
    let times = points(|it| vec![it.total_ms.unwrap_or(0)]);
    let whole = answer.total.requests;
    html! {
        <>
            { figures(answer, text) }
            <Chart id="chart-requests" title={text.say(Key::ChartRequests)} points={requests}
                series={vec![series(Key::ChartSucceeded, "ok"), series(Key::ChartFailed, "bad")]} />
            <Chart id="chart-tokens" title={text.say(Key::ChartTokens)} points={tokens}
                series={vec![series(Key::ChartIn, "accent"), series(Key::ChartOut, "idle")]} />
            <Chart id="chart-times" title={text.say(Key::ChartTimes)} points={times}
                series={vec![series(Key::ChartMean, "accent")]} />
            { table("by-provider", Key::ByProvider, Key::Provider, &answer.providers, whole, text) }
            { table("by-model", Key::ByModel, Key::Model, &answer.models, whole, text) }
        </>
    }
}

fn figures(answer: &Answer, text: &Text) -> Html {
    let total = &answer.total;
    let figure = |key: Key, value: String| {
        html! { <div class="card figure"><span class="quiet small">{ text.say(key) }</span><b>{ value }</b></div> }
    };
    html! {
        <div class="figures">
            { figure(Key::ChartRequests, text.number(total.requests)) }
            { figure(Key::ChartSuccess, rate(total)) }
            { figure(Key::ChartIn, text.number(total.input_tokens)) }
            { figure(Key::ChartOut, text.number(total.output_tokens)) }
            { figure(Key::TimeHalf, time(answer.p50_ms, text)) }
            { figure(Key::TimeMost, time(answer.p95_ms, text)) }
        </div>
    }
}

fn table(
    id: &'static str,
    title: Key,
    what: Key,
    shares: &[Share],
    whole: i64,
    text: &Text,
) -> Html {
    let headings = [
        (what, false),
        (Key::ChartRequests, true),
        (Key::ChartSuccess, true),
        (Key::ChartIn, true),
        (Key::ChartOut, true),
        (Key::RequestFirst, true),
        (Key::RequestTotal, true),
    ];
    let heading = |(key, number): (Key, bool)| {
        html! { <th scope="col" class={number.then_some("number")}>{ text.say(key) }</th> }
    };
    let row = |share: &Share| {
        let it = &share.figures;
        let name = match share.name.as_str() {
            "" => html! { <span class="quiet">{ text.say(Key::RequestNobody) }</span> },
            name => html! { <code class="break">{ name.to_owned() }</code> },
        };
        let cell = |key: Key, value: String| html! { <td class="number" data-name={text.say(key)}>{ value }</td> };
        html! {
            <tr key={share.name.clone()}>
                <td class="whole">{ name }</td>
                <td class="number" data-name={text.say(Key::ChartRequests)}>
                    <span class="row tight end">{ text.number(it.requests) }<Bar share={part(it.requests, whole)} /></span>
                </td>
                { cell(Key::ChartSuccess, rate(it)) }
                { cell(Key::ChartIn, text.number(it.input_tokens)) }
                { cell(Key::ChartOut, text.number(it.output_tokens)) }
                { cell(Key::RequestFirst, time(it.first_content_ms, text)) }
                { cell(Key::RequestTotal, time(it.total_ms, text)) }
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby={id}>
            <div class="card-head"><h2 {id}>{ text.say(title) }</h2></div>
            <div class="table-box">
                <table class="stacks">
                    <thead><tr>{ for headings.into_iter().map(heading) }</tr></thead>
                    <tbody>{ for shares.iter().map(row) }</tbody>
                </table>
            </div>
        </section>
    }
}

fn part(some: i64, whole: i64) -> f32 {
    some as f32 / whole.max(1) as f32
}

/// The share of good answers.
fn rate(figures: &Figures) -> String {
    let share = part(figures.succeeded, figures.requests) * 100.0;
    format!("{share:.1} %")
}

fn time(time: Option<i64>, text: &Text) -> String {
    time.map_or_else(|| "—".to_owned(), |ms| format!("{} ms", text.number(ms)))
}
