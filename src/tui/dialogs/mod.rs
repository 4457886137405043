//! Dialogs that show a plan before anything happens. Each is bound to the cluster that it was opened for, whatever the
//! cursor does meanwhile; its plan is made anew whenever the data or a field changes, and once more on submission.

mod choice;
mod clone;
mod delete;
mod field;
mod mark;
mod rewind;
mod stay;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::aurora::cluster::Cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::mark::MarkName;
use crate::aurora::plan::{Check, Desk, Level, Plan};
use crate::aurora::request::CloneRequest;
use crate::engine::Request;

pub use choice::{About, Answer, Choice};
use field::find;
pub use field::{Field, FieldName};
pub use rewind::Aim;

/// What the dialog is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Make a clone.
    Clone,
    /// Make a full copy of a past moment.
    Copy,
    /// Give a moment a name.
    Mark,
    /// Protect it for a while, or no longer.
    Keep,
    /// Let it live longer.
    Extend,
    /// Go back in time.
    Rewind,
    /// Take back a rewind.
    Undo,
    /// Delete.
    Delete,
    /// Take a mark off.
    Unmark,
}

impl Intent {
    /// The word on the button.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Clone => "Clone",
            Self::Copy => "Copy",
            Self::Mark => "Mark",
            Self::Keep => "Keep",
            Self::Extend => "Extend",
            Self::Rewind => "Rewind",
            Self::Undo => "Undo",
            Self::Delete => "Delete",
            Self::Unmark => "Unmark",
        }
    }
}

/// Where keys go inside a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The nth field.
    Field(usize),
    /// The button that changes nothing.
    Cancel,
    /// The button that starts the task.
    Submit,
}

/// What submitting came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Submission {
    /// Start this.
    Start(Box<Request>, Option<ClusterId>),
    /// Not yet, for this reason.
    Refused(String),
}

/// Where times are typed and shown.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The present moment.
    pub now: Timestamp,
    /// The zone.
    pub zone: TimeZone,
}

/// A plan and its question.
#[derive(Debug, Clone)]
pub struct Dialog {
    /// What it is about to do.
    pub intent: Intent,
    /// The cluster that it was opened for, as it was then. Never changes.
    pub target: Box<Cluster>,
    /// Whether the target is still there.
    pub gone: bool,
    /// What can be filled in.
    pub fields: Vec<Field>,
    /// Where keys go.
    pub stop: Stop,
    /// The plan as of the last change.
    pub plan: Plan,
    /// Whether the calls are listed.
    pub calls_shown: bool,
    /// Lines of the plan scrolled away.
    pub scroll: u16,
    /// The request that the plan was made from; none while a field is not understood.
    request: Option<Request>,
    /// The identifier to be typed, asked for by the policy.
    guarded: bool,
    /// What is not filled in by the person.
    template: Template,
}

/// What a request takes from elsewhere than the fields.
#[derive(Debug, Clone)]
enum Template {
    Clone(Box<CloneRequest>),
    Rewind(Aim),
    Mark { at: Timestamp },
    Stay,
    Undo { to: Timestamp },
    Delete,
    Unmark(MarkName),
}

impl Dialog {
    /// The form for a clone of `source`, or for a full copy of one of its past moments.
    pub fn clone_of(source: &Cluster, request: CloneRequest, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let fields = clone::fields(&request, source, zone);
        let intent = if request.full_copy_at.is_some() { Intent::Copy } else { Intent::Clone };
        let template = Template::Clone(Box::new(request));
        let mut dialog = Self::new(intent, source, fields, template, desk);
        dialog.stop = Stop::Field(0);
        dialog.replan(desk, zone);
        dialog
    }

    /// The form for a mark on `cluster`.
    pub fn mark(cluster: &Cluster, at: Timestamp, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let fields = mark::fields(at, zone);
        let mut dialog = Self::new(Intent::Mark, cluster, fields, Template::Mark { at }, desk);
        dialog.stop = Stop::Field(0);
        dialog.replan(desk, zone);
        dialog
    }

    /// The form for the protection of `cluster`.
    pub fn keep(cluster: &Cluster, desk: Desk<'_>, zone: &TimeZone) -> Self {
        Self::stay(Intent::Keep, cluster, stay::keep_fields(cluster, desk.now), desk, zone)
    }

    /// The form that lets `cluster` live for another `more`.
    pub fn extend(cluster: &Cluster, more: SignedDuration, desk: Desk<'_>, zone: &TimeZone) -> Self {
        Self::stay(Intent::Extend, cluster, stay::more_fields(more), desk, zone)
    }

    fn stay(intent: Intent, cluster: &Cluster, fields: Vec<Field>, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let mut dialog = Self::new(intent, cluster, fields, Template::Stay, desk);
        dialog.stop = Stop::Field(0);
        dialog.replan(desk, zone);
        dialog
    }

