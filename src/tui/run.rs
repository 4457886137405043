//! The loop: waits for whatever comes first, lets [`update()`] have it, draws if anything changed.

use std::future::Future;
use std::io;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event as Input, MouseEventKind};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Size;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::effect::Effect;
use super::event::Event;
use super::state::{Notice, State};
use super::terminal::{Guard, input, take_worker_panics, to_ascii};
use super::{next_deadline, update, view};

/// How the dashboard ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The person left.
    Quit,
    /// A signal, by its number.
    Signal(i32),
    /// The terminal is gone.
    HungUp,
}

/// What the loop draws on.
pub trait Screen {
    /// Draws the state.
    ///
    /// # Errors
    /// If the terminal is gone.
    fn draw(&mut self, state: &State) -> io::Result<()>;

    /// Hands the terminal to the shell, and comes back with its size once the process is continued.
    ///
    /// # Errors
    /// If the terminal is gone.
    fn suspend(&mut self) -> io::Result<(u16, u16)>;

    /// Puts text on the clipboard.
    ///
    /// # Errors
    /// If the terminal is gone.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Columns and rows at this moment, if it has a size of its own.
    ///
    /// # Errors
    /// If the terminal is gone.
    fn size(&self) -> io::Result<Option<Size>> {
        Ok(None)
    }

    /// Forgets what has been drawn: the next frame is drawn in full.
    ///
    /// # Errors
    /// If the terminal is gone.
    fn forget(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// What went wrong elsewhere in the process and could not be told on the screen.
    fn complaints(&mut self) -> Vec<String> {
        Vec::new()
    }
}

impl Screen for Guard {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        Self::draw(self, |frame| show(state, frame))
    }

    fn suspend(&mut self) -> io::Result<(u16, u16)> {
        Self::suspend(self)?;
        self.size()
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        use crossterm::Command as _;
        let mut sequence = String::new();
        let command = crossterm::clipboard::CopyToClipboard::to_clipboard_from(text);
        command.write_ansi(&mut sequence).map_err(io::Error::other)?;
        self.send(sequence.as_bytes())
    }

    fn size(&self) -> io::Result<Option<Size>> {
        Self::size(self).map(|size| Some(size.into()))
    }

    fn forget(&mut self) -> io::Result<()> {
        Self::forget(self)
    }

    fn complaints(&mut self) -> Vec<String> {
        take_worker_panics()
    }
}

/// The view as this terminal can show it.
fn show(state: &State, frame: &mut Frame<'_>) {
    if frame.area().as_size() != state.pulse.size {
        // The window has changed since the state was asked; the event of it comes next, and brings the next frame.
        return;
    }
    view(state, frame);
    if !state.ui.glyphs.unicode {
        to_ascii(frame.buffer_mut(), state.ui.glyphs.ellipsis);
    }
}

/// Where events come from.
#[derive(Debug)]
pub struct Sources<I, S> {
    /// Facts from AWS and the engine. The dashboard goes on when nobody is left to send any.
    pub events: mpsc::Receiver<Event>,
    /// What the terminal sends.
    pub input: I,
    /// Ends the loop.
    pub stop: S,
}

/// The dashboard on a terminal, until somebody leaves, a signal comes, or the terminal is gone. The terminal is given
/// back by the guard, whichever it is.
///
/// # Errors
/// If the terminal fails.
pub async fn run(
    guard: &mut Guard,
    state: State,
    events: mpsc::Receiver<Event>,
    perform: impl FnMut(Effect),
    clock: impl Fn() -> Timestamp,
) -> io::Result<Exit> {
    // Drawn before anything else is set up: nothing may come before the first frame.
    guard.draw(|frame| show(&state, frame))?;
    let sources = Sources { events, input: input()?, stop: signals() };
    run_on(guard, state, sources, perform, clock).await
}

/// The same on any screen and any sources.
///
/// # Errors
/// If the screen fails.
pub async fn run_on<W, I, S>(
    screen: &mut W,
    state: State,
    sources: Sources<I, S>,
    perform: impl FnMut(Effect),
    clock: impl Fn() -> Timestamp,
) -> io::Result<Exit>
where
    W: Screen,
    I: Stream<Item = io::Result<Input>> + Unpin,
    S: Future<Output = Exit>,
{
    let Sources { mut events, mut input, stop } = sources;
    let mut stop = std::pin::pin!(stop);
    let mut turn = Loop {
        screen,
        state,
        perform,
        clock,
        drawn: None,
        drawn_at: Instant::now(),
        due: None,
        urgent: false,
        ended: None,
    };
    let mut sending = true;
    turn.draw()?;
    loop {
        let wait = turn.wait();
        tokio::select! {
            biased;
            exit = &mut stop => return Ok(exit),
            event = events.recv(), if sending => match event {
                Some(event) => turn.take(event)?,
                None => sending = false,
            },
            event = input.next() => turn.input(event)?,
            () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => turn.tick()?,
        }
        turn.drain(&mut events, &mut input).await?;
        if let Some(exit) = turn.ended {
            return Ok(exit);
        }
        turn.draw_if_changed()?;
    }
}

/// Between two frames for data alone; a key is answered at once.
const FRAME: Duration = Duration::from_millis(16);
/// Events taken before the next frame, so that no flood keeps the screen from being drawn.
const MOST: usize = 256;

