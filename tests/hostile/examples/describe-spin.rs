//! Never says who it is: loading it must end all the same.

use freellmapi_sdk::{Adapter, Manifest, export};

/// See the module.
pub struct DescribeSpin;

impl Adapter for DescribeSpin {
    fn manifest() -> Manifest {
        while std::hint::black_box(true) {
            std::hint::spin_loop();
        }
        hostile_plugins::manifest("describe-spin")
    }
}

export!(DescribeSpin);
