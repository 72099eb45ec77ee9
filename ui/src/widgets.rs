//! Small parts that pages are built of.

mod bar;
mod button;
mod code;
mod dialog;
mod field;
mod icon;
mod password;
mod tabs;
mod task;

pub(crate) use bar::Bar;
pub(crate) use button::{Button, Look};
pub(crate) use code::{Code, Copy};
pub(crate) use dialog::Dialog;
pub(crate) use field::{Choice, Field, Kind, Switch};
pub(crate) use icon::{Icon, Shape};
pub(crate) use password::AskPassword;
pub(crate) use tabs::Tabs;
pub(crate) use task::{Task, use_task};
