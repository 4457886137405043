use std::fs;
use std::time::Duration;

use super::*;
use crate::aurora::ids::ResourceId;
use crate::aurora::request::DeleteRequest;
use crate::engine::task::Request;

fn task(second: i64) -> Task {
    let now = Timestamp::from_second(second).unwrap();
    let request = DeleteRequest {
        cluster: "clone-a".parse().unwrap(),
        resource: ResourceId::new("cluster-A"),
        final_snapshot: None,
        expired: false,
    };
    Task::new(TaskId::new(now, 7), Request::Delete(request), None, now)
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn holder() -> Holder {
    Holder::new(Duration::from_secs(6))
}

fn later(seconds: i64) -> Timestamp {
    noon() + jiff::SignedDuration::from_secs(seconds)
}

#[test]
fn tasks_outlive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (task(1_790_000_000), task(1_790_000_100));
    {
        let journal = Journal::open(directory.path()).unwrap();
        journal.begin(&new, &holder(), noon()).unwrap();
        let lease = journal.begin(&old, &holder(), noon()).unwrap();
        journal.save(&old, &lease).unwrap();
    }
    let journal = Journal::open(directory.path()).unwrap();
    assert_eq!(journal.all().unwrap(), [old.clone(), new]);
    assert_eq!(journal.load(&old.id).unwrap(), Some(old));
    assert_eq!(journal.load(&TaskId::new(Timestamp::UNIX_EPOCH, 0)).unwrap(), None);
}

#[test]
fn calls_are_announced_and_their_answers_kept() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let task = task(1_790_000_000);
    let call = Call::DeleteCluster {
        cluster: "clone-a".parse().unwrap(),
        resource: ResourceId::new("cluster-A"),
        final_snapshot: None,
    };
    let lease = journal.begin(&task, &holder(), task.created_at).unwrap();
    let number = journal.intend(&task, &call, &lease, task.created_at).unwrap();
    assert_eq!(journal.load(&task.id).unwrap(), Some(task.clone()));
    journal.answered(number, Ok(()), task.created_at).unwrap();
    let row: (String, String) = journal
        .connection()
        .query_row("SELECT action, outcome FROM calls", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(row, ("DeleteDBCluster".into(), "ok".into()));
}

#[cfg(unix)]
#[test]
fn the_journal_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("state");
    Journal::open(&inner).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join("journal.db")), 0o600);
}

#[test]
fn a_newer_journal_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Journal::open(directory.path()), Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn what_is_no_journal_is_set_aside_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let text = "not a database, but long enough to be taken for one".repeat(30);
    fs::write(directory.path().join("journal.db"), &text).unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let notice = journal.notice().unwrap();
    let aside = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains(".broken-"))
        .unwrap();
    assert!(notice.contains(aside.to_str().unwrap()), "{notice}");
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
    journal.begin(&task(1_790_000_000), &holder(), noon()).unwrap();
    drop(journal);
    assert_eq!(Journal::open(directory.path()).unwrap().notice(), None);
}

#[test]
fn a_damaged_page_is_found_when_the_journal_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    {
        let journal = Journal::open(directory.path()).unwrap();
        for second in 0..40 {
            journal.begin(&task(1_790_000_000 + second), &holder(), noon()).unwrap();
        }
    }
    let path = directory.path().join("journal.db");
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[4096..length - 4096].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    assert!(Journal::open(directory.path()).unwrap().notice().is_some());
}

/// A journal as it was after these migrations, with one task.
fn old_journal(directory: &Path, migrations: &[&str], task: &Task) {
    let old = Connection::open(directory.join("journal.db")).unwrap();
    for migration in migrations {
        old.execute_batch(migration).unwrap();
    }
    old.pragma_update(None, "user_version", i64::try_from(migrations.len()).unwrap()).unwrap();
    old.execute(
        "INSERT INTO tasks (id, kind, target, state, created_at, body) VALUES (?1, 'delete', 'a', 'running', '', ?2)",
        params![task.id.as_str(), serde_json::to_string(task).unwrap()],
    )
    .unwrap();
}

#[test]
fn a_journal_of_format_1_is_brought_up_to_date() {
    let directory = tempfile::tempdir().unwrap();
    let task = task(1_790_000_000);
    old_journal(directory.path(), &[file::TO_1], &task);
    let journal = Journal::open(directory.path()).unwrap();
    assert_eq!(journal.load(&task.id).unwrap(), Some(task.clone()));
    assert!(journal.claim(&task.id, &holder(), noon()).unwrap().is_some());
}

#[test]
fn a_journal_of_format_2_keeps_its_tasks_and_learns_marks() {
    let directory = tempfile::tempdir().unwrap();
    let task = task(1_790_000_000);
    old_journal(directory.path(), &[file::TO_1, file::TO_2], &task);
    let journal = Journal::open(directory.path()).unwrap();
    assert_eq!(journal.load(&task.id).unwrap(), Some(task.clone()));
    let (cluster, name) = (ResourceId::new("cluster-A"), "before release".parse().unwrap());
    journal.keep_mark(&cluster, &name, noon()).unwrap();
    drop(journal);
    assert_eq!(Journal::open(directory.path()).unwrap().marks(&cluster).unwrap().len(), 1);
}