    /// The dialog for a rewind of `cluster`.
    pub fn rewind(cluster: &Cluster, aim: Aim, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let fields = rewind::fields(aim.to, zone);
        let mut dialog = Self::new(Intent::Rewind, cluster, fields, Template::Rewind(aim), desk);
        dialog.replan(desk, zone);
        dialog
    }

    /// The dialog that takes back a rewind of `cluster`: `to` just before it.
    pub fn undo(cluster: &Cluster, to: Timestamp, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let mut dialog = Self::new(Intent::Undo, cluster, Vec::new(), Template::Undo { to }, desk);
        dialog.replan(desk, zone);
        dialog
    }

    /// The dialog for the deletion of `cluster`.
    pub fn delete(cluster: &Cluster, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let mut dialog = Self::new(Intent::Delete, cluster, delete::fields(), Template::Delete, desk);
        dialog.replan(desk, zone);
        dialog
    }

    fn new(intent: Intent, target: &Cluster, fields: Vec<Field>, template: Template, desk: Desk<'_>) -> Self {
        let plan = match intent {
            Intent::Clone | Intent::Copy | Intent::Mark | Intent::Keep | Intent::Extend | Intent::Unmark => {
                Plan::about(String::new(), target.id.clone(), None)
            }
            Intent::Rewind | Intent::Undo => rewind::plan(target, desk.now, desk),
            Intent::Delete => delete::plan(target, None, desk),
        };
        Self {
            intent,
            target: Box::new(target.clone()),
            gone: false,
            fields,
            stop: Stop::Cancel,
            plan,
            calls_shown: false,
            scroll: 0,
            request: None,
            guarded: false,
            template,
        }
    }

    /// Resource id of the cluster that it was opened for.
    pub fn resource(&self) -> &ResourceId {
        &self.target.resource_id
    }

    /// The moment that a rewind goes to.
    pub fn moment(&self) -> Option<Timestamp> {
        match &self.template {
            Template::Rewind(Aim { to, .. }) | Template::Undo { to } | Template::Mark { at: to } => Some(*to),
            _ => None,
        }
    }

    /// The past moment that a full copy shows.
    pub fn copied_moment(&self) -> Option<Timestamp> {
        match &self.template {
            Template::Clone(request) => request.full_copy_at,
            _ => None,
        }
    }

    /// Where a rewind goes that may still be aimed elsewhere.
    pub fn aim(&self) -> Option<&Aim> {
        match &self.template {
            Template::Rewind(aim) if !self.refused() => Some(aim),
            _ => None,
        }
    }

    /// Aims elsewhere: what was typed makes way.
    pub(super) fn aim_at(&mut self, aim: Aim, desk: Desk<'_>, zone: &TimeZone) {
        if let Template::Rewind(old) = &mut self.template {
            let typed = find(&mut self.fields, FieldName::Time).filter(|_| old.to != aim.to);
            if let Some(field) = typed {
                *field = Field::new(FieldName::Time, crate::aurora::time::date_text(aim.to, zone));
            }
            *old = aim;
            self.replan(desk, zone);
        }
    }

    /// Whether nothing that can be filled in would help.
    pub fn refused(&self) -> bool {
        let mendable = |name: &str| match self.intent {
            Intent::Clone | Intent::Copy => !["source", "instances", "policy"].contains(&name),
            Intent::Mark => name != "cluster",
            Intent::Keep => name == "keep",
            Intent::Extend => name == "expiry",
            Intent::Rewind => name == "binlog" || (name == "window" && self.target.backtrack.enabled()),
            Intent::Undo | Intent::Unmark => false,
            Intent::Delete => name == "snapshot",
        };
        self.gone || self.plan.failures().any(|check| !mendable(check.name))
    }

    /// Whether the policy asks for the identifier to be typed.
    pub fn guarded(&self) -> bool {
        self.guarded
    }

    /// Whether the identifier is yet to be typed.
    pub fn awaits_typing(&self) -> bool {
        self.guarded && self.typed().is_none()
    }

    /// The identifier as typed, if it is the right one.
    fn typed(&self) -> Option<ClusterId> {
        let field = self.fields.iter().find(|field| field.name == FieldName::Typed)?;
        // The right letters in the right order, as on screen: no case folding, no trimming.
        (field.input.value() == self.plan.subject.as_str()).then(|| self.plan.subject.clone())
    }

    /// The field that text goes to.
    pub fn editing(&self) -> Option<&Field> {
        match self.stop {
            Stop::Field(index) if !self.refused() => self.fields.get(index),
            _ => None,
        }
    }

    pub(super) fn editing_mut(&mut self) -> Option<&mut Field> {
        match self.stop {
            Stop::Field(index) if !self.refused() => self.fields.get_mut(index),
            _ => None,
        }
    }

    /// Makes the plan anew, from the fields as they are and the data as it is now.
    pub fn replan(&mut self, desk: Desk<'_>, zone: &TimeZone) {
        let current = desk.fleet.get(self.resource());
        self.gone = current.is_none();
        let clock = Clock { now: desk.now, zone: zone.clone() };
        self.request = self.read(&clock);
        if let Some(plan) = self.request.as_ref().map(|request| plan_of(request, desk)) {
            self.plan = plan;
        }
        self.guard();
        if self.refused() {
            self.stop = Stop::Cancel;
        }
    }

