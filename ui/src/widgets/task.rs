//! Something that is done at the server: going on, or failed, or not begun.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::Failure;

/// See [`use_task`].
#[derive(Clone, PartialEq)]
pub(crate) struct Task {
    /// It goes on.
    pub(crate) busy: bool,
    /// Why it failed when it was last tried.
    pub(crate) failure: Option<Failure>,
    set: UseStateSetter<(bool, Option<Failure>)>,
    shown: Shown,
}

/// Whether the part that began a task is still there.
#[derive(Clone)]
struct Shown(Rc<Cell<bool>>);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A task that this part can begin.
#[hook]
pub(crate) fn use_task() -> Task {
    let state = use_state_eq(|| (false, None));
    let shown = use_memo((), |()| Shown(Rc::new(Cell::new(true))));
    {
        let shown = (*shown).clone();
        use_effect_with((), move |()| move || shown.0.set(false));
    }
    Task {
        busy: state.0,
        failure: state.1.clone(),
        set: state.setter(),
        shown: (*shown).clone(),
    }
}

impl Task {
    /// Begins it. `done` is told what came of it if that went well and the part is still shown.
    pub(crate) fn run<T: 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.set.set((true, None));
        let (set, shown) = (self.set.clone(), self.shown.clone());
        spawn_local(async move {
            let outcome = work.await;
            if !shown.0.get() {
                return;
            }
            match outcome {
                Ok(value) => {
                    set.set((false, None));
                    done(value);
                }
                Err(failure) => set.set((false, Some(failure))),
            }
        });
    }
}
