//! The loop itself, on a screen that only counts.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;
use tokio::sync::mpsc;

use super::fixture::{clusters, now, setup, ui};
use crate::aws::FleetEvent;
use crate::tui::run::{Exit, Screen, Sources, run_on};
use crate::tui::theme::Theme;
use crate::tui::{Effect, Event, State};

#[derive(Default)]
struct Counter {
    frames: Rc<Cell<usize>>,
    clusters: Rc<Cell<usize>>,
    suspended: usize,
    copied: Vec<String>,
}

impl Screen for Counter {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        self.frames.set(self.frames.get() + 1);
        self.clusters.set(state.fleet.data.len());
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<(u16, u16)> {
        self.suspended += 1;
        Ok((90, 25))
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.copied.push(text.to_owned());
        Ok(())
    }
}

fn state() -> State {
    State::new(setup(), ui(false, Theme::mono()), Size::new(120, 36), now())
}

/// A clock that goes with the paused time of the runtime.
fn clock() -> impl Fn() -> Timestamp {
    let start = tokio::time::Instant::now();
    move || now() + SignedDuration::try_from(start.elapsed()).unwrap()
}

fn press(c: char) -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))
}

fn keys(text: &str) -> Vec<io::Result<Input>> {
    text.chars().map(press).map(Ok).collect()
}

