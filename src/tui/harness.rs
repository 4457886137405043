//! The dashboard without a terminal and without a clock: for tests and for pictures.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use super::effect::Effect;
use super::event::Event;
use super::state::{Setup, State, Ui};
use super::{next_deadline, render, update};

/// A dashboard that is fed by hand. Its clock stands still until [`advance`](Harness::advance).
#[derive(Debug)]
pub struct Harness {
    /// The state.
    pub state: State,
    /// The present moment.
    pub now: Timestamp,
}

impl Harness {
    /// A dashboard of this size that has just begun.
    pub fn new(setup: Setup, ui: Ui, size: Size, now: Timestamp) -> Self {
        Self { state: State::new(setup, ui, size, now), now }
    }

    /// Takes an event in.
    pub fn send(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.state, event, self.now)
    }

    /// Lets time pass, with every deadline that comes meanwhile.
    pub fn advance(&mut self, by: SignedDuration) -> Vec<Effect> {
        let end = self.now + by;
        let mut effects = Vec::new();
        while let Some(at) = next_deadline(&self.state, self.now).filter(|at| *at <= end) {
            // A deadline that stays due would never let time pass.
            self.now = at.max(self.now + SignedDuration::from_millis(1)).min(end);
            effects.extend(self.send(Event::Tick));
            if self.now == end {
                return effects;
            }
        }
        self.now = end;
        effects
    }

    /// Presses keys, written as the help writes them, with blanks between: `j j Enter Ctrl-Z`. Anything else that is
    /// longer than a character is typed letter by letter.
    pub fn keys(&mut self, keys: &str) -> Vec<Effect> {
        keys.split_whitespace().flat_map(|word| self.word(word)).collect()
    }

    /// Types a text, blanks included.
    pub fn type_text(&mut self, text: &str) -> Vec<Effect> {
        text.chars().flat_map(|c| self.press(KeyCode::Char(c), KeyModifiers::NONE)).collect()
    }

    fn word(&mut self, word: &str) -> Vec<Effect> {
        if let Some(c) = word.strip_prefix("Ctrl-").and_then(|rest| rest.chars().next()) {
            return self.press(KeyCode::Char(c.to_ascii_lowercase()), KeyModifiers::CONTROL);
        }
        let code = match word {
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "Shift-Tab" => KeyCode::BackTab,
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "Left" => KeyCode::Left,
            "Right" => KeyCode::Right,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "PgUp" => KeyCode::PageUp,
            "PgDn" => KeyCode::PageDown,
            "Backspace" => KeyCode::Backspace,
            "Space" => KeyCode::Char(' '),
            "F1" => KeyCode::F(1),
            "F2" => KeyCode::F(2),
            text => return self.type_text(text),
        };
        self.press(code, KeyModifiers::NONE)
    }

    fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) -> Vec<Effect> {
        self.send(Event::Key(KeyEvent::new(code, modifiers)))
    }

    /// Gives the screen another size.
    pub fn resize(&mut self, width: u16, height: u16) -> Vec<Effect> {
        self.send(Event::Resized { width, height })
    }

    /// The screen as it is drawn now.
    pub fn buffer(&self) -> Buffer {
        let area = Rect::from((ratatui::layout::Position::ORIGIN, self.state.pulse.size));
        let mut buffer = Buffer::empty(area);
        render(&self.state, area, &mut buffer);
        buffer
    }

    /// The text on screen, without the blanks at the ends of lines.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let mut text = String::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                // The cell behind a wide character belongs to it.
                x += super::format::width(symbol).max(1) as u16;
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
