//! What comes from the terminal.

use std::{io, thread};

use crossterm::event::Event;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

/// Events that wait for the loop; what is beyond stays with the system.
const WAITING: usize = 256;

/// What the terminal sends. A thread waits for it, so that all of a burst is here when the next frame is due; it ends with
/// the process, or when the terminal is gone.
///
/// # Errors
/// If there is no thread to be had.
pub fn input() -> io::Result<impl Stream<Item = io::Result<Event>> + Unpin> {
    let (sender, mut inbox) = mpsc::channel(WAITING);
    thread::Builder::new().name("terminal".into()).spawn(move || {
        loop {
            let event = crossterm::event::read();
            let gone = event.is_err();
            if sender.blocking_send(event).is_err() || gone {
                break;
            }
        }
    })?;
    Ok(stream::poll_fn(move |context| inbox.poll_recv(context)))
}