#[test]
fn marks_are_kept_by_cluster_and_name() {
    let directory = tempfile::tempdir().unwrap();
    let stores: [Box<dyn Store>; 2] =
        [Box::new(Journal::open(directory.path()).unwrap()), Box::new(crate::engine::store::MemoryStore::default())];
    for store in stores {
        let (a, b) = (ResourceId::new("cluster-A"), ResourceId::new("cluster-B"));
        let (one, two) = ("one".parse().unwrap(), "two".parse().unwrap());
        store.keep_mark(&a, &one, later(60)).unwrap();
        store.keep_mark(&a, &two, later(30)).unwrap();
        store.keep_mark(&b, &one, later(10)).unwrap();
        store.keep_mark(&a, &one, later(20)).unwrap();
        let found: Vec<_> = store.marks(&a).unwrap().into_iter().map(|mark| (mark.name, mark.at)).collect();
        assert_eq!(found, [(one.clone(), later(20)), (two.clone(), later(30))]);
        store.forget_mark(&a, &one).unwrap();
        store.forget_mark(&a, &one).unwrap();
        assert_eq!(store.marks(&a).unwrap().len(), 1);
        assert_eq!(store.marks(&b).unwrap().len(), 1);
    }
}

#[test]
fn a_task_has_one_driver_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (Journal::open(directory.path()).unwrap(), Journal::open(directory.path()).unwrap());
    let (first, second) = (holder(), holder());
    let task = task(1_790_000_000);
    let lease = one.begin(&task, &first, noon()).unwrap();
    assert_eq!(two.claim(&task.id, &second, later(5)).unwrap(), None);
    assert!(matches!(two.begin(&task, &second, later(5)), Err(StoreError::Lost(_))));
    // Renewed, it lasts longer than it was taken for.
    assert_eq!(one.renew(&first, later(5)).unwrap().held.get(&task.id), Some(&lease.epoch));
    assert_eq!(two.claim(&task.id, &second, later(7)).unwrap(), None);
    // As long as nobody wants it, one that has run out holds.
    one.save(&task, &lease).unwrap();
    let taken = two.claim(&task.id, &second, later(12)).unwrap().unwrap();
    assert!(taken.epoch > lease.epoch);
    assert!(matches!(one.save(&task, &lease), Err(StoreError::Lost(_))));
    assert!(one.renew(&first, later(12)).unwrap().held.is_empty());
    // What a process that was stopped would call now is not announced, even after the other one is through.
    two.release(&taken).unwrap();
    let call = Call::DeleteCluster {
        cluster: "clone-a".parse().unwrap(),
        resource: ResourceId::new("cluster-A"),
        final_snapshot: None,
    };
    assert!(matches!(one.intend(&task, &call, &lease, later(13)), Err(StoreError::Lost(_))));
    let calls: i64 = one.connection().query_row("SELECT count(*) FROM calls", [], |row| row.get(0)).unwrap();
    assert_eq!(calls, 0);
    assert!(one.claim(&task.id, &first, later(13)).unwrap().is_some());
}

#[test]
fn the_lease_of_a_dead_process_is_free_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let task = task(1_790_000_000);
    let lease = journal.begin(&task, &holder(), noon()).unwrap();
    let host = lease.holder.as_str().split_once('@').unwrap().1;
    journal.connection().execute("UPDATE leases SET holder = ?1", [format!("999999999@{host}")]).unwrap();
    assert!(journal.claim(&task.id, &holder(), noon()).unwrap().is_some());
}

#[test]
fn what_is_asked_of_a_task_reaches_its_driver_and_outlives_a_save() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (Journal::open(directory.path()).unwrap(), Journal::open(directory.path()).unwrap());
    let (task, first) = (task(1_790_000_000), holder());
    let lease = one.begin(&task, &first, noon()).unwrap();
    two.ask(&task.id, Cancel::Detach).unwrap();
    one.save(&task, &lease).unwrap();
    assert_eq!(one.asked(&task.id).unwrap(), Some(Cancel::Detach));
    assert_eq!(one.renew(&first, noon()).unwrap().asked.get(&task.id), Some(&Cancel::Detach));
}

#[test]
fn what_is_over_is_read_page_by_page_and_what_is_not_is_always_there() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    let mut ids = Vec::new();
    for second in 0..7 {
        let mut task = task(1_790_000_000 + second);
        if second != 3 {
            task.state = crate::engine::TaskState::Done;
            task.ended_at = Some(noon());
        }
        journal.begin(&task, &holder(), noon()).unwrap();
        ids.push(task.id);
    }
    let page = |before: Option<&TaskId>| -> Vec<TaskId> {
        journal.over(before, 4).unwrap().into_iter().map(|task| task.id).collect()
    };
    let first = page(None);
    assert_eq!(first, [&ids[6], &ids[5], &ids[4], &ids[2]].map(Clone::clone));
    assert_eq!(page(first.last()), [&ids[1], &ids[0]].map(Clone::clone));
    assert!(page(ids.first()).is_empty());
    let left: Vec<_> = journal.unfinished().unwrap().into_iter().map(|task| task.id).collect();
    assert_eq!(left, [ids[3].clone()]);
}

#[test]
fn a_broken_journal_is_set_aside_once_however_many_open_it_at_once() {
    const MANY: usize = 8;
    for _ in 0..5 {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("journal.db"), "not a database, but long enough".repeat(50)).unwrap();
        let start = std::sync::Barrier::new(MANY);
        let journals: Vec<_> = std::thread::scope(|scope| {
            let open = || {
                start.wait();
                Journal::open(directory.path()).unwrap()
            };
            let threads: Vec<_> = (0..MANY).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(journals.iter().filter(|journal| journal.notice().is_some()).count(), 1);
        let broken = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with('Z');
        let aside = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap()).filter(broken);
        assert_eq!(aside.count(), 1);
        // All of them have the same one: what one writes the others read.
        for (second, journal) in journals.iter().enumerate() {
            journal.begin(&task(1_790_000_000 + i64::try_from(second).unwrap()), &holder(), noon()).unwrap();
        }
        assert!(journals.iter().all(|journal| journal.all().unwrap().len() == MANY));
    }
}
