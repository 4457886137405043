//! `aurewind demo --pictures`: the README's pictures, of the real screens on the simulated account.
//!
//! The dashboard runs as always, only without a terminal: keys go in, the account answers over HTTP, and what would be
//! on the screen is written as SVG.

use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use super::error::{CliError, Exit};
use super::session::Session;
use crate::engine::{Request, TaskState};
use crate::tui::backend::Parts;
use crate::tui::glyphs::Glyphs;
use crate::tui::live::Live;
use crate::tui::picture;
use crate::tui::state::{Setup, State, Ui};
use crate::tui::theme::Theme;

/// A person's terminal of a good size.
const SIZE: Size = Size { width: 132, height: 40 };
/// The smallest that most people have.
const SMALL: Size = Size { width: 80, height: 24 };

/// Takes the pictures and writes them into `folder`.
pub async fn take(session: &Session, mut setup: Setup, parts: Parts, folder: &Path) -> Result<(), CliError> {
    fs::create_dir_all(folder)?;
    setup.owner = "maria@ops-laptop".into();
    let ui = Ui { theme: theme("ansi-dark")?, glyphs: Glyphs::unicode(), zone: TimeZone::UTC, utc: true };
    let live = Live::new(setup, ui, SIZE, parts, tokio::runtime::Handle::current());
    let mut studio = Studio { live, folder, session };
    studio.fleet().await?;
    studio.clone_form().await?;
    studio.rewind().await?;
    studio.refusal().await?;
    studio.tasks().await?;
    studio.run().await?;
    studio.small_and_plain()
}

fn theme(name: &str) -> Result<Theme, CliError> {
    Theme::named(name).map_err(|error| CliError::usage(error.to_string()))
}

struct Studio<'a> {
    live: Live,
    folder: &'a Path,
    session: &'a Session,
}

impl Studio<'_> {
    async fn fleet(&mut self) -> Result<(), CliError> {
        self.until("the fleet", |state, _| state.feed.age(state.now()).is_some() && !state.fleet.is_empty()).await?;
        self.choose("clone-orders-loadtest").await?;
        self.live.keys("Esc");
        self.until("its rewinds", |state, _| {
            state.cluster().and_then(|c| state.histories.get(&c.resource_id)).is_some()
        })
        .await?;
        self.write("fleet", "The fleet, a clone and its timeline")
    }

    async fn clone_form(&mut self) -> Result<(), CliError> {
        self.choose("orders-staging").await?;
        self.live.keys("Esc c");
        self.until("the form", |_, screen| screen.contains("A copy-on-write clone")).await?;
        self.write("clone", "Cloning a cluster: the plan comes first")?;
        self.live.keys("Enter");
        Ok(())
    }

    async fn rewind(&mut self) -> Result<(), CliError> {
        self.choose("clone-orders-loadtest").await?;
        self.live.keys("Esc t { [ [ [");
        self.until("the cursor in time", |_, screen| screen.contains("ago")).await?;
        self.write("timeline", "Choosing a moment on the timeline")?;
        self.live.keys("R");
        self.until("the plan", |_, screen| screen.contains("Rewind clone-orders-loadtest")).await?;
        self.write("rewind", "Rewinding a clone: what it undoes")?;
        self.live.keys("Tab Enter");
        Ok(())
    }

    async fn refusal(&mut self) -> Result<(), CliError> {
        self.choose("orders-prod").await?;
        self.live.keys("Esc D");
        self.until("the reason", |_, screen| screen.contains("will not be done")).await?;
        self.write("refused", "Production is refused")?;
        self.live.keys("Esc");
        Ok(())
    }

    async fn tasks(&mut self) -> Result<(), CliError> {
        self.choose("clone-billing-month-end").await?;
        self.live.keys("Esc D");
        self.until("the plan", |_, screen| screen.contains("Delete clone-billing-month-end")).await?;
        self.live.keys("Tab Enter");
        self.until("a task done and one running", |state, _| {
            let tasks = state.tasks.all();
            let count = |wanted: TaskState| tasks.iter().filter(|task| task.state == wanted).count();
            count(TaskState::Done) >= 1 && count(TaskState::Running) >= 1
        })
        .await?;
        self.write("tasks", "Tasks report on their own")?;
        self.until("the rest", |state, _| state.tasks.all().iter().all(|task| task.state == TaskState::Done)).await
    }

    async fn run(&mut self) -> Result<(), CliError> {
        self.choose("orders-prod").await?;
        self.live.keys("Esc T");
        self.until("the recipe", |_, screen| screen.contains("tour.toml")).await?;
        self.live.keys("Enter");
        self.until("its plan", |_, screen| screen.contains("[ Run ]")).await?;
        self.live.keys("Tab Enter");
        let tests = |state: &State| {
            let run = state.tasks.all().iter().find(|task| matches!(task.request, Request::Test(_)))?;
            run.current().map(|step| step.title() == "checkout as it was" && step.started_at.is_some())
        };
        self.until("the tests after the rewind", |state, _| tests(state) == Some(true)).await?;
        self.live.keys("Shift-Tab Enter");
        self.until("its output", |_, screen| screen.contains("test 3 of 4 passed")).await?;
        self.write("run", "A test run: its steps, and what they say")?;
        self.live.keys("Esc Esc");
        let over = |state: &State| state.tasks.all().iter().all(|task| task.state.is_final());
        self.until("its end", |state, _| over(state)).await
    }

    fn small_and_plain(mut self) -> Result<(), CliError> {
        self.live.resize(SMALL.width, SMALL.height);
        self.write("small", "At 80×24")?;
        let ui = &mut self.live.harness.state.ui;
        (ui.theme, ui.glyphs) = (Theme::mono(), Glyphs::ascii());
        self.write("plain", "NO_COLOR and ASCII")?;
        self.live.resize(SIZE.width, SIZE.height);
        let ui = &mut self.live.harness.state.ui;
        (ui.theme, ui.glyphs) = (theme("ansi-light")?, Glyphs::unicode());
        self.write_on("light", "On a light terminal", true)
    }

    /// Puts the cursor on a cluster by its name.
    async fn choose(&mut self, id: &str) -> Result<(), CliError> {
        self.live.keys("Esc Esc Esc /");
        self.live.keys(&format!("{id} Enter"));
        self.until("the cluster", |state, _| state.cluster().is_some_and(|cluster| cluster.id.as_str() == id)).await
    }

    async fn until(&mut self, what: &str, seen: impl Fn(&State, &str) -> bool) -> Result<(), CliError> {
        let waited = self.live.until(seen, || {}).await;
        waited
            .map_err(|screen| CliError::new(Exit::Timeout, "timeout", format!("waited in vain for {what}:\n{screen}")))
    }

    fn write(&mut self, name: &str, title: &str) -> Result<(), CliError> {
        self.write_on(name, title, false)
    }

    fn write_on(&mut self, name: &str, title: &str, light: bool) -> Result<(), CliError> {
        let path = self.folder.join(format!("{name}.svg"));
        fs::write(&path, picture::svg(&self.live.harness.buffer(), title, light))?;
        self.session.output.say(&path.display().to_string());
        Ok(())
    }
}
