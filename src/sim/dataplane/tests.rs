//! Databases with a real server. Where there is none they say how to get one, unless it is demanded.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use sqlx::{Connection, MySqlConnection, Row};

use super::super::Clock;
use super::database::{Database, Shared};
use super::files::FreeSpace;
use super::home::Run;
use super::kit::Kit;
use super::sql::Master;
use super::{DataPlaneError, template};

const WINDOW: SignedDuration = SignedDuration::from_hours(1);

struct Bench {
    folder: tempfile::TempDir,
    run: Run,
    shared: Arc<Shared>,
    made: u32,
}

impl Bench {
    /// `None` without a server.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let keeper = folder.path().join("keeper");
        // A test has no program of its own to hand over; the real keeper is tested with the program.
        fs::write(&keeper, "#!/bin/sh\nshift 2\nexec \"$@\"\n").unwrap();
        fs::set_permissions(&keeper, fs::Permissions::from_mode(0o700)).unwrap();
        let kit = match Kit::find(keeper, |name| std::env::var_os(name)) {
            Ok(kit) => kit,
            Err(error @ DataPlaneError::NotInstalled) => {
                assert!(std::env::var_os("AUREWIND_MARIADB_REQUIRED").is_none(), "{error}");
                println!("SKIPPED: {error}");
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let run = Run::begin(folder.path()).unwrap();
        let shared = Arc::new(Shared { kit, clock: Clock::system(), budget: 1 << 30, free: FreeSpace::default() });
        Some(Self { folder, run, shared, made: 0 })
    }

    async fn empty(&mut self) -> Database {
        let template = template::ready(&self.shared.kit, self.folder.path()).unwrap();
        self.made += 1;
        let mut database =
            Database::from_template(self.shared.clone(), self.run.home(self.made), 13_306, &template).unwrap();
        database.start().await.unwrap();
        database.present().await.unwrap();
        database
    }

    async fn copy(&mut self, of: &mut Database) -> Database {
        let snapshot = of.present().await.unwrap();
        self.made += 1;
        let mut database =
            Database::from_snapshot(self.shared.clone(), self.run.home(self.made), 13_306, &snapshot).unwrap();
        database.start().await.unwrap();
        database
    }
}

async fn run(database: &mut Database, statement: &str) {
    database.sql().unwrap().run(statement.to_owned()).await.unwrap();
}

async fn connect(database: &Database, user: &str, password: &str) -> Result<MySqlConnection, sqlx::Error> {
    let endpoint = database.state().endpoint.unwrap();
    MySqlConnection::connect(&format!("mysql://{user}:{password}@{endpoint}/?ssl-mode=disabled")).await
}

async fn number(connection: &mut MySqlConnection, question: &'static str) -> i64 {
    sqlx::query(question).fetch_one(connection).await.unwrap().get(0)
}

fn master(password: &str) -> Master {
    Master { user: "admin".to_owned(), password: password.to_owned() }
}

#[tokio::test]
async fn a_dropped_table_comes_back_and_goes_again() {
    let Some(mut bench) = Bench::new() else { return };
    let mut database = bench.empty().await;
    database.sql().unwrap().set_master(&master("first'\\\"pass")).await.unwrap();
    database.sql().unwrap().set_master(&master("second-pass")).await.unwrap();
    run(
        &mut database,
        "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)",
    )
    .await;
    database.look(WINDOW).await.unwrap();
    let before = database.present().await.unwrap().at;
    run(&mut database, "DROP TABLE shop.orders").await;
    let landing = database.rewind(before).await.unwrap();
    assert_eq!(landing.landed, before);
    let mut client = connect(&database, "admin", "second-pass").await.unwrap();
    assert_eq!(number(&mut client, "SELECT COUNT(*) FROM shop.orders").await, 2);
    // Forward again, to just before the rewind, on a whole second as it is asked for.
    let undo = jiff::Timestamp::from_second(landing.taken_back.as_second()).unwrap();
    database.rewind(undo).await.unwrap();
    let mut client = connect(&database, "admin", "second-pass").await.unwrap();
    assert!(sqlx::query("SELECT COUNT(*) FROM shop.orders").fetch_one(&mut client).await.is_err());
}

#[tokio::test]
async fn nobody_comes_in_without_the_password_and_the_master_stays_in_the_database() {
    let Some(mut bench) = Bench::new() else { return };
    let mut database = bench.empty().await;
    database.sql().unwrap().set_master(&master("right-pass")).await.unwrap();
    for (user, password) in [("root", ""), ("admin", ""), ("admin", "wrong"), ("", ""), ("mariadb.sys", "")] {
        assert!(connect(&database, user, password).await.is_err(), "{user}");
    }
    let mut client = connect(&database, "admin", "right-pass").await.unwrap();
    let port = database.state().endpoint.unwrap().port();
    assert!(
        std::net::TcpStream::connect(("127.0.0.2", port)).is_err(),
        "nothing but its own loopback address is listened on"
    );
    for refused in ["SELECT 1 INTO OUTFILE '/tmp/aurewind-outfile'", "SHUTDOWN", "SET GLOBAL general_log = 1"] {
        assert!(sqlx::query(refused).execute(&mut client).await.is_err(), "{refused}");
    }
    let entered = fs::metadata(bench.run.path()).unwrap().permissions().mode();
    assert_eq!(entered & 0o077, 0, "only the owner may enter");
}

#[tokio::test]
async fn a_clone_has_the_rows_and_its_own_life() {
    let Some(mut bench) = Bench::new() else { return };
    let mut source = bench.empty().await;
    run(&mut source, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)")
        .await;
    source.sql().unwrap().set_master(&master("the-pass")).await.unwrap();
    let mut clone = bench.copy(&mut source).await;
    run(&mut source, "INSERT INTO shop.t VALUES (2), (3)").await;
    run(&mut clone, "DELETE FROM shop.t").await;
    let mut in_source = connect(&source, "admin", "the-pass").await.unwrap();
    let mut in_clone = connect(&clone, "admin", "the-pass").await.unwrap();
    assert_eq!(number(&mut in_source, "SELECT COUNT(*) FROM shop.t").await, 3);
    assert_eq!(number(&mut in_clone, "SELECT COUNT(*) FROM shop.t").await, 0);
    // What the clone says of itself is what it wrote, not what it was given.
    run(&mut clone, "FLUSH TABLES shop.t FOR EXPORT; UNLOCK TABLES").await;
    let (own, all) = (clone.sizes().unwrap().volume, source.sizes().unwrap().volume);
    assert!(own > 0 && own < all, "{own} of {all}");
}

#[tokio::test]
async fn a_server_that_is_killed_comes_back_with_every_commit() {
    let Some(mut bench) = Bench::new() else { return };
    let mut database = bench.empty().await;
    run(&mut database, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)")
        .await;
    database.sql().unwrap().set_master(&master("the-pass")).await.unwrap();
    let killed = fs::read_to_string(bench.run.home(1).pid_file()).unwrap();
    let pid = rustix::process::Pid::from_raw(killed.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let mut client = loop {
        // A look may come before the end is seen, or while it happens; what it says then is an error.
        let looked = database.look(WINDOW).await;
        match connect(&database, "admin", "the-pass").await {
            Ok(client) if looked.is_ok() && fs::read_to_string(bench.run.home(1).pid_file()).unwrap() != killed => {
                break client;
            }
            _ => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
        }
    };
    assert_eq!(number(&mut client, "SELECT COUNT(*) FROM shop.t").await, 1);
}

#[tokio::test]
async fn a_rewind_that_finds_no_server_leaves_the_database_as_it_was() {
    let Some(mut bench) = Bench::new() else { return };
    let mut database = bench.empty().await;
    run(&mut database, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)").await;
    let before = database.present().await.unwrap().at;
    // Something stands where the new data directory has to be.
    fs::write(Path::new(&bench.run.home(1).next_data()), "in the way").unwrap();
    assert!(database.rewind(before).await.is_err());
    fs::remove_file(bench.run.home(1).next_data()).unwrap();
    run(&mut database, "INSERT INTO shop.t VALUES (1)").await;
    database.rewind(before).await.unwrap();
}
