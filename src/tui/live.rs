//! The dashboard on real events and without a terminal: for pictures, and for tests of the whole.

use std::time::Duration;

use ratatui::layout::Size;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::backend::{Backend, Parts};
use super::effect::Effect;
use super::event::Event;
use super::harness::Harness;
use super::state::{Setup, Ui};
use super::{State, next_deadline};
use crate::engine::Clock;

/// How long a single wait for the next event is, at most.
const TURN: Duration = Duration::from_millis(20);
/// Turns after which something that was waited for will not come.
const PATIENCE: usize = 3_000;

/// A dashboard whose effects are carried out.
pub struct Live {
    /// State and screen.
    pub harness: Harness,
    /// Effects that are the terminal's: what was copied, whether it quit.
    pub left: Vec<Effect>,
    events: mpsc::Receiver<Event>,
    backend: Backend,
    clock: Clock,
}

impl Live {
    /// A dashboard of this size that has just begun.
    pub fn new(setup: Setup, ui: Ui, size: Size, parts: Parts, runtime: Handle) -> Self {
        let clock = parts.clock.clone();
        let (sender, events) = mpsc::channel(64);
        let backend = Backend::new(parts, sender, runtime);
        let harness = Harness::new(setup, ui, size, clock());
        Self { harness, left: Vec::new(), events, backend, clock }
    }

    /// Presses keys, as [`Harness::keys`] does.
    pub fn keys(&mut self, keys: &str) {
        self.harness.now = (self.clock)();
        let effects = self.harness.keys(keys);
        self.perform(effects);
    }

    /// Gives the screen another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        let effects = self.harness.resize(width, height);
        self.perform(effects);
    }

    /// Lets things happen until `seen` says so of state and screen; `meanwhile` is called on every turn, to let a manual
    /// clock go on.
    ///
    /// # Errors
    /// The screen as it was when patience ended.
    pub async fn until(
        &mut self,
        seen: impl Fn(&State, &str) -> bool,
        mut meanwhile: impl FnMut(),
    ) -> Result<(), String> {
        for _ in 0..PATIENCE {
            meanwhile();
            self.turn().await;
            if seen(&self.harness.state, &self.harness.screen()) {
                return Ok(());
            }
        }
        Err(self.harness.screen())
    }

    async fn turn(&mut self) {
        self.harness.now = (self.clock)();
        if next_deadline(&self.harness.state, self.harness.now).is_some_and(|at| at <= self.harness.now) {
            let effects = self.harness.send(Event::Tick);
            self.perform(effects);
        }
        let mut next = tokio::time::timeout(TURN, self.events.recv()).await.ok().flatten();
        while let Some(event) = next {
            self.harness.now = (self.clock)();
            let effects = self.harness.send(event);
            self.perform(effects);
            next = self.events.try_recv().ok();
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Copy(_) | Effect::Suspend | Effect::Quit => self.left.push(effect),
                effect => self.backend.perform(effect),
            }
        }
    }
}
