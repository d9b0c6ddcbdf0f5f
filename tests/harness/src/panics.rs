//! What is told of panics.

use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static TOLD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Records what the panic hook is told of this thread's panics, as it would print it, in place of having it printed.
pub struct Panics(());

impl Panics {
    /// Begins to record.
    pub fn record() -> Self {
        static HOOK_IS_SET: Once = Once::new();
        HOOK_IS_SET.call_once(|| {
            let print = take_hook();
            set_hook(Box::new(move |panic| {
                let is_recorded =
                    TOLD.with_borrow_mut(|told| told.as_mut().map(|told| *told += &format!("{panic}\n")).is_some());
                if !is_recorded {
                    print(panic);
                }
            }));
        });
        // Who records within a record would end it, and nothing would be told from then on.
        assert!(TOLD.replace(Some(String::new())).is_none(), "one record at a time");
        Self(())
    }

    /// What was told so far.
    pub fn text(&self) -> String {
        TOLD.with_borrow(|told| told.clone().unwrap())
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        TOLD.set(None);
    }
}

/// What is told where a program takes it for granted that there is no such error, in each of the usual ways.
pub fn panics_over<E: Debug + Display>(error: &E) -> String {
    let outcome = || Err::<(), _>(error);
    let ways: [&dyn Fn(); 5] = [
        &|| outcome().unwrap(),
        &|| outcome().expect("it goes well"),
        &|| panic!("{error}"),
        &|| panic!("{error:#?}"),
        &|| assert!(outcome().is_ok(), "{error:?}"),
    ];
    let panics = Panics::record();
    for way in ways {
        catch_unwind(AssertUnwindSafe(way)).unwrap_err();
    }
    panics.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_tells_the_error_and_where() {
        let told = panics_over(&"a thing");
        assert_eq!((told.matches("a thing").count(), told.matches("panics.rs:").count()), (5, 5), "{told}");
        assert!(TOLD.with_borrow(Option::is_none));
    }
}
