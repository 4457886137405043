//! All databases of an account: what the account says becomes orders, and what the databases say becomes the account.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::super::Clock;
use super::super::account::Account;
use super::super::account::cluster::{Cluster, ClusterStatus};
use super::super::account::instance::InstanceStatus;
use super::super::account::intent::{Intent, Password, Seed};
use super::super::account::lifecycle::Lifecycle;
use super::super::account::measured::Measured;
use super::super::account::strain::Strain;
use super::super::rules::engine::Engine;
use super::actor::{Actor, Birth, Order};
use super::database::Shared;
use super::home::Run;
use super::kit::{Kit, SERVER_MEMORY};
use super::sql::Master;
use super::{DataPlane, DataPlaneError, files, template};

/// How far back a database can be copied whatever its Backtrack window is: the backups of a day.
const BACKUPS: SignedDuration = SignedDuration::from_hours(24);
/// The database that the demo's shop is in.
const SHOP: &str = "shop";
/// No server is started when the machine has less memory than this to give.
const MEMORY: u64 = 192 << 20;

/// The databases of an account.
#[derive(Debug)]
pub struct Plane {
    limits: DataPlane,
    template: PathBuf,
    shared: Arc<Shared>,
    /// By resource id of the cluster.
    databases: BTreeMap<String, Kept>,
    /// By identifier of the snapshot. A snapshot is a database whose server never runs.
    snapshots: BTreeMap<String, Actor>,
    ending: Vec<JoinHandle<()>>,
    made: u32,
    /// Goes last: the folder that all the others are in.
    run: Run,
}

/// A database and what it was told.
#[derive(Debug)]
struct Kept {
    actor: Actor,
    running: bool,
    port: u16,
    window: SignedDuration,
    /// How many rewinds of the cluster it knows.
    rewinds: usize,
    /// The writer is restarted once for each time that it says so.
    rebooting: bool,
}

impl Plane {
    /// Looks for MariaDB and makes a folder for this run. That can take some seconds.
    ///
    /// # Errors
    /// When there is no MariaDB, it does not work, or there is no place for databases.
    pub fn begin(options: &DataPlane, clock: &Clock) -> Result<Self, DataPlaneError> {
        let kit = Kit::find(options.keeper.clone(), |name| std::env::var_os(name))?;
        let run = Run::begin(&options.folder)?;
        let base = run.path().parent().unwrap_or(run.path()).to_owned();
        let template = template::ready(&kit, &base)?;
        let budget = options.disk / options.servers.max(1) as u64 / 2;
        Ok(Self {
            limits: options.clone(),
            template,
            shared: Arc::new(Shared { kit, clock: clock.clone(), budget, free: options.free.clone() }),
            databases: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            ending: Vec::new(),
            made: 0,
            run,
        })
    }

    /// Makes databases for the clusters that an account begins with.
    pub fn adopt(&mut self, account: &mut Account, now: Timestamp) {
        let wanting: Vec<String> =
            account.clusters(None).filter(|one| has_data(one)).map(|one| one.resource_id.clone()).collect();
        for resource_id in wanting {
            let seed = Seed::Nothing(Password(super::FLEET_PASSWORD.to_owned()));
            self.give_birth(account, &resource_id, seed, true);
        }
        self.follow(account, now);
    }

    /// Whether all that was ordered is done.
    ///
    /// # Errors
    /// When a database could not be made.
    pub fn is_ready(&self) -> Result<bool, DataPlaneError> {
        for kept in self.databases.values() {
            if let Some(reason) = &kept.actor.standing().stillborn {
                return Err(DataPlaneError::Start { reason: reason.clone() });
            }
        }
        Ok(self.databases.values().all(|kept| kept.actor.is_done()))
    }

    /// Brings what the databases say into the account.
    pub fn report(&mut self, account: &mut Account, now: Timestamp) {
        let ids: Vec<String> = account.clusters(None).filter(|one| has_data(one)).map(|one| one.id.clone()).collect();
        for id in ids {
            self.report_on(account, &id, now);
        }
        account.strain = self.strain();
    }

