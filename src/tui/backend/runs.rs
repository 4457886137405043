//! Test runs: planned, begun, and taken to their end by this process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use jiff::SignedDuration;

use super::Inner;
use crate::aurora::span;
use crate::engine::task::FailureKind;
use crate::engine::{TaskError, TaskId};
use crate::recipe::file::{self, Loaded};
use crate::recipe::model::{Action, Against, Recipe, Target, Until};
use crate::recipe::run::{self, Options, Outside, Planned, Running};
use crate::tui::event::Event;
use crate::tui::state::{Notice, Prospect};

/// What runs of recipes need besides a connection.
#[derive(Clone)]
pub struct Recipes {
    /// The folders that recipes are looked for in.
    pub folders: Vec<PathBuf>,
    /// The folder in which every run gets one of its own.
    pub runs: PathBuf,
    /// Who asks: `user@host`.
    pub owner: String,
    /// How long a part of a run waits for a person to sign in again.
    pub patience: SignedDuration,
    /// Reads a variable of the environment.
    pub env: Arc<dyn Fn(&str) -> Option<String> + Send + Sync>,
}

/// A run that was planned and shown, and not begun yet.
#[derive(Debug)]
pub(super) struct Shown {
    path: PathBuf,
    planned: Planned,
}

impl Inner {
    /// Tells what the recipe at `path` would do, or what is wrong with it.
    pub(super) async fn check_recipe(&self, path: PathBuf) {
        let result = self.prospect(&path).await.map(Box::new);
        self.tell(Event::Checked { path, result }).await;
    }

    async fn prospect(&self, path: &Path) -> Result<Prospect, Vec<String>> {
        let file = path.to_owned();
        let loaded = tokio::task::spawn_blocking(move || file::load(&file)).await;
        let loaded = loaded.map_err(|error| vec![error.to_string()])?;
        let loaded = loaded.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let seen = Seen::of(&loaded);
        let planned = self.plan(loaded).await.map_err(|error| {
            let next = error.next_steps.iter().map(|step| format!("next: {step}"));
            vec![std::iter::once(error.message.clone()).chain(next).collect::<Vec<_>>().join("\n")]
        })?;
        let plan = planned.plan.clone();
        let shown = Shown { path: path.to_owned(), planned };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        let Seen { name, description, steps, warnings } = seen;
        Ok(Prospect { name, description, steps, warnings, plan })
    }

    async fn plan(&self, loaded: Loaded) -> Result<Planned, TaskError> {
        let engine = self.engine().await?;
        let outside = self.outside().await?;
        let fleet = outside.aws.fleet().await;
        let fleet = fleet.map_err(|error| TaskError::new(FailureKind::Aws, error.to_string()).next(error.mend()))?;
        let planned = run::plan(loaded, &fleet, &outside, engine.new_id());
        planned.map_err(|error| TaskError::new(FailureKind::Refused, error.to_string()))
    }

    async fn outside(&self) -> Result<Outside, TaskError> {
        let aws = self.aws().await.map_err(|error| TaskError::new(FailureKind::Aws, error.message))?;
        let recipes = &self.parts.recipes;
        Ok(Outside {
            aws: aws.clone(),
            rules: self.parts.rules.clone(),
            clock: self.parts.clock.clone(),
            owner: recipes.owner.clone(),
            runs: recipes.runs.clone(),
            patience: recipes.patience,
            env: recipes.env.clone(),
            // What a step writes is read from its log while somebody looks.
            line: Arc::new(|_| {}),
        })
    }

    /// Begins the run of `path` that was shown last, and takes it to its end.
    pub(super) async fn start_test(&self, path: &Path) {
        let begun = self.begin_test(path).await;
        let (told, running) = match begun {
            Ok(running) => (Ok(running.task().id), Some(running)),
            Err(error) => (Err::<TaskId, _>(error), None),
        };
        self.tell(Event::Started(told)).await;
        let Some(running) = running else { return };
        let finished = Box::pin(running.drive()).await;
        for unwritten in finished.unwritten {
            self.tell(Event::Notice(Notice::warn(format!("a report could not be written: {unwritten}")))).await;
        }
    }

