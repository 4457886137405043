//! Real processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, test_kill_process};
use tokio_util::sync::CancellationToken;

use super::run::{Ended, Patience, Spawn, Why, run, run_with};
use crate::recipe::redact::Redactor;

/// Long enough for a busy machine to do what is meant to come in time, where that is more than to do nothing.
const IMPATIENT: Patience =
    Patience { end: Duration::from_secs(2), rest: Duration::from_millis(500), log: 16 * 1024 * 1024 };

struct Fixture {
    folder: tempfile::TempDir,
    spawn: Spawn,
}

fn sh(script: &str) -> Fixture {
    words(&["sh", "-c", script])
}

fn words(words: &[&str]) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let spawn = Spawn {
        words: words.iter().map(ToString::to_string).collect(),
        directory: folder.path().to_owned(),
        env: BTreeMap::new(),
        clear: Vec::new(),
        pass_aws: false,
        timeout: Duration::from_mins(1),
        log: folder.path().join("01.log"),
    };
    Fixture { folder, spawn }
}

impl Fixture {
    async fn run(&self) -> Ended {
        self.run_until(CancellationToken::new(), |_| ()).await
    }

    async fn run_until(&self, stop: CancellationToken, line: impl FnMut(&str)) -> Ended {
        run_with(&self.spawn, &Redactor::new(["hunter2".into()]), stop, line, IMPATIENT).await
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.spawn.log).unwrap()
    }

    /// The process whose number a script has written to `name`.
    fn pid(&self, name: &str) -> Pid {
        let text = fs::read_to_string(self.folder.path().join(name)).unwrap();
        Pid::from_raw(text.trim().parse().unwrap()).unwrap()
    }
}

/// Whether a process is over. What nobody has waited for yet is over, too.
fn is_over(pid: Pid) -> bool {
    let state = |text: String| text.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z');
    test_kill_process(pid).is_err()
        || fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok_and(state)
}

async fn until_over(pid: Pid) {
    let over = async {
        while !is_over(pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), over).await.expect("it lives on");
}

