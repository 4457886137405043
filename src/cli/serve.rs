//! `aurewind sim`, `aurewind demo` and the dashboard: what stays until it is told to stop.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, mpsc};

#[cfg(unix)]
use super::args::DataPlaneKind;
use super::args::{AccountArgs, DemoArgs, SimArgs};
use super::change::interrupted;
use super::clone::owner;
use super::error::{CliError, Exit};
use super::pictures;
use super::session::{Session, environment};
use crate::aws::{AwsError, Connection, ErrorKind, Place};
use crate::config::Memory;
use crate::engine::journal::Journal;
use crate::engine::store::{MemoryStore, Store};
use crate::sim::{Clock, Options, SimError, Simulator};
#[cfg(unix)]
use crate::sim::{DataPlane, DataPlaneError, FLEET_PASSWORD};
use crate::tui::backend::{Backend, Connect, OpenStore, Parts, Recipes, Remember};
use crate::tui::run;
use crate::tui::state::{Notice, Setup, State, Tempo, Ui};
use crate::tui::terminal::{Capabilities, Guard};

/// As slow as AWS, for programs that are tested against it.
const SIM_SPEED: f64 = 1.0;
/// A clone in a quarter of a minute, for people who watch.
const DEMO_SPEED: f64 = 30.0;
/// Name of a folder with recipes.
const RECIPES: &str = "recipes";
/// A recipe that needs no database.
const TOUR: [(&str, &str); 1] = [("tour.toml", include_str!("../../config/recipes/tour.toml"))];
/// One for accounts with databases behind them, and its files.
const SHOP: [(&str, &str); 7] = [
    ("shop.toml", include_str!("../../config/recipes/shop.toml")),
    ("expected.diff", include_str!("../../config/recipes/expected.diff")),
    ("shop-test.sh", include_str!("../../config/recipes/shop-test.sh")),
    ("shop-collect.sh", include_str!("../../config/recipes/shop-collect.sh")),
    ("sql/mask.sql", include_str!("../../config/recipes/sql/mask.sql")),
    ("sql/release.sql", include_str!("../../config/recipes/sql/release.sql")),
    ("sql/backfill.sql", include_str!("../../config/recipes/sql/backfill.sql")),
];
/// Where the simulated company has its clusters.
const DEMO_REGION: &str = "eu-west-1";
/// Events that wait for the dashboard: a bound, so that a huge fleet is read no faster than it is taken in.
const EVENTS: usize = 64;
/// What a simulated account is without databases that were wished for.
const NO_ROWS: &str = "MariaDB is not installed: the simulated clusters have no rows";
/// The number of SIGINT on every system that has it.
const SIGINT: i32 = 2;

/// The simulator as it was asked for. `hint` is given what is not to be had.
fn options(
    session: &Session,
    account: &AccountArgs,
    speed: f64,
    hint: &mut Option<String>,
) -> Result<Options, CliError> {
    #[cfg(not(unix))]
    let _ = (session, hint);
    Ok(Options {
        #[cfg(unix)]
        data_plane: data_plane(session, account, hint)?,
        fleet: account.fleet,
        speed: account.speed.unwrap_or(speed),
        seed: account.seed,
        faults: account.fault.clone(),
        clock: Clock::system(),
        ..Options::default()
    })
}

/// Where databases go, if they are wished for and MariaDB is there; without it the account stays one without rows.
#[cfg(unix)]
fn data_plane(
    session: &Session,
    account: &AccountArgs,
    hint: &mut Option<String>,
) -> Result<Option<DataPlane>, CliError> {
    let Some(DataPlaneKind::Mariadb) = account.data_plane else {
        return Ok(None);
    };
    let plane = DataPlane::new(session.paths.state_dir.join("databases"), std::env::current_exe()?);
    match plane.server() {
        Ok(_) => Ok(Some(plane)),
        Err(error @ DataPlaneError::NotInstalled) => {
            *hint = Some(error.to_string());
            Ok(None)
        }
        Err(error) => Err(CliError::usage(error.to_string())),
    }
}