/// Keys that come after a while, and then silence.
fn typed(text: &str, after: Duration) -> impl stream::Stream<Item = io::Result<Input>> + Unpin {
    let keys = stream::iter(keys(text));
    let wait = stream::once(tokio::time::sleep(after));
    Box::pin(futures_util::StreamExt::chain(
        futures_util::StreamExt::filter_map(wait, |()| async { None }),
        futures_util::StreamExt::chain(keys, stream::pending()),
    ))
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_comes_before_the_first_effect() {
    let mut screen = Counter::default();
    let frames = screen.frames.clone();
    let (_sender, events) = mpsc::channel(8);
    let sources = Sources { events, input: typed("q", Duration::from_secs(1)), stop: std::future::pending() };
    let mut asked = Vec::new();
    let perform = |effect: Effect| asked.push((effect, frames.get()));
    let exit = run_on(&mut screen, state(), sources, perform, clock()).await.unwrap();
    assert_eq!(exit, Exit::Quit);
    assert_eq!(asked, [(Effect::Refresh, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_pages_is_a_few_frames() {
    let mut screen = Counter::default();
    let (frames, seen) = (screen.frames.clone(), screen.clusters.clone());
    let (sender, events) = mpsc::channel(1_000);
    for event in [FleetEvent::Begun].into_iter().chain((0..200).map(|_| FleetEvent::Clusters(clusters()))) {
        sender.try_send(Event::Fleet(event)).unwrap();
    }
    sender.try_send(Event::Fleet(FleetEvent::Done)).unwrap();
    let sources = Sources { events, input: typed("q", Duration::from_millis(100)), stop: std::future::pending() };
    run_on(&mut screen, state(), sources, drop, clock()).await.unwrap();
    assert_eq!(seen.get(), 9);
    assert!(frames.get() <= 5, "{} frames", frames.get());
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_keys_is_one_frame() {
    let mut screen = Counter::default();
    let frames = screen.frames.clone();
    let (_sender, events) = mpsc::channel(8);
    let sources = Sources {
        events,
        input: typed("jjjjjjjj?", Duration::ZERO),
        stop: tokio::time::sleep(Duration::from_millis(10)),
    };
    let Sources { events, input, stop } = sources;
    let stop = async {
        stop.await;
        Exit::Signal(15)
    };
    let exit = run_on(&mut screen, state(), Sources { events, input, stop }, drop, clock()).await.unwrap();
    assert_eq!(exit, Exit::Signal(15));
    assert!(frames.get() <= 3, "{} frames", frames.get());
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_terminal_is_the_end() {
    let mut screen = Counter::default();
    let (_sender, events) = mpsc::channel(8);
    let sources = Sources { events, input: stream::iter(keys("j")), stop: std::future::pending() };
    assert_eq!(run_on(&mut screen, state(), sources, drop, clock()).await.unwrap(), Exit::HungUp);
}

#[tokio::test(start_paused = true)]
async fn a_suspension_comes_back_with_the_new_size_and_a_whole_frame() {
    let mut screen = Counter::default();
    let frames = screen.frames.clone();
    let (_sender, events) = mpsc::channel(8);
    let suspend = Input::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL));
    let input = Box::pin(stream::iter([Ok(suspend), Ok(press('q'))]));
    let sources = Sources { events, input, stop: std::future::pending() };
    run_on(&mut screen, state(), sources, drop, clock()).await.unwrap();
    assert_eq!(screen.suspended, 1);
    assert!(frames.get() >= 1);
}

#[tokio::test(start_paused = true)]
async fn the_dashboard_outlives_its_senders() {
    let mut screen = Counter::default();
    let (sender, events) = mpsc::channel(8);
    drop(sender);
    let sources = Sources { events, input: typed("q", Duration::from_mins(1)), stop: std::future::pending() };
    assert_eq!(run_on(&mut screen, state(), sources, drop, clock()).await.unwrap(), Exit::Quit);
}

#[tokio::test(start_paused = true)]
async fn ages_are_drawn_as_they_pass_and_nothing_else_is() {
    let mut screen = Counter::default();
    let frames = screen.frames.clone();
    let (sender, events) = mpsc::channel(8);
    for event in [FleetEvent::Begun, FleetEvent::Done] {
        sender.try_send(Event::Fleet(event)).unwrap();
    }
    let sources = Sources { events, input: typed("q", Duration::from_millis(9_500)), stop: std::future::pending() };
    let mut asked = Vec::new();
    run_on(&mut screen, state(), sources, |effect| asked.push(effect), clock()).await.unwrap();
    // The first frame, what was listed, and one for each second after it.
    assert!((10..=12).contains(&frames.get()), "{} frames", frames.get());
    assert!(asked.is_empty(), "{asked:?}");
}

/// A terminal as crossterm's stream is one: it wakes whoever asked first, and nobody who asked later.
struct FirstWaker {
    asked: Rc<Cell<Option<std::task::Waker>>>,
    key: Rc<Cell<Option<char>>>,
}

impl stream::Stream for FirstWaker {
    type Item = io::Result<Input>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        if let Some(c) = self.key.take() {
            return std::task::Poll::Ready(Some(Ok(press(c))));
        }
        let first = self.asked.take().unwrap_or_else(|| context.waker().clone());
        self.asked.set(Some(first));
        std::task::Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_after_a_pause_is_not_lost() {
    let (asked, key) = (Rc::new(Cell::new(None::<std::task::Waker>)), Rc::new(Cell::new(None)));
    let input = FirstWaker { asked: asked.clone(), key: key.clone() };
    let (_sender, events) = mpsc::channel(8);
    let mut screen = Counter::default();
    let sources = Sources { events, input, stop: std::future::pending() };
    let mut quiet = state();
    // Nothing but the key may wake the loop.
    quiet.feed.loading = Some(now());
    quiet.setup.tempo.spinner = SignedDuration::from_hours(1);
    let dashboard = run_on(&mut screen, quiet, sources, drop, clock());
    let hand = async move {
        for c in ['j', 'q'] {
            tokio::time::sleep(Duration::from_secs(1)).await;
            key.set(Some(c));
            if let Some(waker) = asked.take() {
                waker.wake();
            }
        }
    };
    // Tasks of their own: within one, any of them would wake the other.
    let begun = tokio::time::Instant::now();
    let local = tokio::task::LocalSet::new();
    local.spawn_local(hand);
    let exit = local.run_until(tokio::time::timeout(Duration::from_secs(5), dashboard)).await;
    assert_eq!(exit.ok().map(Result::unwrap), Some(Exit::Quit));
    assert!(begun.elapsed() < Duration::from_secs(3), "woken by the time-out, not by the key");
}