    fn report_on(&mut self, account: &mut Account, id: &str, now: Timestamp) {
        let Ok(cluster) = account.cluster(id) else { return };
        let (resource_id, busy_until) = (cluster.resource_id.clone(), cluster.life.last_due());
        let failed = cluster.status() == ClusterStatus::Creating;
        let Some(kept) = self.databases.get(&resource_id) else { return };
        let idle = kept.actor.is_done();
        let mut standing = kept.actor.standing();
        // A server that should run and does not is being started again.
        let done = idle && (standing.state.running || !kept.running || standing.stillborn.is_some());
        if let (true, Some(reason)) = (failed, &standing.stillborn) {
            tracing::warn!(cluster = id, reason, "a cluster has no database");
            account.steer_cluster(id, Lifecycle::steady(ClusterStatus::CloningFailed));
        }
        if done {
            account.release(&resource_id, now);
        } else {
            account.hold(&resource_id);
        }
        let Ok(cluster) = account.cluster_mut(id) else { return };
        if let Some(endpoint) = standing.state.endpoint {
            cluster.endpoint = Some((endpoint.ip().to_string(), endpoint.port()));
        }
        let volume = standing.sizes.volume;
        let earliest = standing.state.rows.first().map(|(at, _)| *at);
        cluster.restored =
            cluster.restored.map(|restored| earliest.map_or(restored, |earliest| earliest.max(restored)));
        account.set_volume(&resource_id, volume);
        let Some(backtrack) = account.cluster_mut(id).ok().and_then(|cluster| cluster.backtrack.as_mut()) else {
            return;
        };
        backtrack.measure(Measured::new(standing.state.rows.clone()));
        for (rewind, outcome) in standing.rewinds.drain(..) {
            let Some(rewind) = backtrack.rewinds.iter_mut().find(|known| known.id == rewind) else { continue };
            rewind.done = busy_until.map_or(now, |planned| planned.max(now));
            match outcome {
                Ok(landing) => {
                    rewind.landed = landing.landed;
                    rewind.taken_back = landing.taken_back;
                    rewind.done = rewind.done.max(landing.taken_back);
                }
                Err(_) => rewind.fails = true,
            }
        }
        account.watch_measured(id, now);
    }

    /// Orders what the account wants by now.
    pub fn follow(&mut self, account: &mut Account, now: Timestamp) {
        for intent in account.take_intents() {
            match intent {
                Intent::Birth(resource_id, seed) => self.give_birth(account, &resource_id, seed, false),
                Intent::Password(resource_id, password) => {
                    let cluster = account.clusters(None).find(|cluster| cluster.resource_id == resource_id);
                    if let (Some(kept), Some(cluster)) = (self.databases.get_mut(&resource_id), cluster) {
                        kept.actor.order(Order::Master(master(cluster, password)));
                    }
                }
            }
        }
        self.keep_snapshots(account);
        let ids: Vec<String> = account.clusters(None).filter(|one| has_data(one)).map(|one| one.id.clone()).collect();
        for id in ids {
            self.steer(account, &id);
        }
        let there: BTreeSet<&String> = account.clusters(None).map(|cluster| &cluster.resource_id).collect();
        let gone: Vec<String> = self.databases.keys().filter(|id| !there.contains(id)).cloned().collect();
        for id in gone {
            self.ending.extend(self.databases.remove(&id).map(|kept| kept.actor.end()));
        }
        self.ending.retain(|thread| !thread.is_finished());
        self.report(account, now);
    }

