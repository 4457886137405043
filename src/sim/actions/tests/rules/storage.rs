//! 1.8 Storage: who is billed for which pages.

use super::{Bench, RESTORE};

impl Bench {
    fn billed(&mut self, id: &str) -> f64 {
        let now = self.clock.now();
        self.account.settle(now);
        self.account.volume_bytes(self.account.cluster(id).unwrap(), now)
    }

    fn delete(&mut self, id: &str) {
        self.ok("ModifyDBCluster", &format!("DBClusterIdentifier={id} DeletionProtection=false"));
        self.pass(60);
        let instances: Vec<String> = self.account.cluster(id).unwrap().members.clone();
        for instance in instances {
            self.ok("DeleteDBInstance", &format!("DBInstanceIdentifier={instance}"));
        }
        self.ok("DeleteDBCluster", &format!("DBClusterIdentifier={id} SkipFinalSnapshot=true"));
        self.pass(900);
        let now = self.clock.now();
        self.account.settle(now);
    }
}

/// An old source that has grown to some size.
fn grown() -> Bench {
    let bench = Bench::with_source();
    bench.pass(90 * 86_400);
    bench
}

/// Rule: A clone's VolumeBytesUsed starts small and counts only pages that it allocated (User Guide, Cloning)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_8_a_clone_pays_only_for_what_it_writes() {
    let mut bench = grown();
    let source = bench.billed("orders");
    bench.clone("orders", "copy", "");
    assert!(bench.billed("copy") < 1.0);
    bench.pass(86_400);
    let wrote = bench.billed("copy");
    assert!(wrote > 0.0 && wrote < source / 10.0, "{wrote} of {source}");
}

/// Rule: A full copy pays for all of its pages from the start (User Guide, Point-in-time restore)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_8_a_full_copy_pays_for_everything() {
    let mut bench = grown();
    let source = bench.billed("orders");
    bench.ok(RESTORE, "DBClusterIdentifier=full SourceDBClusterIdentifier=orders UseLatestRestorableTime=true");
    assert!((bench.billed("full") - source).abs() < 1.0);
}

/// Rule: When the source goes, its pages are the clone's (User Guide, Cloning: 1000 pages, 100 of them changed)
/// Action: DeleteDBCluster
#[test]
fn rule_1_8_deleting_the_source_moves_its_pages_to_the_clone() {
    let mut bench = grown();
    bench.clone("orders", "copy", "");
    bench.pass(86_400);
    let (source, wrote) = (bench.billed("orders"), bench.billed("copy"));
    bench.delete("orders");
    let after = bench.billed("copy");
    // All of the pages of then, some of them its own by now; nothing of what the source wrote since.
    assert!(after > source * 0.9 && after <= source + wrote, "{after}: {source} + {wrote}");
}

/// Rule: When the source goes, two clones take half of its pages each; when one of them goes, the other takes the rest (User Guide, Cloning)
/// Action: DeleteDBCluster
#[test]
fn rule_1_8_two_clones_take_half_each() {
    let mut bench = grown();
    let source = bench.billed("orders");
    bench.clone("orders", "a", "");
    bench.clone("orders", "b", "");
    bench.delete("orders");
    let (a, b) = (bench.billed("a"), bench.billed("b"));
    for half in [a, b] {
        assert!((half / source - 0.5).abs() < 0.01, "{half} of {source}");
    }
    bench.delete("a");
    let left = bench.billed("b");
    assert!((left / source - 1.0).abs() < 0.02, "{left} of {source}");
}

/// Rule: Deleting a clone frees its own pages and touches nobody else's (User Guide, Cloning)
/// Action: DeleteDBCluster
#[test]
fn rule_1_8_deleting_a_clone_leaves_the_source_as_it_is() {
    let mut bench = grown();
    bench.clone("orders", "copy", "");
    bench.pass(3600);
    let growth = |bench: &mut Bench| {
        let before = bench.billed("orders");
        bench.pass(3600);
        bench.billed("orders") - before
    };
    let usual = growth(&mut bench);
    bench.delete("copy");
    assert!((growth(&mut bench) - usual).abs() < 1.0);
    assert!(bench.account.cluster("copy").is_err());
    let now = bench.clock.now();
    assert!((bench.account.all_bytes(now) - bench.billed("orders")).abs() < 1.0, "nothing is left of it");
}

/// Rule: When a clone in the middle goes, its clone pays for the middle one's pages and goes on sharing the source's (User Guide, Cloning)
/// Action: DeleteDBCluster
#[test]
fn rule_1_8_a_clone_of_a_clone_keeps_sharing_with_the_source() {
    let mut bench = grown();
    bench.clone("orders", "copy", "");
    bench.pass(400);
    bench.instance("copy", "copy-1");
    bench.pass(86_400);
    bench.clone("copy", "second", "");
    let (source, middle) = (bench.billed("orders"), bench.billed("copy"));
    bench.delete("copy");
    let second = bench.billed("second");
    assert!(second < middle * 1.2 && second < source / 5.0, "{second} of {middle} and {source}");
    bench.delete("orders");
    assert!(bench.billed("second") > source * 0.9);
}
