//! What is looked at before a run is begun, besides what every clone is looked at for.

use jiff::SignedDuration;

use super::Outside;
use crate::aurora::Fleet;
use crate::aurora::cluster::Cluster;
use crate::aurora::plan::{Check, Level};
use crate::aurora::span;
use crate::recipe::environment::Blueprint;
use crate::recipe::file::Loaded;
use crate::recipe::model::{Action, Master, Probe, Recipe, Step, Target};

/// Collects checks.
#[derive(Debug, Default)]
pub(super) struct Checks(pub(super) Vec<Check>);

impl Checks {
    pub(super) fn add(&mut self, name: &'static str, level: Level, message: impl Into<String>, mend: &str) {
        let mend = (!mend.is_empty()).then(|| mend.to_owned());
        self.0.push(Check { name, level, message: message.into(), mend });
    }

    fn pass(&mut self, name: &'static str, message: impl Into<String>) {
        self.add(name, Level::Pass, message, "");
    }

    fn fail(&mut self, name: &'static str, message: impl Into<String>, mend: &str) {
        self.add(name, Level::Fail, message, mend);
    }
}

/// Looks at whether the source is what the recipe expects, and whether the clone can do what the steps ask for. `window` is
/// the Backtrack window that the clone gets, if nothing stands against it.
pub(super) fn source(
    checks: &mut Checks,
    recipe: &Recipe,
    source: &Cluster,
    window: Option<SignedDuration>,
    fleet: &Fleet,
) {
    expected(checks, recipe, source, fleet);
    if recipe.connect.probe == Probe::Sql && !source.engine.can_backtrack() {
        let message = format!("the steps talk to MySQL, and `{}` is {}", source.id, source.engine);
        checks.fail("connect", message, "set `probe = \"tcp\"` in [connect], and leave SQL to commands");
    }
    let rewinds = rewinds(&recipe.step);
    if rewinds.is_empty() {
        return;
    }
    match window {
        None => {}
        Some(window) if window.is_zero() => {
            checks.fail("rewinds", "the clone has no Backtrack window", "ask for one with `clone.window`");
        }
        Some(window) => {
            let far = rewinds.iter().find(|ago| **ago > window);
            match far {
                Some(ago) => {
                    let message = format!("one goes {} back, the window is {}", span::exact(*ago), span::exact(window));
                    checks.fail("rewinds", message, "ask for a longer `clone.window`");
                }
                None => checks.pass("rewinds", format!("{} in a window of {}", rewinds.len(), span::exact(window))),
            }
        }
    }
}

fn expected(checks: &mut Checks, recipe: &Recipe, source: &Cluster, fleet: &Fleet) {
    let expect = &recipe.source.expect;
    let mend = "choose another source, or change [source.expect]";
    let mut look = |holds: bool, what: String| {
        if holds {
            checks.pass("expected", what);
        } else {
            checks.fail("expected", what, mend);
        }
    };
    if let Some(engine) = &expect.engine {
        look(source.engine.as_str() == engine, format!("engine `{engine}`, and it is `{}`", source.engine));
    }
    if let Some(version) = &expect.version {
        let is = &source.engine_version;
        look(is.starts_with(version.as_str()), format!("version `{version}`, and it is `{is}`"));
    }
    if let Some(window) = expect.window {
        let (wanted, is) = (span::exact(window.0), source.backtrack.target());
        let text = if is.is_zero() { "none".to_owned() } else { span::exact(is) };
        look(is >= window.0, format!("a window of {wanted} at least, and it is {text}"));
    }
    if let Some(most) = expect.max_clones {
        let group = source.clone_group.as_deref();
        let clones = group.map_or(0, |group| fleet.group(group).len().saturating_sub(1));
        look(clones <= most as usize, format!("{most} clones at most, and there are {clones}"));
    }
}

/// How far back each rewind of `steps` goes, as far as that is known: one to a mark goes as far as the steps take.
fn rewinds(steps: &[Step]) -> Vec<SignedDuration> {
    let far = |step: &Step| match &step.action {
        Action::Rewind(rewind) => Some(match rewind.to {
            Target::Ago(ago) => ago,
            Target::Mark(_) | Target::At(_) => SignedDuration::ZERO,
        }),
        Action::Repeat(repeat) => (repeat.times > 1).then_some(SignedDuration::ZERO),
        _ => None,
    };
    steps.iter().filter_map(far).collect()
}

/// Looks at what the recipe asks of this machine: its variables, the template's file.
pub(super) fn outside(checks: &mut Checks, loaded: &Loaded, outside: &Outside) {
    let recipe = &loaded.recipe;
    if let (Master::Keep, Some(name)) = (recipe.secrets.master, &recipe.secrets.password_env) {
        if (outside.env)(name).is_some() {
            checks.pass("password", format!("{name} is set"));
        } else {
            checks.fail("password", format!("{name} is not set"), "put the source's password into it");
        }
    }
    if let Some(environment) = &recipe.environment {
        match Blueprint::read(environment, &loaded.directory) {
            Ok(blueprint) => {
                checks.0.extend(blueprint.checks());
                if let Err(error) = blueprint.spec(&outside.owner, &*outside.env) {
                    checks.fail("variables", error.to_string(), "set it");
                }
            }
            Err(error) => checks.fail("template", error.to_string(), "name a template in [environment]"),
        }
    }
    let now = (outside.clock)();
    let early = recipe.step.iter().find_map(|step| match &step.action {
        Action::Rewind(rewind) => match rewind.to {
            Target::At(at) => (at <= now).then_some(at),
            Target::Ago(_) | Target::Mark(_) => None,
        },
        _ => None,
    });
    if let Some(at) = early {
        let message = format!("one goes to {at}, and the clone is only made after that");
        checks.fail("moment", message, "rewind to a mark; `clone.at` makes a clone of a moment of the past");
    }
    let ttl = recipe.clone.life();
    if let Some(total) = recipe.limits.total.filter(|total| total.0 > ttl) {
        let message = format!("a run may take {}, the clone lives {}", span::exact(total.0), span::exact(ttl));
        checks.fail("time", message, "give the clone a longer `clone.ttl`");
    }
    if recipe.limits.longest_lock.is_some() && recipe.connect.probe != Probe::Sql {
        let message = "`longest-lock` cannot be measured: locks are watched by SQL";
        checks.add("limits", Level::Warn, message, "set `probe = \"sql\"` in [connect], or take the limit out");
    }
    checks.pass("steps", recipe.step.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(", "));
}
