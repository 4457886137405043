//! What happens to the terminal when something panics.

use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use crate::aurora::text;

use super::modes::SCREEN;

/// Panics of other threads while the dashboard was shown.
static WORKER_PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Installs the panic hook, once, for the thread that calls it first: the one that draws.
///
/// A panic there gives the terminal back before it is reported, in front of whatever hook was installed before. A panic
/// of another thread leaves the living dashboard alone and is kept for it, see [`take_worker_panics`]: reported at once
/// it would be written across the screen.
pub fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let drawing = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if SCREEN.on() && thread::current().id() != drawing {
                keep(info);
                return;
            }
            let _ = SCREEN.leave(&mut io::stdout());
            for message in take_worker_panics() {
                let _ = writeln!(io::stderr(), "{message}");
            }
            before(info);
        }));
    });
}

/// The panics of other threads since this was last asked, each in a sentence.
pub fn take_worker_panics() -> Vec<String> {
    std::mem::take(&mut *WORKER_PANICS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn keep(info: &PanicHookInfo<'_>) {
    let name = thread::current().name().unwrap_or("unnamed").to_owned();
    let place = info.location().map_or(String::new(), |place| format!(" at {place}"));
    let cause = info.payload_as_str().map_or_else(|| "no message".to_owned(), text::clean);
    let message = format!("thread `{name}` panicked{place}: {cause}");
    WORKER_PANICS.lock().unwrap_or_else(PoisonError::into_inner).push(message);
}