    fn give_birth(&mut self, account: &Account, resource_id: &str, seed: Seed, fleet: bool) {
        let cluster = account.clusters(None).find(|cluster| cluster.resource_id == resource_id);
        let Some(cluster) = cluster.filter(|cluster| has_data(cluster)) else { return };
        let birth = match seed {
            Seed::Nothing(password) => Birth::Empty {
                template: self.template.clone(),
                master: master(cluster, password),
                database: cluster.database.clone(),
                shop: fleet && cluster.database.as_deref() == Some(SHOP),
            },
            Seed::Cluster(source, at) => copy_of(self.databases.get_mut(&source).map(|kept| &mut kept.actor), at),
            Seed::Snapshot(id) => copy_of(self.snapshots.get_mut(&id), None),
        };
        let window = window(cluster);
        let actor = match self.spawn(birth, cluster.settings.port, window) {
            Ok(actor) => actor,
            Err(error) => {
                tracing::error!(%error, "a database has no thread");
                return;
            }
        };
        let rewinds = cluster.backtrack.as_ref().map_or(0, |backtrack| backtrack.rewinds.len());
        let kept = Kept { actor, running: false, port: cluster.settings.port, window, rewinds, rebooting: false };
        self.databases.insert(resource_id.to_owned(), kept);
    }

    fn spawn(&mut self, birth: Birth, port: u16, window: SignedDuration) -> io::Result<Actor> {
        self.made += 1;
        Actor::spawn(self.shared.clone(), self.run.home(self.made), birth, port, window)
    }

    /// A snapshot of the account is a copy of its own: it outlives its cluster.
    fn keep_snapshots(&mut self, account: &Account) {
        let mut wanted = BTreeSet::new();
        for snapshot in account.snapshots(None) {
            wanted.insert(snapshot.id.clone());
            if self.snapshots.contains_key(&snapshot.id) {
                continue;
            }
            let Some(kept) = self.databases.get_mut(&snapshot.resource_id) else { continue };
            let birth = copy_of(Some(&mut kept.actor), None);
            match self.spawn(birth, snapshot.settings.port, BACKUPS) {
                Ok(actor) => {
                    self.snapshots.insert(snapshot.id.clone(), actor);
                }
                Err(error) => tracing::error!(%error, "a snapshot has no thread"),
            }
        }
        let gone: Vec<String> = self.snapshots.keys().filter(|id| !wanted.contains(*id)).cloned().collect();
        for id in gone {
            self.ending.extend(self.snapshots.remove(&id).map(Actor::end));
        }
    }

    /// Orders what changed about one cluster.
    fn steer(&mut self, account: &mut Account, id: &str) {
        let Ok(cluster) = account.cluster(id) else { return };
        let Some(kept) = self.databases.get_mut(&cluster.resource_id) else { return };
        let window = window(cluster);
        if window != kept.window {
            kept.window = window;
            kept.actor.order(Order::Window(window));
        }
        if cluster.settings.port != kept.port {
            kept.port = cluster.settings.port;
            kept.actor.order(Order::Port(kept.port));
        }
        let running = wants_server(account, cluster);
        let rebooting = account
            .members(cluster)
            .any(|one| cluster.writer.as_ref() == Some(&one.id) && one.status() == InstanceStatus::Rebooting);
        if rebooting && !kept.rebooting {
            kept.actor.order(Order::Run(false));
            kept.running = false;
        }
        kept.rebooting = rebooting;
        if running != kept.running {
            kept.running = running;
            kept.actor.order(Order::Run(running));
        }
        let Some(backtrack) = account.cluster_mut(id).ok().and_then(|cluster| cluster.backtrack.as_mut()) else {
            return;
        };
        for rewind in backtrack.rewinds.iter_mut().skip(kept.rewinds) {
            // One that is made to fail leaves everything as it was.
            if rewind.fails {
                continue;
            }
            kept.actor.order(Order::Rewind(rewind.id.clone(), rewind.asked));
            // Its end, and where it lands, are what the database says.
            rewind.taken_back = Timestamp::MAX;
            rewind.done = Timestamp::MAX;
        }
        kept.rewinds = backtrack.rewinds.len();
    }

