//! Chromium, driven as a person drives it: by labels, words and keys.
//!
//! `cargo xtask test browser` installs what is needed and says where axe lies (`AXE_JS`) and where screenshots go
//! (`SCREENSHOTS`). Without them a test still runs, and saves and checks nothing of the kind.

mod axe;
mod driver;
mod page;

pub use driver::Browser;
pub use page::{Page, View};