    /// Where a typed identifier is asked for, there is a field for it, and keys go there first: it is safe, because
    /// Enter does nothing before the identifier is complete.
    fn guard(&mut self) {
        let wanted = self.plan.confirm.is_some() && !self.refused();
        if wanted && !self.guarded {
            self.fields.push(Field::new(FieldName::Typed, ""));
            self.stop = Stop::Field(self.fields.len() - 1);
        }
        if !wanted && self.guarded {
            self.fields.retain(|field| field.name != FieldName::Typed);
            self.stop = Stop::Cancel;
        }
        self.guarded = wanted;
    }

    /// The request that the fields ask for; none if one is not understood, which the field then says.
    fn read(&mut self, clock: &Clock) -> Option<Request> {
        match &mut self.template {
            Template::Clone(template) => clone::read(template, &mut self.fields, clock).map(Request::Create),
            Template::Rewind(aim) => rewind::read(&self.target, aim, &mut self.fields, clock).map(Request::Rewind),
            Template::Undo { to } => Some(Request::Rewind(rewind::request(&self.target, *to))),
            Template::Mark { at } => mark::read(&self.target, at, &mut self.fields, clock).map(Request::Mark),
            Template::Stay => stay::read(&self.target, &mut self.fields, clock.now).map(Request::Stay),
            Template::Delete => delete::read(&self.target, &mut self.fields).map(Request::Delete),
            Template::Unmark(name) => Some(Request::Mark(mark::removal(&self.target, name))),
        }
    }

    /// A field was changed: moments that are typed relative to now are fixed now.
    pub(super) fn edited(&mut self, desk: Desk<'_>, zone: &TimeZone) {
        if let Some(field) = self.editing_mut() {
            field.touched = true;
        }
        self.replan(desk, zone);
    }

    /// Checks once more and hands out what is to be started.
    pub(super) fn submit(&mut self, desk: Desk<'_>, zone: &TimeZone) -> Submission {
        self.replan(desk, zone);
        if let Some(failure) = self.plan.failures().next() {
            return Submission::Refused(format!("{}: {}", failure.name, failure.message));
        }
        if let Some(field) = self.fields.iter().find(|field| field.error.is_some()) {
            return Submission::Refused(field.error.clone().unwrap_or_default());
        }
        if self.awaits_typing() {
            return Submission::Refused(format!("type `{}` to go on", self.plan.subject));
        }
        match &self.request {
            Some(request) if !self.gone => Submission::Start(Box::new(request.clone()), self.typed()),
            _ => Submission::Refused(format!("`{}` is not there any more", self.target.id)),
        }
    }

    /// Says in the plan that `run` uses the cluster which is about to be changed.
    pub(super) fn used_by(&mut self, run: Option<String>) {
        const NAME: &str = "in use";
        if !matches!(self.intent, Intent::Rewind | Intent::Undo | Intent::Delete) {
            return;
        }
        self.plan.checks.retain(|check| check.name != NAME);
        self.plan.checks.extend(run.map(|run| Check {
            name: NAME,
            level: Level::Warn,
            message: format!("a test run is using it: {run}"),
            mend: Some("wait until it is over, or end it: x on it in the task pane".into()),
        }));
    }

    /// The stops in the order of Tab.
    pub fn stops(&self) -> Vec<Stop> {
        if self.refused() {
            return vec![Stop::Cancel];
        }
        let fields = (0..self.fields.len()).map(Stop::Field);
        fields.chain([Stop::Cancel, Stop::Submit]).collect()
    }

    pub(super) fn step(&mut self, forward: bool) {
        let stops = self.stops();
        let here = stops.iter().position(|stop| *stop == self.stop).unwrap_or(0);
        let next = if forward { here + 1 } else { here + stops.len() - 1 };
        if let Some(stop) = stops.get(next % stops.len()) {
            self.stop = *stop;
        }
    }
}

fn plan_of(request: &Request, desk: Desk<'_>) -> Plan {
    match request {
        Request::Create(request) => crate::aurora::plan::clone(request, "<task>", desk).0,
        Request::Rewind(request) => crate::aurora::plan::rewind(request, desk),
        Request::Delete(request) => crate::aurora::plan::delete(request, desk),
        Request::Stay(request) => crate::aurora::plan::stay(request, desk),
        Request::Secure(request) => crate::aurora::plan::secure(request, desk),
        // A run has no dialog of this kind: it is planned with its recipe.
        Request::Test(request) => Plan::about(format!("test {}", request.recipe), request.clone.clone(), None),
        Request::Stack(request) => Plan::about(format!("stack {}", request.name), request.clone.clone(), None),
        Request::Mark(request) => {
            let known = desk.known.filter(|known| *known.cluster == request.resource);
            crate::aurora::plan::mark(request, known.map_or(&[], |known| known.past.marks), desk).0
        }
    }
}