impl From<SimError> for CliError {
    fn from(error: SimError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Serves a simulated account until Ctrl-C or SIGTERM.
pub async fn sim(session: &Session, args: &SimArgs) -> Result<(), CliError> {
    let mut hint = None;
    let mut options = options(session, &args.account, SIM_SPEED, &mut hint)?;
    if let Some(hint) = hint {
        session.output.say(&format!("{hint}. {NO_ROWS}"));
    }
    options.listen = args.listen;
    options.allow_remote = args.allow_remote;
    options.state.clone_from(&args.state);
    options.region.clone_from(&session.connection.region);
    options.account.clone_from(&args.account_number);
    #[cfg(unix)]
    let server = stand_in(&options);
    let mut simulator = Simulator::start(options).await?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "simulated account at {}", simulator.url())?;
        out.flush()?;
    }
    let (url, region) = (simulator.url(), simulator.region());
    session.output.say(&format!("use it with: AWS_ENDPOINT_URL={url} AWS_REGION={region} aurewind"));
    session.output.say("any credentials will do; Ctrl-C ends it");
    #[cfg(unix)]
    if let Some(server) = server {
        session.output.say(&format!(
            "behind its Aurora MySQL clusters is {server}, which is not Aurora MySQL; the password of admin is {FLEET_PASSWORD}"
        ));
    }
    let mut interrupted = pin!(interrupted());
    let exit = loop {
        tokio::select! {
            exit = &mut interrupted => break exit,
            trouble = simulator.trouble() => session.output.say(&format!("{trouble}; it is tried again with the next change")),
        }
    };
    simulator.close().await?;
    match exit {
        Exit::Interrupted => Ok(()),
        exit => Err(quietly(exit)),
    }
}

/// The dashboard on a simulated account.
pub fn demo(runtime: &Runtime, session: &Session, args: &DemoArgs) -> Result<(), CliError> {
    let place = Place { demo: true, region: Some(DEMO_REGION.to_owned()), ..Place::default() };
    let mut hint = None;
    let options = options(session, &args.account, DEMO_SPEED, &mut hint)?;
    let mut setup = setup(session, place, demo_tempo());
    // The dashboard covers whatever was said on standard error before it.
    setup.greeting = hint.map(|hint| Notice::warn(NO_ROWS).with(hint));
    setup.stand_in = stand_in(&options);
    let folder = demo_folder(setup.stand_in.is_some())?;
    let running = Running::default();
    let connect = simulated(options, running.clone());
    let kept: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let store: OpenStore = Box::new(move || Ok(kept.clone()));
    // A demonstration leaves nothing behind.
    let mut parts = parts(session, connect, store, Box::new(|_| Ok(())));
    parts.recipes.folders.push(folder.path().join(RECIPES));
    parts.recipes.runs = folder.path().join("runs");
    let done = match &args.pictures {
        Some(folder) => runtime.block_on(pictures::take(session, setup, parts, folder)),
        None => open(runtime, session, setup, parts),
    };
    // Databases behind it end in order, and their files go away.
    if let Some(simulator) = runtime.block_on(running.lock()).take() {
        runtime.block_on(simulator.stop());
    }
    done
}

/// A folder for the time of a demonstration, with recipes to try.
fn demo_folder(databases: bool) -> Result<TempDir, CliError> {
    let folder = tempfile::Builder::new().prefix("aurewind-demo-").tempdir()?;
    let recipes = folder.path().join(RECIPES);
    std::fs::create_dir_all(recipes.join("sql"))?;
    let files: &[_] = if databases { &SHOP } else { &TOUR };
    for (name, text) in files {
        std::fs::write(recipes.join(name), text)?;
    }
    Ok(folder)
}

/// What really answers SQL behind the simulated clusters.
#[cfg(unix)]
fn stand_in(options: &Options) -> Option<String> {
    options.data_plane.as_ref().and_then(|plane| plane.server().ok())
}

#[cfg(not(unix))]
fn stand_in(_: &Options) -> Option<String> {
    None
}

/// The simulator of this process, from the first connection on.
type Running = Arc<Mutex<Option<Simulator>>>;

/// Starts the simulator in this process, on a free port, and connects to it over HTTP as to any other endpoint.
fn simulated(options: Options, running: Running) -> Connect {
    Box::new(move || {
        let (running, options) = (running.clone(), options.clone());
        Box::pin(async move {
            let mut running = running.lock().await;
            let simulator = match running.take() {
                Some(simulator) => simulator,
                None => Simulator::start(options)
                    .await
                    .map_err(|error| AwsError::new(ErrorKind::Unreachable, error.to_string()))?,
            };
            let simulator = running.insert(simulator);
            let connection = Connection {
                region: Some(DEMO_REGION.to_owned()),
                endpoint: Some(simulator.url()),
                demo: true,
                ..Connection::default()
            };
            connection.open().await
        })
    })
}

/// The simulated account has minutes pass in seconds, so it is looked at more often.
fn demo_tempo() -> Tempo {
    Tempo { calm: SignedDuration::from_secs(5), busy: SignedDuration::from_secs(1), ..Tempo::default() }
}