    async fn begin_test(&self, path: &Path) -> Result<Running, TaskError> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        let shown = shown.filter(|shown| shown.path == path);
        let shown = shown.ok_or_else(|| TaskError::new(FailureKind::Refused, "its plan was not shown"))?;
        let outside = self.outside().await?;
        run::start(self.engine().await?, outside, shown.planned, Options::default())
    }
}

/// What is shown of a recipe besides its plan.
struct Seen {
    name: String,
    description: Option<String>,
    steps: Vec<(String, String)>,
    warnings: Vec<String>,
}

impl Seen {
    fn of(loaded: &Loaded) -> Self {
        let Recipe { name, description, step, .. } = &loaded.recipe;
        let warning = |warning: &file::FileError| match warning.key.as_str() {
            "" => warning.problem.clone(),
            key => format!("`{key}`: {}", warning.problem),
        };
        Self {
            name: name.clone(),
            description: description.clone(),
            steps: step.iter().map(|step| (step.name.clone(), said(&step.action))).collect(),
            warnings: loaded.warnings.iter().map(warning).collect(),
        }
    }
}

/// What a step does, in a line.
fn said(action: &Action) -> String {
    match action {
        Action::Sql(sql) => {
            let files: Vec<_> = sql.files.iter().map(|file| file.display().to_string()).collect();
            format!("{}: {}", sql.role.as_str(), files.join(", "))
        }
        Action::Run(command) => {
            // What was written as one text is shown as that.
            let words = match command.words.as_slice() {
                [sh, flag, script] if sh == "sh" && flag == "-c" => script.clone(),
                words => words.join(" "),
            };
            format!("{}: {words}", command.role.as_str())
        }
        Action::Mark(_) => "mark the moment".into(),
        Action::Rewind(rewind) => match &rewind.to {
            Target::Mark(mark) => format!("rewind to `{mark}`"),
            Target::Ago(ago) => format!("rewind by {}", span::exact(*ago)),
            Target::At(at) => format!("rewind to {at}"),
        },
        Action::Diff(diff) => {
            let what = if diff.rows { "schema and row counts" } else { "schema" };
            match &diff.against {
                Against::Source => format!("compare {what} with the source"),
                Against::Mark(mark) => format!("compare {what} with `{mark}`"),
            }
        }
        Action::Repeat(repeat) => {
            let until = if repeat.until == Until::Pass { " until they pass" } else { "" };
            let names: Vec<_> = repeat.steps.iter().map(|step| step.name.as_str()).collect();
            let times = repeat.times;
            format!("{} up to {times} times{until}, back to `{}` between", names.join(", "), repeat.reset)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_says_what_it_does() {
        let text = r#"
            schema = 1
            name = "shop"
            source.cluster = "orders-prod"
            [[step]]
            mark = "fresh"
            [[step]]
            sql = "sql/0042.sql"
            [[step]]
            run = ["pytest", "-q"]
            [[step]]
            run = "make check"
            [[step]]
            rewind = "fresh"
            [[step]]
            diff = { against = "fresh" }
            [[step]]
            name = "again"
            repeat = 2
            until = "pass"
            reset = "fresh"
            step = [{ run = "true", name = "check" }]
        "#;
        let (recipe, _) = file::read(text, Path::new("shop.toml")).unwrap();
        let said: Vec<_> = recipe.step.iter().map(|step| said(&step.action)).collect();
        let want = [
            "mark the moment",
            "release: sql/0042.sql",
            "test: pytest -q",
            "test: make check",
            "rewind to `fresh`",
            "compare schema with `fresh`",
            "check up to 2 times until they pass, back to `fresh` between",
        ];
        assert_eq!(said, want);
    }
}
