//! Fleets of any size, for measuring.

use jiff::{SignedDuration, Timestamp};

use super::super::account::Account;
use super::super::account::backtrack::{Backtrack, Writing};
use super::super::account::cluster::Origin;
use super::super::clock::before;
use super::super::rules::engine::Engine;
use super::super::rules::load::Load;
use super::super::rules::{chance, regions};
use super::build;

const SERVICES: [&str; 10] =
    ["orders", "billing", "catalog", "identity", "search", "shipping", "reviews", "payments", "pricing", "stock"];

/// `count` clusters with one instance each; every third is a clone of the one before, every seventh PostgreSQL.
pub fn fill(account: &mut Account, count: usize, now: Timestamp) {
    let mut rng = chance::of(account.pace.seed, &["generated"]);
    let mut previous: Option<String> = None;
    let offered = regions::has_backtrack(&account.surroundings.region);
    for number in 0..count {
        let created = before(now, SignedDuration::from_mins(rng.i64(600..400_000)));
        let source = previous.take_if(|_| number % 3 == 2);
        let service = SERVICES[number / 3 % SERVICES.len()];
        let id = match &source {
            Some(source) => format!("clone-{source}"),
            None => format!("{service}-{number:05}"),
        };
        let engine = if number / 3 % 7 == 6 { Engine::AuroraPostgresql } else { Engine::AuroraMysql };
        let mut cluster = build::cluster(account, &id, engine, None, created);
        cluster.tags.insert("team".to_owned(), service.to_owned());
        if offered && engine.has_backtrack() && number % 2 == 0 {
            cluster.backtrack = Some(backtrack(rng.u64(..), created, now));
        }
        if let Some(source) = &source {
            cluster.origin = Origin::Clone;
            cluster.clone_group = Some(account.new_uuid());
            if let Ok(source) = account.cluster_mut(source) {
                cluster.created = cluster.created.max(source.created);
                source.clone_group.clone_from(&cluster.clone_group);
            }
        }
        let writer = build::instance(account, &cluster, &format!("{id}-1"), "db.r6g.large", 0, cluster.created);
        account.add_cluster(cluster);
        account.add_instance(writer);
        if let Some(source) = &source {
            account.copy_volume(source, &id);
        }
        previous = Some(id);
    }
}

fn backtrack(seed: u64, created: Timestamp, now: Timestamp) -> Backtrack {
    let mut backtrack = Backtrack {
        target: 86_400,
        kept_since: created,
        load: Load { seed, per_second: 5.0 + (seed % 400) as f64, bursts: 4.0, surge: None },
        capacity: 20_000_000.0,
        writing: Writing { from: Some(created), until: None },
        short: false,
        next_look: now,
        counted: None,
        rewinds: Vec::new(),
        measured: None,
    };
    backtrack.short = backtrack.lack(now) > 0.0;
    backtrack
}