/// The dashboard on AWS, or on whatever endpoint was named.
pub fn dashboard(runtime: &Runtime, session: &Session) -> Result<(), CliError> {
    let connection = session.connection.clone();
    let place = Place {
        profile: connection.profile.clone(),
        region: connection.region.clone(),
        endpoint: connection.endpoint.clone(),
        demo: false,
    };
    let connect: Connect = Box::new(move || {
        let connection = connection.clone();
        Box::pin(async move { connection.open().await })
    });
    let folder = session.paths.state_dir.clone();
    let store: OpenStore = Box::new(move || Ok(Arc::new(Journal::open(&folder)?)));
    let refresh = &session.settings.refresh;
    let tempo = Tempo { calm: refresh.fleet, busy: refresh.busy, ..Tempo::default() };
    let folder = session.paths.state_dir.clone();
    let memory = Memory::load(&folder);
    let remember: Remember = Box::new(move |memory| memory.save(&folder));
    let parts = parts(session, connect, store, remember);
    let setup = Setup { memory, ..setup(session, place, tempo) };
    open(runtime, session, setup, parts)
}

/// What the dashboard is started with.
fn setup(session: &Session, place: Place, tempo: Tempo) -> Setup {
    Setup {
        place,
        policy: session.policy().clone(),
        prices: session.rules.prices.clone(),
        owner: owner(),
        ttl: Some(session.settings.clone.ttl),
        tempo,
        stand_in: None,
        greeting: None,
        memory: Memory::default(),
    }
}

/// The parts of a backend.
fn parts(session: &Session, connect: Connect, store: OpenStore, remember: Remember) -> Parts {
    Parts {
        connect,
        rules: session.rules.clone(),
        tempo: None,
        clock: session.clock.clone(),
        store,
        remember,
        on_start: session.settings.tasks.on_start,
        recipes: Recipes {
            folders: recipe_folders(session),
            runs: session.paths.runs(),
            owner: owner(),
            patience: session.settings.tasks.patience,
            env: Arc::new(environment),
        },
    }
}

/// Where recipes are looked for: here, in `recipes`, and beside the settings.
fn recipe_folders(session: &Session) -> Vec<PathBuf> {
    let beside = session.paths.config_file.parent().map(|folder| folder.join(RECIPES));
    [Some(PathBuf::from(".")), Some(PathBuf::from(RECIPES)), beside].into_iter().flatten().collect()
}

fn open(runtime: &Runtime, session: &Session, setup: Setup, parts: Parts) -> Result<(), CliError> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        let error = CliError::usage("the dashboard needs a terminal");
        return Err(error.next("`aurewind list` and the other commands do without; `aurewind --help` has them"));
    }
    let terminal = Capabilities::find(&environment);
    if terminal.dumb {
        let error = CliError::usage("this terminal cannot show the dashboard: TERM is not set, or `dumb`");
        return Err(
            error.next("set TERM to what the terminal is, such as xterm-256color; `aurewind list` does without")
        );
    }
    let ui = ui(session, terminal, &setup.memory)?;
    let (events, inbox) = mpsc::channel(EVENTS);
    let backend = Backend::new(parts, events, runtime.handle().clone());
    let mut guard = Guard::enter(session.settings.ui.mouse)?;
    let (width, height) = guard.size()?;
    let state = State::new(setup, ui, Size { width, height }, session.now());
    let clock = session.clock.clone();
    let ended = runtime.block_on(run::run(&mut guard, state, inbox, |effect| backend.perform(effect), || clock()));
    drop(guard);
    backend.let_go();
    match ended? {
        run::Exit::Quit => Ok(()),
        run::Exit::Signal(number) if number == SIGINT => Err(quietly(Exit::Interrupted)),
        run::Exit::Signal(_) | run::Exit::HungUp => Err(quietly(Exit::Terminated)),
    }
}

/// Colours and signs, by settings and terminal; the zone as it was last chosen.
fn ui(session: &Session, terminal: Capabilities, memory: &Memory) -> Result<Ui, CliError> {
    let settings = &session.settings.ui;
    let theme = terminal.theme(&settings.theme).map_err(|error| CliError::usage(format!("ui.theme: {error}")))?;
    let glyphs = terminal.glyphs(settings.ascii);
    Ok(Ui { theme, glyphs, zone: TimeZone::system(), utc: memory.utc.unwrap_or(settings.utc) })
}

/// An end that needs no words.
fn quietly(exit: Exit) -> CliError {
    CliError::new(exit, super::change::PRINTED, "ended by a signal")
}
