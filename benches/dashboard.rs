//! How fast the dashboard is with a huge fleet: a key, a frame, a listing, a filter; and the domain's tree and filter.
//!
//! `cargo bench` prints the figures. They are for comparing a change with what was before, on one machine.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "criterion's macros; a bench may panic")]

use std::hint::black_box;

use aurewind::aurora::cluster::{Cluster, ClusterStatus, Engine, Member, Network, Settings};
use aurewind::aurora::filter::Filter;
use aurewind::aurora::{Backtrack, Fleet, ResourceId, lineage};
use aurewind::aws::FleetEvent;
use aurewind::tui::Event;
use aurewind::tui::glyphs::Glyphs;
use aurewind::tui::harness::Harness;
use aurewind::tui::state::{Setup, Ui};
use aurewind::tui::theme::Theme;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Every third cluster is a source, the two after it its clones.
fn clusters(count: usize) -> Vec<Cluster> {
    (0..count)
        .map(|number| {
            let group = number / 3;
            let id = format!("shop-{group:05}-{}", number % 3);
            Cluster {
                resource_id: ResourceId::new(format!("cluster-{number:026}")),
                arn: format!("arn:aws:rds:eu-west-1:123456789012:cluster:{id}"),
                engine: Engine::AuroraMysql,
                engine_version: "8.0.mysql_aurora.3.08.2".into(),
                status: ClusterStatus::Available,
                created_at: Some(now() - SignedDuration::from_hours(72 - (number % 3) as i64)),
                clone_group: Some(format!("group-{group}")),
                global: false,
                members: vec![Member { id: format!("{id}-1"), writer: true }],
                backtrack: Backtrack {
                    target_seconds: 86_400,
                    earliest: Some(now() - SignedDuration::from_hours(20)),
                    change_records: Some(1_000_000),
                },
                restorable: None,
                restarts_at: None,
                network: Network::default(),
                settings: Settings::default(),
                tags: [("team".to_owned(), "shop".to_owned())].into(),
                id: id.parse().unwrap(),
            }
        })
        .collect()
}

fn dashboard(count: usize) -> Harness {
    let ui = Ui { theme: Theme::mono(), glyphs: Glyphs::unicode(), zone: TimeZone::UTC, utc: true };
    let mut harness = Harness::new(Setup::default(), ui, Size { width: 120, height: 40 }, now());
    list(&mut harness, clusters(count));
    harness.keys("j");
    harness
}

fn list(harness: &mut Harness, clusters: Vec<Cluster>) {
    harness.send(Event::Fleet(FleetEvent::Begun));
    for page in clusters.chunks(100) {
        harness.send(Event::Fleet(FleetEvent::Clusters(page.to_vec())));
    }
    harness.send(Event::Fleet(FleetEvent::Done));
}

fn of_the_dashboard(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dashboard");
    for count in SIZES {
        let mut harness = dashboard(count);
        group.bench_function(BenchmarkId::new("key", count), |b| b.iter(|| black_box(harness.keys("j k"))));
        group.bench_function(BenchmarkId::new("frame", count), |b| b.iter(|| black_box(harness.buffer())));
        let fleet = clusters(count);
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("listing", count), |b| b.iter(|| list(&mut harness, fleet.clone())));
    }
    group.finish();
}

fn of_the_domain(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("domain");
    for count in SIZES {
        let fleet = Fleet::of(clusters(count));
        let filter = Filter::parse("shop status:available age>2h tag:team=shop").unwrap();
        group.bench_function(BenchmarkId::new("tree", count), |b| b.iter(|| black_box(lineage::tree(&fleet))));
        group.bench_function(BenchmarkId::new("filter", count), |b| {
            b.iter(|| fleet.iter().filter(|cluster| filter.passes(cluster, false, now())).count());
        });
    }
    group.finish();
}

criterion_group!(benches, of_the_dashboard, of_the_domain);
criterion_main!(benches);