async fn until_written(path: PathBuf) {
    let written = async {
        while !fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n')) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), written).await.expect("it is never written");
}

#[tokio::test]
async fn both_streams_come_in_their_order_to_log_line_and_tail() {
    let fixture = sh("echo one; echo two >&2; printf 'password hunter2\\nthree'; exit 3");
    let mut seen = Vec::new();
    let ended = fixture.run_until(CancellationToken::new(), |line| seen.push(line.to_owned())).await;
    assert_eq!((ended.code, ended.signal, &ended.why), (Some(3), None, &Why::Exited));
    assert!(!ended.passed());
    assert_eq!(seen, ["one", "two", "password ***", "three"]);
    assert_eq!(ended.tail, seen);
    assert_eq!(fixture.log(), "one\ntwo\npassword ***\nthree\n");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&fixture.spawn.log).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_secret_in_two_writes_is_hidden() {
    let ended = sh("printf hun; sleep 0.05; printf 'ter2\\n' >&2").run().await;
    assert_eq!(ended.tail, ["***"]);
}

#[tokio::test]
async fn what_is_no_text_passes_as_well() {
    let ended = sh("printf 'a\\377b\\033[31mc\\000d'").run().await;
    assert!(ended.passed());
    assert_eq!(ended.tail, ["a\u{fffd}bcd"]);
}

#[tokio::test]
async fn huge_output_is_read_to_its_end_and_kept_in_part() {
    let fixture = sh("head -c 3000000 /dev/zero; yes line | head -n 100000; echo last");
    let small = Patience { log: 100_000, ..IMPATIENT };
    let ended = run_with(&fixture.spawn, &Redactor::default(), CancellationToken::new(), |_| (), small).await;
    assert!(ended.passed(), "{ended:?}");
    assert_eq!(ended.tail.last().unwrap(), "last");
    assert!(ended.notes[0].starts_with("the log is cut: "), "{:?}", ended.notes);
    let log = fixture.log();
    assert!(log.len() < 110_000 && log.contains("bytes are left out here") && log.ends_with("line\nlast\n"));
}

#[tokio::test]
async fn it_inherits_the_path_gets_what_it_is_given_and_reads_nothing() {
    let mut fixture = sh("cat; echo \"$GIVEN $AWS_SHARED_CREDENTIALS_FILE\"; test -n \"$PATH\" && pwd");
    fixture.spawn.env.insert("GIVEN".into(), "x".into());
    let ended = fixture.run().await;
    assert!(ended.passed());
    let directory = fixture.folder.path().canonicalize().unwrap();
    assert_eq!(ended.tail, ["x /dev/null", directory.to_str().unwrap()]);
}

#[tokio::test]
async fn a_time_out_ends_the_whole_group() {
    let mut fixture = sh("sleep 1000 & echo $! > child; echo begun; wait");
    fixture.spawn.timeout = Duration::from_millis(500);
    let ended = fixture.run().await;
    assert_eq!((ended.why.clone(), ended.signal), (Why::TimedOut, Some(15)));
    until_over(fixture.pid("child")).await;
}

#[tokio::test]
async fn who_does_not_end_when_asked_is_killed() {
    let fixture = sh("trap '' TERM; echo $$ > leader; (trap '' TERM; sleep 1000) & while :; do sleep 1; done");
    let stop = CancellationToken::new();
    let written = until_written(fixture.folder.path().join("leader"));
    let (ended, ()) = tokio::join!(fixture.run_until(stop.clone(), |_| ()), async {
        written.await;
        stop.cancel();
    });
    assert_eq!((ended.why, ended.signal), (Why::Stopped, Some(9)));
    assert_eq!(ended.notes, ["it had to be killed: it did not end when asked to"]);
    until_over(fixture.pid("leader")).await;
}

#[tokio::test]
async fn one_that_clears_up_when_asked_to_end_is_let() {
    let mut fixture = sh("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done");
    fixture.spawn.timeout = Duration::from_millis(500);
    let ended = fixture.run().await;
    assert_eq!((ended.why, ended.code), (Why::TimedOut, Some(7)));
    // Its shell may tell of the `sleep` that was asked to end, too.
    assert_eq!((ended.tail.first().unwrap().as_str(), ended.tail.last().unwrap().as_str()), ("up", "bye"));
}

#[tokio::test]
async fn what_it_leaves_running_is_ended_with_it() {
    let fixture = sh("sleep 1000 >/dev/null 2>&1 & echo $! > child; echo done");
    let ended = fixture.run().await;
    assert!(ended.passed());
    assert_eq!(ended.notes, ["processes that it left running were ended with it"]);
    assert!(fixture.log().ends_with("done\n[processes that it left running were ended with it]\n"));
    until_over(fixture.pid("child")).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_daemon_that_holds_the_output_open_stops_nothing() {
    let fixture =
        sh("setsid sh -c 'echo $$ > daemon; sleep 1000' & while ! test -s daemon; do sleep 0.01; done; echo done");
    let ended = fixture.run().await;
    assert!(ended.passed(), "{ended:?}");
    assert_eq!(ended.tail, ["done"]);
    assert_eq!(ended.notes.len(), 1);
    assert!(ended.notes[0].contains("still holds its output open"), "{:?}", ended.notes);
    // It is not of the group, and nobody's but the test's.
    rustix::process::kill_process_group(fixture.pid("daemon"), rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn one_that_is_dropped_is_killed_with_its_group() {
    let fixture = sh("sleep 1000 & echo $! > child; trap '' TERM; echo $$ > leader; wait");
    {
        let redact = Redactor::default();
        let running = run(&fixture.spawn, &redact, CancellationToken::new(), |_| ());
        tokio::select! {
            ended = running => panic!("{ended:?}"),
            () = until_written(fixture.folder.path().join("leader")) => {}
        }
    }
    until_over(fixture.pid("child")).await;
    until_over(fixture.pid("leader")).await;
}

#[rstest::rstest]
#[case::not_on_the_path(&["no-such-program-here"], "`no-such-program-here` was not found on the path; install it")]
#[case::no_file(&["./no-such-file"], "`./no-such-file` does not exist, seen from ")]
#[case::not_executable(&["./plain.sh"], "`./plain.sh` may not be executed; try `chmod +x ./plain.sh`")]
#[case::no_interpreter(&["./odd.sh"], "what the first line of `./odd.sh` names as its interpreter was not found")]
#[case::nothing(&[], "the command is empty")]
#[tokio::test]
async fn what_cannot_be_started_says_why(#[case] command: &[&str], #[case] want: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = words(command);
    let place = |name: &str, text: &str, mode| {
        let path = fixture.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    place("plain.sh", "#!/bin/sh\n", 0o600);
    place("odd.sh", "#!/no/such/interpreter\n", 0o700);
    let ended = fixture.run().await;
    let Why::NotStarted(reason) = &ended.why else { panic!("{ended:?}") };
    assert!(reason.starts_with(want), "{reason}");
    assert!(fixture.log().contains(want));
}

#[tokio::test]
async fn without_its_directory_or_its_log_nothing_is_started() {
    let mut fixture = sh("echo hello");
    fixture.spawn.directory = fixture.folder.path().join("gone");
    let why = |ended: Ended| if let Why::NotStarted(why) = ended.why { why } else { panic!("{ended:?}") };
    assert!(why(fixture.run().await).ends_with("gone does not exist"));
    fixture.spawn.log = Path::new("/no/such/folder/log").to_owned();
    assert!(why(fixture.run().await).starts_with("its log /no/such/folder/log cannot be written"));
}

/// A client that is told the option file goes where that says, whatever the user's own says.
#[tokio::test]
async fn the_option_file_counts_for_more_than_that_of_the_user() {
    let client = |name: &&str| std::process::Command::new(name).arg("--version").output().is_ok();
    let Some(client) = ["mariadb", "mysql"].into_iter().find(client) else {
        println!("skipped: wants the client of MariaDB or MySQL (apt-get install mariadb-client-core)");
        return;
    };
    let mut fixture = sh(&format!("{client} --defaults-file=\"$AUREWIND_MYSQL_CNF\" --print-defaults"));
    let folder = fixture.folder.path().to_owned();
    fs::write(folder.join(".my.cnf"), "[client]\nhost=production.example\n").unwrap();
    let connection = super::Connection {
        engine: crate::aurora::cluster::Engine::AuroraMysql,
        host: "clone.example".into(),
        port: 3306,
        reader_host: None,
        user: "app".into(),
        password: None,
        database: None,
        tls: crate::recipe::model::Tls::Off,
        option_file: folder.join("client.cnf"),
    };
    super::write_option_file(&connection.option_file, &connection).unwrap();
    let file = connection.option_file.display().to_string();
    fixture.spawn.env = [("HOME".into(), folder.display().to_string()), ("AUREWIND_MYSQL_CNF".into(), file)].into();
    let ended = fixture.run().await;
    let shown = ended.tail.join("\n");
    assert!(shown.contains("--host=clone.example") && !shown.contains("production"), "{shown}");
}
