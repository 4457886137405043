//! What can be done about a moment that no rewind reaches: a full copy of it, from the backups.

use jiff::Timestamp;

use super::clone::default_name;
use super::{Desk, Plan};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::lineage::Parent;

/// A full copy that reaches a moment, and a clone of it to work on.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The cluster whose backups hold the moment.
    pub from: ClusterId,
    /// Its resource id.
    pub resource: ResourceId,
    /// The moment.
    pub at: Timestamp,
    /// What it means, in a sentence: slowness and cost.
    pub note: String,
    /// The commands of this program, in order.
    pub commands: Vec<String>,
}

impl Plan {
    /// What to do about the checks that forbid the task, and what can be done instead.
    pub fn next_steps(&self) -> Vec<String> {
        let mends = self.failures().filter_map(|check| check.mend.clone());
        let offers = self.offers.iter().flat_map(|offer| {
            std::iter::once(offer.note.clone()).chain(offer.commands.iter().map(|command| format!("`{command}`")))
        });
        mends.chain(offers).collect()
    }
}

/// Full copies that hold the state of `cluster` at `at`: its own backups from its creation on, before it those of its source
/// (point-in-time restore reaches into the backups, whatever the backtrack window holds: User Guide, Restoring a DB cluster
/// to a specified time).
pub(super) fn offers(cluster: &Cluster, at: Timestamp, desk: Desk<'_>) -> Vec<Offer> {
    let born_before = cluster.created_at.is_none_or(|made| made <= at);
    let from = if born_before {
        Some(cluster)
    } else {
        match desk.fleet.parent(cluster) {
            Parent::Known(id) | Parent::Probable(id) => desk.fleet.get(&id),
            Parent::Gone(_) | Parent::None => None,
        }
    };
    let held = |from: &&Cluster| from.restorable.is_some_and(|(earliest, latest)| earliest <= at && at <= latest);
    from.filter(held).map(|from| offer(from, at, desk)).into_iter().collect()
}

fn offer(from: &Cluster, at: Timestamp, desk: Desk<'_>) -> Offer {
    let suffix = at.strftime("copy-%m%d-%H%M").to_string();
    let name = default_name(&from.id, &suffix, desk.policy);
    let class = desk.fleet.instances(&from.id).iter().find(|i| from.writer() == Some(i.id.as_str())).map(|i| &i.class);
    let lowest = from.settings.serverless.map(|(min, _)| min);
    let cost = class.and_then(|class| desk.prices.instance(class, lowest, None));
    let instance = cost.map_or(String::new(), |cost| {
        format!(
            ", and {:.2} {} an hour for its instance (prices of {})",
            cost.per_hour, cost.currency, desk.prices.as_of
        )
    });
    let note = format!(
        "a full copy of `{}` as of {at} reaches it from the backups: hours for a large volume, and all of its storage is \
         paid for{instance}",
        from.id
    );
    let copy = format!("aurewind clone {} --full-copy --at {at}", from.id);
    let commands = match name {
        Some(name) => vec![format!("{copy} --name {name}"), format!("aurewind clone {name}")],
        None => vec![copy],
    };
    Offer { from: from.id.clone(), resource: from.resource_id.clone(), at, note, commands }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::{TAG_CLONE, TAG_PARENT_RESOURCE};
    use crate::aurora::plan::rewind;
    use crate::aurora::policy::Policy;
    use crate::aurora::request::RewindRequest;

    fn moment(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    /// A clone that was made at 10:00, with a window back to 11:00, of a source with backups of three days.
    fn family() -> (Cluster, Cluster) {
        let (mut source, mut clone) = (cluster("orders-prod"), cluster("clone-a"));
        source.restorable = Some((moment("19T12:00:00"), moment("22T11:55:00")));
        source.created_at = Some(moment("01T00:00:00"));
        clone.created_at = Some(moment("22T10:00:00"));
        clone.restorable = Some((moment("22T10:05:00"), moment("22T11:55:00")));
        clone.backtrack.target_seconds = 86_400;
        clone.backtrack.earliest = Some(moment("22T11:00:00"));
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        clone.tags.insert(TAG_PARENT_RESOURCE.into(), source.resource_id.to_string());
        (source, clone)
    }

    fn plan(to: &str) -> Plan {
        let (source, clone) = family();
        let request = RewindRequest::new(&clone, moment(to));
        let (fleet, policy, prices) = (Fleet::of([source, clone]), Policy::default(), Prices::default());
        let now = moment("22T12:00:00");
        rewind(&request, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known: None })
    }

    #[rstest::rstest]
    #[case::inside_the_window("22T11:30:00", None)]
    #[case::in_the_future("22T12:30:00", None)]
    #[case::its_own_backups("22T10:30:00", Some("clone-a"))]
    #[case::before_its_own_first_backup("22T10:02:00", None)]
    #[case::before_its_birth("22T08:00:00", Some("orders-prod"))]
    #[case::before_every_backup("18T08:00:00", None)]
    fn a_full_copy_is_offered_where_backups_reach(#[case] to: &str, #[case] want: Option<&str>) {
        let plan = plan(to);
        assert_eq!(plan.offers.first().map(|offer| offer.from.as_str()), want);
    }

    #[test]
    fn the_commands_can_be_run_as_they_are() {
        let steps = plan("22T08:00:00").next_steps();
        assert_eq!(steps[0], "choose a time from 2026-11-22T11:00:00Z on");
        assert_eq!(
            steps[2..],
            [
                "`aurewind clone orders-prod --full-copy --at 2026-11-22T08:00:00Z --name clone-orders-copy-1122-0800`",
                "`aurewind clone clone-orders-copy-1122-0800`",
            ]
        );
    }
}
