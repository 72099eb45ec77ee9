//! A chart of stacked bars, and the same as a table.

use yew::prelude::*;

use crate::i18n::{Key, use_text};

/// Width and height that all is drawn in.
const SIZE: (f64, f64) = (720.0, 140.0);

/// What one part of each bar is.
#[derive(Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: AttrValue,
    /// Its colour.
    pub(super) class: &'static str,
}

/// A bar.
#[derive(Clone, PartialEq)]
pub(super) struct Point {
    pub(super) label: AttrValue,
    /// One a series.
    pub(super) values: Vec<i64>,
}

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) id: &'static str,
    pub(super) title: AttrValue,
    pub(super) series: Vec<Series>,
    pub(super) points: Vec<Point>,
}

#[component]
pub(super) fn Chart(props: &Props) -> Html {
    let text = use_text();
    let sum = |point: &Point| point.values.iter().sum::<i64>();
    let most = props.points.iter().map(sum).max().unwrap_or(0).max(1);
    let step = SIZE.0 / props.points.len().max(1) as f64;
    let bar = |(n, point): (usize, &Point)| {
        let mut below = 0.0;
        let parts = point.values.iter().zip(&props.series).map(|(value, series)| {
            let height = *value as f64 / most as f64 * SIZE.1;
            below += height;
            html! {
                <rect class={series.class} x={format!("{:.2}", n as f64 * step + step * 0.1)} y={format!("{:.2}", SIZE.1 - below)}
                    width={format!("{:.2}", step * 0.8)} height={format!("{height:.2}")} />
            }
        });
        let parts: Vec<Html> = parts.collect();
        html! { <g>{ for parts }</g> }
    };
    let legend = |series: &Series| {
        html! { <span class="row tight"><span class={classes!("dot", series.class)} aria-hidden="true"></span>{ series.name.clone() }</span> }
    };
    let row = |point: &Point| {
        let cells = point.values.iter().zip(&props.series).map(|(value, series)| {
            html! { <td class="number" data-name={series.name.clone()}>{ text.number(*value) }</td> }
        });
        html! { <tr><th scope="row">{ point.label.clone() }</th>{ for cells }</tr> }
    };
    let (first, last) = (props.points.first(), props.points.last());
    let most = text.number(most);
    html! {
        <section class="card" aria-labelledby={props.id}>
            <div class="card-head"><h2 id={props.id}>{ props.title.clone() }</h2><span class="row small quiet">{ for props.series.iter().map(legend) }</span></div>
            <div class="card-body">
                <p class="quiet small">{ text.fill(Key::ChartMost, &[("n", &most)]) }</p>
                <svg class="chart" viewBox={format!("0 0 {} {}", SIZE.0, SIZE.1)} preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    { for props.points.iter().enumerate().map(bar) }
                </svg>
                <div class="axis quiet small" aria-hidden="true">
                    <span>{ first.map(|point| point.label.clone()) }</span><span>{ last.map(|point| point.label.clone()) }</span>
                </div>
                <details class="small">
                    <summary>{ text.fill(Key::ChartTable, &[("what", &props.title)]) }</summary>
                    <div class="table-box">
                        <table>
                            <thead><tr>
                                <th scope="col">{ text.say(Key::RequestWhen) }</th>
                                { for props.series.iter().map(|series| html! { <th scope="col" class="number">{ series.name.clone() }</th> }) }
                            </tr></thead>
                            <tbody>{ for props.points.iter().map(row) }</tbody>
                        </table>
                    </div>
                </details>
            </div>
        </section>
    }
}