    fn strain(&self) -> Strain {
        let running = self.databases.iter().filter(|(_, kept)| kept.running);
        let running: Vec<String> = running.map(|(id, _)| id.clone()).collect();
        let all = self.databases.values().map(|kept| &kept.actor).chain(self.snapshots.values());
        let used: u64 = all.map(|actor| actor.standing().sizes.disk).sum();
        let free = self.limits.free.of(self.run.path()).unwrap_or(u64::MAX);
        Strain {
            servers: too_many(running.len(), self.limits.servers)
                .or_else(|| too_big(running.len(), self.limits.memory))
                .or_else(no_memory),
            storage: no_disk(used, self.limits.disk, free),
            running,
        }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        let databases = std::mem::take(&mut self.databases).into_values().map(|kept| kept.actor);
        let actors: Vec<Actor> = databases.chain(std::mem::take(&mut self.snapshots).into_values()).collect();
        // All are told before the first is waited for.
        let ending: Vec<_> = actors.into_iter().map(Actor::end).collect();
        for thread in ending.into_iter().chain(self.ending.drain(..)) {
            if thread.join().is_err() {
                tracing::error!("the thread of a database panicked");
            }
        }
    }
}

/// Only Aurora MySQL has a stand-in.
fn has_data(cluster: &Cluster) -> bool {
    cluster.engine == Engine::AuroraMysql
}

fn master(cluster: &Cluster, password: Password) -> Master {
    Master { user: cluster.master_username.clone(), password: password.0 }
}

fn window(cluster: &Cluster) -> SignedDuration {
    let target = cluster.backtrack.as_ref().map_or(0, |backtrack| backtrack.target);
    SignedDuration::from_secs(target).max(BACKUPS)
}

fn copy_of(source: Option<&mut Actor>, at: Option<Timestamp>) -> Birth {
    let (give, take) = oneshot::channel();
    if let Some(source) = source {
        source.order(Order::Hand(at, give));
    }
    Birth::Copy(take)
}

/// A server runs for a cluster that has an instance, unless it is stopped or goes away.
fn wants_server(account: &Account, cluster: &Cluster) -> bool {
    let awake = !matches!(
        cluster.status(),
        ClusterStatus::Stopped | ClusterStatus::Stopping | ClusterStatus::Deleting | ClusterStatus::CloningFailed
    );
    let asleep = [InstanceStatus::Deleting, InstanceStatus::Stopped, InstanceStatus::Stopping];
    awake && account.members(cluster).any(|member| !asleep.contains(&member.status()))
}

fn too_many(running: usize, most: usize) -> Option<String> {
    (running >= most)
        .then(|| format!("The simulator runs at most {most} database servers at once; delete or stop a cluster first."))
}

fn too_big(running: usize, most: u64) -> Option<String> {
    ((running as u64 + 1) * SERVER_MEMORY > most).then(|| {
        let (most, each) = (most >> 20, SERVER_MEMORY >> 20);
        format!(
            "The database servers of the simulator may take {most} MiB of memory, {each} MiB each; delete or stop a \
             cluster first."
        )
    })
}

fn no_memory() -> Option<String> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    (kilobytes * 1024 < MEMORY)
        .then(|| "The machine of the simulator has no memory for another database server.".into())
}

fn no_disk(used: u64, most: u64, free: u64) -> Option<String> {
    if used >= most {
        let (used, most) = (used >> 20, most >> 20);
        return Some(format!("The databases of the simulator use {used} MiB of disk; they may use {most} MiB."));
    }
    (free < files::SPARE).then(|| {
        format!("The disk of the simulator has {} MiB left; {} MiB have to stay.", free >> 20, files::SPARE >> 20)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_says_what_it_is() {
        assert_eq!(too_many(2, 3), None);
        assert!(too_many(3, 3).unwrap().contains("at most 3"));
        assert_eq!(too_big(1, 2 * SERVER_MEMORY), None);
        assert!(too_big(2, 2 * SERVER_MEMORY).unwrap().contains("288 MiB of memory, 144 MiB each"));
        assert_eq!(no_disk(10 << 20, 20 << 20, u64::MAX), None);
        assert!(no_disk(20 << 20, 20 << 20, u64::MAX).unwrap().contains("20 MiB"));
        assert!(no_disk(0, 20 << 20, 100 << 20).unwrap().contains("100 MiB left"));
    }
}
