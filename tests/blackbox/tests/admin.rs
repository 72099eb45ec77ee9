//! The admin API as a browser uses it: set up, log in, keys, plugins, the unified key.

mod account;
mod browser;
mod keys;
mod live;
mod plugins;
mod routing;
