//! The database side of test recipes, on real databases behind the simulated account.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aurewind::aurora::{MasterPassword, ResourceId, SecureRequest};
use aurewind::aws::{Aws, Connection, ErrorKind};
use aurewind::engine::store::MemoryStore;
use aurewind::engine::task::FailureKind;
use aurewind::engine::{Engine, Request, Rules, Task, TaskResult, TaskState, Tempo, TestRequest, system_clock};
use aurewind::recipe::database::{
    Database, DatabaseError, Login, ScriptDone, ScriptError, compare, landed, mark, new_password, proves,
};
use aurewind::recipe::model::{AppUser, Secrets, Tls};
use aurewind::sim::FLEET_PASSWORD;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::dataplane::Bench;

const SOURCE: &str = "shop-prod";
const RUN: &str = "t-1";

/// How to log in to a cluster.
fn login(bench: &Bench, id: &str) -> Login {
    let cluster = bench.cluster(id);
    Login {
        host: cluster["endpoint"].as_str().unwrap().to_owned(),
        port: u16::try_from(cluster["port"].as_u64().unwrap()).unwrap(),
        user: "admin".into(),
        password: FLEET_PASSWORD.into(),
        database: Some("shop".into()),
        tls: Tls::Off,
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

/// Does something with the database of a cluster; nothing where there is no server.
fn with(id: &str, work: impl AsyncFnOnce(&Bench, Database)) {
    let Some(bench) = Bench::start(|_| {}) else { return };
    if id != SOURCE {
        bench.clone_of(SOURCE, id);
    }
    let login = login(&bench, id);
    bench.sql.block_on(async {
        let database = Database::wait(login, soon(), |_| {}).await.unwrap();
        work(&bench, database).await;
    });
}

/// Runs a text as if it were a file; gives back what was said, too.
async fn script(database: &Database, text: &str) -> (Result<ScriptDone, ScriptError>, Vec<String>) {
    let mut lines = Vec::new();
    let done = database.run_script(text, Path::new("release.sql"), CancellationToken::new(), |line| lines.push(line));
    (done.await, lines)
}

#[test]
fn logins_that_cannot_work_say_why() {
    let Some(bench) = Bench::start(|_| {}) else { return };
    let good = login(&bench, SOURCE);
    bench.sql.block_on(async {
        let fails = async |login: Login, within: Duration| {
            Database::wait(login, Instant::now() + within, |_| {}).await.unwrap_err()
        };
        let short = Duration::from_secs(1);
        let nobody = Login { port: 1, ..good.clone() };
        let error = fails(nobody, short).await;
        assert!(matches!(&error, DatabaseError::TooLate(why) if matches!(**why, DatabaseError::Refused(_))), "{error}");
        let wrong = Login { password: "wrong-9".into(), ..good.clone() };
        let error = fails(wrong, short).await;
        assert!(
            matches!(&error, DatabaseError::TooLate(why) if matches!(**why, DatabaseError::Denied { .. })),
            "{error}"
        );
        assert!(!format!("{error} {error:?}").contains("wrong-9"));
        let minutes = Duration::from_mins(5);
        let nowhere = Login { database: Some("nowhere".into()), ..good.clone() };
        assert!(matches!(fails(nowhere, minutes).await, DatabaseError::NoDatabase { .. }));
        // Neither the database has TLS, nor is the file one of certificates.
        let error = fails(Login { tls: Tls::System, ..good.clone() }, minutes).await.to_string();
        assert!(error.contains("does not support TLS") && error.contains("tls = \"off\""), "{error}");
    });
}

#[test]
fn a_script_runs_on_one_connection_and_tells_what_it_does() {
    with(SOURCE, async |_, database| {
        let text = "CREATE DATABASE b;\nUSE b\nCREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20));\n\
                    SET @here = 'kept';\nINSERT INTO t VALUES (1, @here), (2, 'é; --');\nSELECT ROW_COUNT() AS n;\n\
                    DROP TABLE IF EXISTS nowhere;\nSELECT CAST('x' AS SIGNED);\n\
                    DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT * FROM t ORDER BY id; UPDATE t SET name = 'z'; END//\n\
                    DELIMITER ;\nCALL p();\n/*!40101 SET NAMES utf8mb4 */;";
        let (done, lines) = script(&database, text).await;
        let done = done.unwrap();
        assert_eq!((done.statements, done.warnings, done.left_open), (11, 1, false), "{lines:#?}");
        assert_eq!(done.affected, 5, "{lines:#?}");
        for want in [
            "release.sql:3: CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))",
            "    n",
            "    2",
            "    1\tkept",
            "    2\té; --",
            "    Note 1051 Unknown table 'b.nowhere'",
            "release.sql:10: CREATE PROCEDURE p() BEGIN SELECT * FROM t ORDER BY id; UPDATE t SET name = 'z'; END",
        ] {
            assert!(lines.iter().any(|line| line == want), "{want}: {lines:#?}");
        }
        assert!(lines.iter().any(|line| line.starts_with("    Warning 1292 Truncated")), "{lines:#?}");
    });
}

#[test]
fn the_statement_that_fails_is_shown_with_its_place_and_the_error_of_the_server() {
    with(SOURCE, async |_, database| {
        let (failed, lines) =
            script(&database, "CREATE TABLE a (id INT);\n\n  ALTER TABLE a\n  ADD COLUMN id INT;\nX;").await;
        let Err(ScriptError::Failed { line, statement, error, .. }) = &failed else { panic!("{failed:?}") };
        assert_eq!((*line, statement.as_str()), (3, "ALTER TABLE a ADD COLUMN id INT"));
        assert!(matches!(error, DatabaseError::Server { code: 1060, state, .. } if state == "42S21"), "{error:?}");
        let said = failed.unwrap_err().to_string();
        assert!(said.starts_with("release.sql:3: error 1060 (42S21): Duplicate column name 'id'"), "{said}");
        assert!(lines.last().unwrap().contains("Duplicate column"), "{lines:#?}");
        // What cannot be taken apart is not begun.
        let (failed, lines) = script(&database, "CREATE TABLE c (id INT);\nSELECT 'open;").await;
        assert!(matches!(failed, Err(ScriptError::Unclosed { line: 2, .. })), "{failed:?}");
        assert!(lines.is_empty());
        assert!(script(&database, "SELECT * FROM c").await.0.is_err());
    });
}

#[test]
fn a_transaction_that_is_left_open_is_told_of_and_gone() {
    with(SOURCE, async |_, database| {
        let (done, lines) = script(&database, "CREATE TABLE a (id INT);\nBEGIN;\nINSERT INTO a VALUES (1);").await;
        assert!(done.unwrap().left_open, "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains("left a transaction open")), "{lines:#?}");
        let (done, lines) = script(&database, "SELECT COUNT(*) AS n FROM a").await;
        assert!(!done.unwrap().left_open);
        assert!(lines.contains(&"    0".to_owned()), "{lines:#?}");
    });
}

#[test]
fn a_statement_that_is_stopped_is_killed_on_the_server() {
    with(SOURCE, async |_, database| {
        let stop = CancellationToken::new();
        let (told, text) = (stop.clone(), "SELECT 1;\nSELECT SLEEP(600);\nX;");
        let lines = Mutex::new(Vec::new());
        let failed = database.run_script(text, Path::new("release.sql"), stop, |line| {
            if line.contains("SLEEP") {
                told.cancel();
            }
            lines.lock().unwrap().push(line);
        });
        let failed = failed.await;
        assert!(matches!(&failed, Err(ScriptError::Stopped { line: 2, .. })), "{failed:?}");
        let lines = lines.into_inner().unwrap();
        assert!(lines.last().unwrap().contains("killed"), "{lines:#?}");
        let question = "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'";
        assert!(script(&database, question).await.1.contains(&"    0".to_owned()));
    });
}

#[test]
fn the_data_proves_on_which_side_of_a_mark_a_rewind_landed() {
    with("try-1", async |bench, database| {
        assert_eq!(database.read_beat(RUN).await.unwrap(), None);
        // Later than the whole second after which it can be rewound to.
        let born = database.now().await.unwrap();
        let mut fresh = born;
        while fresh < born + SignedDuration::from_secs(2) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            fresh = database.now().await.unwrap();
        }
        let first = mark(&database, RUN).await.unwrap();
        let second = mark(&database, RUN).await.unwrap();
        assert!(fresh < first.at && first.at < second.at, "{fresh} {first:?} {second:?}");
        assert_eq!(first.at.subsec_nanosecond(), 0);
        assert!(!proves(&database, RUN, &second).await.unwrap(), "a beat came after it");
        bench.rewind("try-1", second.at);
        let database = Database::wait(login(bench, "try-1"), soon(), |_| {}).await.unwrap();
        assert!(proves(&database, RUN, &second).await.unwrap(), "{:?}", database.read_beat(RUN).await);
        assert!(!proves(&database, RUN, &first).await.unwrap());
        bench.rewind("try-1", first.at);
        let database = Database::wait(login(bench, "try-1"), soon(), |_| {}).await.unwrap();
        assert!(proves(&database, RUN, &first).await.unwrap(), "{:?}", database.read_beat(RUN).await);
        assert!(!proves(&database, RUN, &second).await.unwrap());
        bench.rewind("try-1", fresh);
        let database = Database::wait(login(bench, "try-1"), soon(), |_| {}).await.unwrap();
        assert_eq!(database.read_beat(RUN).await.unwrap(), None);
        assert!(!proves(&database, RUN, &first).await.unwrap());
    });
}

#[test]
fn a_rewind_that_does_nothing_is_never_proved() {
    with("try-1", async |bench, database| {
        let moment = mark(&database, RUN).await.unwrap();
        bench.rewind("try-1", moment.at);
        let database = Database::wait(login(bench, "try-1"), soon(), |_| {}).await.unwrap();
        assert_eq!(landed(&database, RUN, Some(&moment)).await.unwrap(), Some(true));
        // Nothing is rewound from here on, and the row was that of the mark.
        assert_eq!(landed(&database, RUN, Some(&moment)).await.unwrap(), Some(false));
        assert_eq!(landed(&database, RUN, None).await.unwrap(), None);
    });
}

#[test]
fn a_clone_is_settled_before_anybody_works_on_it() {
    with("try-1", async |bench, database| {
        // What came with production: an enabled event, and the user with a known password, also for another host.
        let text = "CREATE USER app@'%' IDENTIFIED BY 'known'; CREATE USER app@'127.%' IDENTIFIED BY 'known';\n\
                    CREATE EVENT shop.purge ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders;";
        script(&database, text).await.0.unwrap();
        let app = AppUser { name: "app".into(), grants: vec!["SELECT, INSERT ON shop.*".into()] };
        let secrets = Secrets { app: Some(app), ..Secrets::default() };
        let said = Mutex::new(Vec::new());
        let settled = database.settle(&secrets, Some("shop"), |line| said.lock().unwrap().push(line.to_owned()));
        let (user, password) = settled.await.unwrap().unwrap();
        assert_eq!(user, "app");
        let said = said.into_inner().unwrap();
        assert!(said.iter().any(|line| line.contains("event scheduler")), "{said:?}");
        let login = login(bench, "try-1");
        let known = Login { user: user.clone(), password: "known".into(), ..login.clone() };
        assert!(Database::wait(known, Instant::now() + Duration::from_secs(1), |_| {}).await.is_err());
        let app = Database::wait(Login { user, password, ..login }, soon(), |_| {}).await.unwrap();
        assert!(script(&app, "SELECT COUNT(*) FROM orders").await.0.is_ok());
        assert!(script(&app, "DROP TABLE orders").await.0.is_err());
    });
}

/// One of everything.
const EVERYTHING: &str = "\
CREATE TABLE everything (id INT UNSIGNED NOT NULL AUTO_INCREMENT, amount DECIMAL(8,2) DEFAULT 0 CHECK (amount >= 0),
  twice DECIMAL(9,2) GENERATED ALWAYS AS (amount * 2) STORED, name VARCHAR(20) COMMENT 'a\\nb', customer BIGINT,
  PRIMARY KEY (id), UNIQUE KEY by_name (name(5)));
CREATE VIEW names AS SELECT id, name FROM everything WITH CHECK OPTION;
CREATE TRIGGER before_it BEFORE INSERT ON everything FOR EACH ROW SET NEW.amount = ABS(NEW.amount);
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM everything;
DELIMITER //
CREATE PROCEDURE add_it(IN what VARCHAR(20), OUT id INT) BEGIN
  INSERT INTO everything (name) VALUES (what);
  SET id = LAST_INSERT_ID();
END//
CREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n / 2//
DELIMITER ;
INSERT INTO everything (name) VALUES ('x'), ('y');
";

#[test]
fn a_snapshot_has_everything_and_the_rewind_takes_all_of_it_back() {
    with("try-1", async |bench, database| {
        let at = mark(&database, RUN).await.unwrap().at;
        let fresh = database.snapshot(true).await.unwrap();
        assert_eq!(fresh, database.snapshot(true).await.unwrap());
        script(&database, EVERYTHING).await.0.unwrap();
        let after = database.snapshot(true).await.unwrap();
        let outcome = compare(&fresh, &after, None, "mark fresh");
        let expected = include_str!("recipe_database/everything.diff");
        assert!(!outcome.as_expected);
        assert!(compare(&fresh, &after, Some(expected), "mark fresh").as_expected, "{}", outcome.text);
        // Counters and the heartbeat are no differences.
        script(&database, "DELETE FROM everything WHERE name = 'x'; INSERT INTO everything (name) VALUES ('x');")
            .await
            .0
            .unwrap();
        database.beat(RUN).await.unwrap();
        assert_eq!(database.snapshot(true).await.unwrap(), after);
        assert!(!after.text().contains("AUTO_INCREMENT="), "{}", after.text());
        bench.rewind("try-1", at);
        let database = Database::wait(login(bench, "try-1"), soon(), |_| {}).await.unwrap();
        let outcome = compare(&fresh, &database.snapshot(true).await.unwrap(), None, "mark fresh");
        assert!(outcome.as_expected, "{}", outcome.text);
    });
}

#[test]
fn locks_and_ddl_are_seen_while_a_step_runs() {
    with("try-1", async |_, database| {
        script(&database, "CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a VALUES (1, 1);").await.0.unwrap();
        let watch = database.watch_locks(CancellationToken::new());
        // Somebody holds the row and the table for a while.
        let holds = async {
            let text = "BEGIN; UPDATE a SET n = 2; SELECT SLEEP(3); ROLLBACK;";
            script(&database, text).await.0.unwrap();
        };
        let waits_for_row = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            script(&database, "UPDATE a SET n = 3 WHERE id = 1;").await.0.unwrap();
        };
        let waits_for_table = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            script(&database, "ALTER TABLE a ADD COLUMN extra INT;").await.0.unwrap();
        };
        tokio::join!(holds, waits_for_row, waits_for_table);
        let seen = watch.finish().await;
        assert!(seen.samples >= 2 && seen.notes.is_empty(), "{seen:?}");
        assert!(seen.longest_seconds >= 0.5, "{seen:?}");
        let statement = seen.statement.as_deref().unwrap_or_default();
        assert!(statement.starts_with("UPDATE a SET n = 3") || statement.starts_with("ALTER TABLE a"), "{seen:?}");
        assert!(seen.ddl.iter().any(|(text, _)| text == "ALTER TABLE a ADD COLUMN extra INT"), "{seen:?}");
    });
}

