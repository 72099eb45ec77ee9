//! The requests page: the log as it grows, each request with its attempts.

use freellmapi_types::{RequestPage, RequestView, Topic};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{blank, head};
use crate::api::{self, segment, use_resource};
use crate::i18n::{Key, Text, use_text};
use crate::live::Live;
use crate::route::Route;
use crate::widgets::{Button, use_task};

/// Requests of one page of the log.
const PAGE: usize = 50;

#[component]
pub(crate) fn Requests() -> Html {
    let text = use_text();
    let newest = use_resource::<RequestPage>(
        format!("/api/requests?limit={PAGE}").into(),
        &[Topic::Requests],
    );
    let live = use_context::<Live>().unwrap_or_default();
    // Pages that were asked for, older than the first.
    let older = use_state_eq(Vec::<RequestView>::new);
    let next = use_state_eq(|| None::<Option<String>>);
    let task = use_task();
    let page = |page: &RequestPage| {
        let before = (*next).clone().unwrap_or_else(|| page.next.clone());
        let more = before.map(|before| {
            let (busy, task, older, next) = (task.busy, task.clone(), older.clone(), next.setter());
            // What the first page shows now moves down as others come: it is kept from here on.
            let kept = if older.is_empty() { page.items.clone() } else { Vec::new() };
            let onclick = Callback::from(move |()| {
                let path = format!("/api/requests?limit={PAGE}&before={}", segment(&before));
                let (older, next, kept) = (older.clone(), next.clone(), kept.clone());
                let work = async move { api::get::<RequestPage>(&path).await };
                task.run(work, move |page: RequestPage| {
                    let all = [older.to_vec(), kept, page.items].concat();
                    older.set(all);
                    next.set(Some(page.next));
                });
            });
            html! { <div class="card-body"><div class="actions"><Button {busy} {onclick}>{ text.say(Key::RequestsOlder) }</Button></div></div> }
        });
        if page.items.is_empty() {
            let link = html! { <Link<Route> to={Route::Playground}>{ text.say(Key::RequestsTry) }</Link<Route>> };
            return blank(
                text.say(Key::RequestsNone),
                text.say(Key::RequestsNoneAbout),
                link,
            );
        }
        let mut all: Vec<&RequestView> = page.items.iter().chain(older.iter()).collect();
        all.sort_by(|a, b| b.id.cmp(&a.id));
        all.dedup_by(|a, b| a.id == b.id);
        html! { <>{ table(&all, &text) }{ for more }</> }
    };
    let (class, word) = if live.connected {
        ("ok", Key::LiveOn)
    } else {
        ("idle", Key::LiveOff)
    };
    let state = html! {
        <span class="live" role="status"><span class={classes!("dot", class)} aria-hidden="true"></span>{ text.say(word) }</span>
    };
    html! {
        <div class="page">
            { head(text.say(Key::PageRequests), text.say(Key::RequestsAbout), state) }
            <section class="card" aria-label={text.say(Key::PageRequests)}>
                { newest.show(|newest| page(newest)) }
                if let Some(failure) = &task.failure {
                    <p class="note bad" role="alert">{ failure.message(&text) }</p>
                }
            </section>
        </div>
    }
}

fn table(requests: &[&RequestView], text: &Text) -> Html {
    let headings = [
        (Key::RequestWhen, false),
        (Key::RequestStatus, false),
        (Key::Model, false),
        (Key::RequestTokens, true),
        (Key::RequestFirst, true),
        (Key::RequestTotal, true),
    ];
    let heading = |(key, number): (Key, bool)| {
        html! { <th scope="col" class={number.then_some("number")}>{ text.say(key) }</th> }
    };
    html! {
        <div class="table-box">
            <table class="stacks">
                <thead><tr>{ for headings.into_iter().map(heading) }</tr></thead>
                <tbody>{ for requests.iter().map(|request| row(request, text)) }</tbody>
            </table>
        </div>
    }
}

fn row(request: &RequestView, text: &Text) -> Html {
    let number =
        |number: Option<i64>| number.map_or_else(|| "—".to_owned(), |number| text.number(number));
    let time = |time: Option<i64>| {
        time.map_or_else(
            || "—".to_owned(),
            |time| format!("{} ms", text.number(time)),
        )
    };
    let class = match request.status {
        200..=299 => "ok",
        499 => "",
        _ => "bad",
    };
    let served = if request.provider.is_empty() {
        html! { <span class="quiet">{ text.say(Key::RequestNobody) }</span> }
    } else {
        html! { <code>{ format!("{}/{}", request.provider, request.model) }</code> }
    };
    let tokens = format!(
        "{} → {}",
        number(request.input_tokens),
        number(request.output_tokens)
    );
    html! {
        <tr key={request.id.clone()}>
            <td><span title={text.moment(request.at_ms)}>{ text.distance(request.at_ms) }</span></td>
            <td>
                <span class={classes!("tag", class)}>{ request.status }</span>
                if request.streamed { <span class="quiet small">{ " " }{ text.say(Key::RequestStreamed) }</span> }
            </td>
            <td class="whole">
                <div class="break"><span class="quiet">{ request.requested_model.clone() }{ " → " }</span>{ served }</div>
                if let Some(kind) = &request.error_kind {
                    <div><span class="tag bad">{ kind.clone() }</span></div>
                }
                { trail(request, text) }
            </td>
            <td class="number" data-name={text.say(Key::RequestTokens)}>{ tokens }</td>
            <td class="number" data-name={text.say(Key::RequestFirst)}>{ time(request.first_content_ms) }</td>
            <td class="number" data-name={text.say(Key::RequestTotal)}>{ time(request.total_ms) }</td>
        </tr>
    }
}

/// The attempts, where there was more to it than one that went well.
fn trail(request: &RequestView, text: &Text) -> Html {
    let count = usize::try_from(request.attempts).unwrap_or(0);
    let step = |step: &String| {
        let (who, kind) = step.rsplit_once('=').unwrap_or((step, ""));
        html! { <li><code>{ who.to_owned() }</code><span class="tag bad">{ kind.to_owned() }</span></li> }
    };
    let guest = text.number(request.guest_us);
    html! {
        <details class="small">
            <summary>{ text.count(Key::RequestAttempts, count) }</summary>
            <ol class="trail">
                { for request.trail.iter().map(step) }
                if !request.provider.is_empty() {
                    <li><code>{ format!("{}/{}", request.provider, request.model) }</code><span class="tag ok">{ text.say(Key::RequestServed) }</span></li>
                }
            </ol>
            <p class="quiet">{ text.fill(Key::RequestGuest, &[("time", &guest)]) }</p>
        </details>
    }
}
