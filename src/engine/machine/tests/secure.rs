//! Who may log in to a clone: asked for until it is in force, and of clones of ours alone.

use super::*;
use crate::aurora::secure::{MasterPassword, SecureRequest};

fn secure(of: &str, master: MasterPassword) -> Task {
    let resource = ResourceId::new(if of == "clone-a" { "cluster-CLONEA" } else { "cluster-ORDERSPROD" });
    task(Request::Secure(SecureRequest { cluster: id(of), resource, master, retention_days: Some(1) }))
}

#[test]
fn it_is_over_once_the_change_is_in_force() {
    let mut account = Account::new();
    let task = drive(&mut account, secure("clone-a", MasterPassword::Rotate), &[]);
    let want = TaskResult::Secure { master: MasterPassword::Rotate, secret: None, retention_days: Some(1) };
    assert_eq!(task.result, Some(want), "{task:#?}");
    assert_eq!(account.done("ModifyDBCluster"), 1);
    assert!(!serde_json::to_string(&task).unwrap().contains("assword\":\""), "no password is in the journal");
}

#[test]
fn what_is_so_already_is_not_asked_for_unless_it_is_a_password() {
    let mut account = Account::new();
    account.clusters[1].settings.backup_retention_days = Some(1);
    let task = drive(&mut account, secure("clone-a", MasterPassword::Keep), &[]);
    assert_eq!((task.state, account.done("ModifyDBCluster")), (TaskState::Done, 0));
    let task = drive(&mut account, secure("clone-a", MasterPassword::Rotate), &[]);
    assert_eq!((task.state, account.done("ModifyDBCluster")), (TaskState::Done, 1));
}

#[test]
fn a_change_that_is_not_in_force_is_waited_for() {
    let mut account = Account::new();
    let mut task = secure("clone-a", MasterPassword::Rotate);
    let rules = Rules::default();
    let seen = |account: &Account, task: &Task| account.see(needs(task));
    task.apply(&decide(&task, &seen(&account, &task), &rules, noon()), noon());
    let Decision::Call(call) = decide(&task, &seen(&account, &task), &rules, noon()) else { panic!("{task:#?}") };
    task.attempt(noon());
    task.heard(Ok(()), None, noon());
    let answer = account.work(&call).unwrap();
    task.apply(&accept(&call, answer), noon());
    // The call was taken, and the status tells so; then it is available, but the change is still pending.
    task.apply(&decide(&task, &seen(&account, &task), &rules, noon()), noon());
    let waits = |account: &Account, task: &Task| {
        let decision = decide(task, &seen(account, task), &rules, noon());
        assert!(matches!(decision, Decision::Wait(..)), "{decision:?}");
    };
    waits(&account, &task);
    account.clusters[1].status = ClusterStatus::Available;
    account.clusters[1].settings.changes_pending = true;
    waits(&account, &task);
    account.clusters[1].settings.changes_pending = false;
    account.instances[1].status = ClusterStatus::Other("resetting-master-credentials".into());
    waits(&account, &task);
    account.instances[1].status = ClusterStatus::Available;
    assert!(matches!(decide(&task, &seen(&account, &task), &rules, noon()), Decision::Finish(..)));
}

#[rstest::rstest]
#[case::the_source("orders-prod")]
#[case::a_clone_of_others("clone-a")]
fn nothing_else_gets_another_password(#[case] of: &str) {
    let mut account = Account::new();
    account.clusters[1].tags.clear();
    let task = drive(&mut account, secure(of, MasterPassword::Rotate), &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    assert_eq!(account.done("ModifyDBCluster"), 0);
}

proptest! {
    #[test]
    fn it_is_done_whatever_befalls_the_calls(fates in fates()) {
        let mut account = Account::new();
        let task = drive(&mut account, secure("clone-a", MasterPassword::Rotate), &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        prop_assert!(account.done("ModifyDBCluster") >= 1);
        prop_assert_eq!(account.clusters[1].settings.backup_retention_days, Some(1));
    }
}