/// A run that is held, so that parts of it can be begun.
fn run_of(clone: &str) -> Request {
    Request::Test(Box::new(TestRequest {
        recipe: "smoke".into(),
        path: "smoke.toml".into(),
        source: Some(SOURCE.parse().unwrap()),
        clone: clone.parse().unwrap(),
        stack: None,
        directory: "runs/smoke".into(),
        stages: Vec::new(),
        deadline: SignedDuration::from_mins(5),
    }))
}

/// Secures a cluster as a part of a run.
async fn secure(bench: &Bench, cluster: &str, master: MasterPassword, password: Option<SecretString>) -> (Aws, Task) {
    let resource = bench.cluster(cluster)["resource_id"].as_str().unwrap().to_owned();
    let connection = Connection { endpoint: Some(bench.account.url.clone()), ..Connection::default() };
    let aws = connection.open().await.unwrap();
    let store = Arc::new(MemoryStore::default());
    let engine = Engine::new(aws.clone(), store, Rules::default().local(), Tempo::LOCAL, system_clock());
    let held = engine.hold(engine.new_id(), run_of(cluster), None).unwrap();
    let (cluster, resource) = (cluster.parse().unwrap(), ResourceId::new(resource));
    let request = SecureRequest { cluster, resource, master, retention_days: Some(3) };
    let events = engine.events();
    let task = engine.start_secure(held.id(), engine.new_id(), request, password).unwrap();
    assert_eq!(task.parent.as_ref(), Some(held.id()));
    (aws, engine.watch(&task.id, events, |_| {}, |_| false).await.unwrap())
}

