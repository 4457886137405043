//! What a run will do, computed before it is begun.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{Outside, calls, checks, stages, surroundings};
use crate::aurora::Fleet;
use crate::aurora::ids::{ClusterId, InvalidId};
use crate::aurora::plan::{self, Desk, Level, Plan};
use crate::aurora::request::CloneRequest;
use crate::aurora::stack::StackName;
use crate::aurora::time;
use crate::engine::{TaskId, TestRequest};
use crate::recipe::file::Loaded;
use crate::recipe::model::{Environment, Recipe};

/// A run that has not begun.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What it will do, and what stands against it.
    pub plan: Plan,
    pub(super) loaded: Loaded,
    pub(super) id: TaskId,
    pub(super) names: Names,
    /// The clusters that there were.
    pub(super) clusters: BTreeSet<ClusterId>,
}

/// What a run works with and on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// The cluster that is cloned; absent if an output of the stack names it.
    pub(super) source: Option<ClusterId>,
    /// The clone.
    pub(super) clone: ClusterId,
    /// The stack.
    pub(super) stack: Option<StackName>,
    /// Where the run keeps its files.
    pub(super) directory: PathBuf,
}

/// Why a recipe cannot be planned with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A name that no cluster can have.
    #[error("`{key}`: {error}")]
    Name {
        /// The key of the recipe.
        key: &'static str,
        /// What is wrong with it.
        error: InvalidId,
    },
    /// A name that no stack can have.
    #[error("`environment.stack`: {0}")]
    Stack(String),
    /// A moment that is none.
    #[error("`clone.at`: {0}")]
    Moment(String),
}

/// Plans a run of `loaded` as task `id`, on what was just read.
///
/// # Errors
/// If the recipe leads to a name or a moment that is none.
pub fn plan(loaded: Loaded, fleet: &Fleet, outside: &Outside, id: TaskId) -> Result<Planned, PlanError> {
    let names = Names::of(&loaded.recipe, outside, &id)?;
    let plan = look(&loaded, &names, fleet, outside, &id)?;
    let clusters = fleet.iter().map(|cluster| cluster.id.clone()).collect();
    Ok(Planned { plan, loaded, id, names, clusters })
}

/// What will be done, and what stands against it.
pub(super) fn look(
    loaded: &Loaded,
    names: &Names,
    fleet: &Fleet,
    outside: &Outside,
    id: &TaskId,
) -> Result<Plan, PlanError> {
    let (now, recipe) = ((outside.clock)(), &loaded.recipe);
    let mut found = checks::Checks::default();
    let mut plan = if let Some(source) = &names.source {
        let request = request(recipe, source, &names.clone, &outside.owner, now)?;
        let (policy, prices) = (&outside.rules.policy, &outside.rules.prices);
        let (plan, spec) = plan::clone(&request, id.as_str(), Desk { fleet, policy, prices, now, known: None });
        if let Some(source) = fleet.named(source) {
            let window = spec.map(|spec| SignedDuration::from_secs(spec.window_seconds));
            checks::source(&mut found, recipe, source, window, fleet);
        }
        plan
    } else {
        let message = "an output of the stack names it: it can only be looked at once that is made";
        found.add("source", Level::Warn, message, "");
        Plan::about(String::new(), names.clone.clone(), None)
    };
    let source = names.source.as_ref().map_or("what the stack names", ClusterId::as_str);
    plan.title = format!("Test {} on {}, a clone of {source}", recipe.name, names.clone);
    checks::outside(&mut found, loaded, outside);
    surroundings::look(&mut found, recipe, outside);
    plan.checks.extend(found.0);
    plan.calls = calls::all(recipe, names, plan.calls);
    Ok(plan)
}

impl Names {
    fn of(recipe: &Recipe, outside: &Outside, id: &TaskId) -> Result<Self, PlanError> {
        let named = |key| move |error| PlanError::Name { key, error };
        let user = outside.owner.split('@').next().unwrap_or_default();
        let clone = recipe.clone.name.fill(&recipe.name, user, id.suffix());
        let source = recipe.source.cluster.as_deref().map(str::parse::<ClusterId>).transpose();
        let stack = |stack: &Environment| stack.stack.fill(&recipe.name, user, id.suffix()).parse::<StackName>();
        let stack = recipe.environment.as_ref().map(stack).transpose();
        Ok(Self {
            source: source.map_err(named("source.cluster"))?,
            clone: clone.parse().map_err(named("clone.name"))?,
            stack: stack.map_err(|error| PlanError::Stack(error.to_string()))?,
            directory: outside.runs.join(id.as_str()),
        })
    }
}

impl Planned {
    /// What the journal keeps of it.
    pub(super) fn request(&self) -> TestRequest {
        let recipe = &self.loaded.recipe;
        TestRequest {
            recipe: recipe.name.clone(),
            path: self.loaded.path.clone(),
            source: self.names.source.clone(),
            clone: self.names.clone.clone(),
            stack: self.names.stack.as_ref().map(ToString::to_string),
            directory: self.names.directory.clone(),
            stages: recipe.step.iter().map(|step| (step.name.clone(), stages::kind(&step.action))).collect(),
            deadline: recipe.teardown.deadline.0,
        }
    }
}

/// The clone that the recipe asks for.
pub(super) fn request(
    recipe: &Recipe,
    source: &ClusterId,
    name: &ClusterId,
    owner: &str,
    now: Timestamp,
) -> Result<CloneRequest, PlanError> {
    let clone = &recipe.clone;
    let mut request = CloneRequest::new(source.clone(), name.clone(), owner);
    request.class.clone_from(&clone.class);
    request.ttl = Some(clone.life());
    request.window = clone.window.map(|window| window.0);
    request.subnet_group.clone_from(&clone.subnet_group);
    request.security_groups.clone_from(&clone.security_groups);
    request.parameter_group.clone_from(&clone.parameter_group);
    request.tags.clone_from(&clone.tags);
    if let Some(at) = &clone.at {
        let at = time::parse(at, &now.to_zoned(TimeZone::UTC));
        request.full_copy_at = Some(at.map_err(|error| PlanError::Moment(error.to_string()))?);
    }
    Ok(request)
}