struct Loop<'a, W, P, C> {
    screen: &'a mut W,
    state: State,
    perform: P,
    clock: C,
    /// Version of the state on screen.
    drawn: Option<u64>,
    drawn_at: Instant,
    /// The deadline that is waited for.
    due: Option<Timestamp>,
    /// A hand waits for the next frame.
    urgent: bool,
    ended: Option<Exit>,
}

impl<W: Screen, P: FnMut(Effect), C: Fn() -> Timestamp> Loop<'_, W, P, C> {
    /// How long nothing happens if nothing comes.
    fn wait(&mut self) -> Option<Duration> {
        let now = (self.clock)();
        self.due = next_deadline(&self.state, now);
        let deadline = self.due.map(|at| at.duration_since(now).try_into().unwrap_or(Duration::ZERO));
        let frame = self.changed().then(|| FRAME.saturating_sub(self.drawn_at.elapsed()));
        // A timer wakes up on whole milliseconds: better after the deadline than just before it.
        let least = Duration::from_millis(1);
        [deadline, frame].into_iter().flatten().min().map(|wait| wait.max(least))
    }

    fn changed(&self) -> bool {
        self.drawn != Some(self.state.pulse.version)
    }

    fn take(&mut self, event: Event) -> io::Result<()> {
        let now = (self.clock)();
        for effect in update(&mut self.state, event, now) {
            match effect {
                Effect::Quit => self.ended = Some(Exit::Quit),
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Suspend => self.suspend()?,
                effect => (self.perform)(effect),
            }
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        let (width, height) = self.screen.suspend()?;
        self.drawn = None;
        // Time has passed, and the window may have another size; nothing of that asks for a suspension again.
        self.take(Event::Resized { width, height })
    }

    fn input(&mut self, event: Option<io::Result<Input>>) -> io::Result<()> {
        match event {
            Some(Ok(Input::Key(key))) => {
                self.urgent = true;
                self.take(Event::Key(key))
            }
            Some(Ok(Input::Paste(text))) => self.take(Event::Paste(text)),
            Some(Ok(Input::Resize(width, height))) => {
                // Even to the size that it has: in between it may have been smaller, and have lost what it showed.
                self.screen.forget()?;
                self.drawn = None;
                self.take(Event::Resized { width, height })
            }
            // Where the mouse is means nothing until it does something.
            Some(Ok(Input::Mouse(mouse))) if mouse.kind != MouseEventKind::Moved => {
                self.urgent = true;
                self.take(Event::Mouse(mouse))
            }
            Some(Ok(Input::FocusGained | Input::FocusLost | Input::Mouse(_))) => Ok(()),
            Some(Err(_)) | None => {
                self.ended = Some(Exit::HungUp);
                Ok(())
            }
        }
    }

    fn tick(&mut self) -> io::Result<()> {
        // The deadline that was waited for: seen from now, the next one always lies ahead.
        let come = self.due.is_some_and(|at| at <= (self.clock)());
        if come { self.take(Event::Tick) } else { Ok(()) }
    }

    /// Takes what has come meanwhile, so that one frame shows all of it.
    async fn drain<I>(&mut self, events: &mut mpsc::Receiver<Event>, input: &mut I) -> io::Result<()>
    where
        I: Stream<Item = io::Result<Input>> + Unpin,
    {
        for _ in 0..MOST {
            let Ok(event) = events.try_recv() else { break };
            self.take(event)?;
        }
        for _ in 0..MOST {
            if self.ended.is_some() {
                break;
            }
            let Some(event) = ready(input).await else { break };
            self.input(event)?;
        }
        for complaint in self.screen.complaints() {
            self.take(Event::Notice(Notice::error(complaint)))?;
        }
        Ok(())
    }

    fn draw_if_changed(&mut self) -> io::Result<()> {
        let due = self.urgent || self.drawn_at.elapsed() >= FRAME;
        if self.changed() && due { self.draw() } else { Ok(()) }
    }

    fn draw(&mut self) -> io::Result<()> {
        // The window may be smaller already than the last event said, or have changed before anybody listened.
        if let Some(size) = self.screen.size()?.filter(|size| *size != self.state.pulse.size) {
            self.take(Event::Resized { width: size.width, height: size.height })?;
        }
        self.screen.draw(&self.state)?;
        self.drawn = Some(self.state.pulse.version);
        self.drawn_at = Instant::now();
        self.urgent = false;
        Ok(())
    }
}

/// What has come already, without waiting. It is asked for with the waker of the loop: a stream may keep the first
/// waker that it is given, and one that wakes nobody would lose the next key.
async fn ready<I: Stream + Unpin>(input: &mut I) -> Option<Option<I::Item>> {
    std::future::poll_fn(|context| match input.poll_next_unpin(context) {
        Poll::Ready(item) => Poll::Ready(Some(item)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Comes to its end with the first signal that asks the process to.
async fn signals() -> Exit {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()];
        let waits = kinds.into_iter().filter_map(|kind| {
            let mut signal = signal(kind).ok()?;
            Some(Box::pin(async move {
                signal.recv().await;
                Exit::Signal(kind.as_raw_value())
            }))
        });
        let waits: Vec<_> = waits.collect();
        if waits.is_empty() {
            return std::future::pending().await;
        }
        futures_util::future::select_all(waits).await.0
    }
    #[cfg(not(unix))]
    {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Signal(2),
            Err(_) => std::future::pending().await,
        }
    }
}