#[test]
fn a_clone_gets_a_password_of_its_own_and_its_source_keeps_its() {
    with("try-1", async |bench, _| {
        let (old, source) = (login(bench, "try-1"), login(bench, SOURCE));
        let password = new_password();
        let (_, done) = secure(bench, "try-1", MasterPassword::Rotate, Some(password.clone())).await;
        assert_eq!(done.state, TaskState::Done, "{done:#?}");
        let written = format!("{} {done:?}", serde_json::to_string(&done).unwrap());
        assert!(!written.contains(password.expose_secret()), "{written}");
        Database::wait(Login { password, ..old.clone() }, soon(), |_| {}).await.unwrap();
        assert!(Database::wait(old, Instant::now() + Duration::from_secs(1), |_| {}).await.is_err());
        Database::wait(source, soon(), |_| {}).await.unwrap();
        assert_eq!(bench.account.done("ModifyDBCluster", "DBClusterIdentifier", "try-1"), 1);
        // Neither the source, nor a clone whose new password went with the process that made it.
        let (_, refused) = secure(bench, SOURCE, MasterPassword::Rotate, Some(new_password())).await;
        assert_eq!(refused.error.unwrap().kind, FailureKind::Refused);
        let (_, lost) = secure(bench, "try-1", MasterPassword::Rotate, None).await;
        assert!(lost.error.unwrap().message.contains("known only to the process"));
        assert_eq!(bench.account.done("ModifyDBCluster", "DBClusterIdentifier", SOURCE), 0);
    });
}

#[test]
fn a_password_that_secrets_manager_keeps_opens_the_clone() {
    with("try-1", async |bench, _| {
        let old = login(bench, "try-1");
        let (aws, done) = secure(bench, "try-1", MasterPassword::Managed, None).await;
        let Some(TaskResult::Secure { secret: Some(arn), .. }) = &done.result else { panic!("{done:#?}") };
        let (user, password) = aws.master_secret(arn).await.unwrap();
        assert_eq!(user, "admin");
        Database::wait(Login { password, ..old.clone() }, soon(), |_| {}).await.unwrap();
        assert!(Database::wait(old, Instant::now() + Duration::from_secs(1), |_| {}).await.is_err());
        let error = aws.master_secret("arn:aws:secretsmanager:eu-west-1:1:secret:rds!none").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{error:?}");
        // It is so already: nothing is asked for again.
        let (_, again) = secure(bench, "try-1", MasterPassword::Managed, None).await;
        assert_eq!(again.state, TaskState::Done, "{again:#?}");
        assert_eq!(bench.account.done("ModifyDBCluster", "DBClusterIdentifier", "try-1"), 1);
    });
}
