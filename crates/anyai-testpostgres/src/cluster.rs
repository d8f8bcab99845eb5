//! One server: its folder, its watchdog, and the faults a test does to it.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::programs::{Programs, run, with};

/// The role that owns everything; any other has nothing to do here.
const ROLE: &str = "ledger";
/// Linux keeps the files in it in memory.
const MEMORY: &str = "/dev/shm";
const MEMORY_KIB_MIN: u64 = 1 << 20;
/// A server that is not there by then has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Starts the server for each line of its input; again, while the sessions of a killed one still have
/// its memory. Once nobody holds the other end of its input, it stops the server and removes its
/// folder: then the test has dropped it, or has ended, in order or not.
const WATCHDOG: &str = r#"
home=$1; shift; tries=0
serve() {
  until "$@" || [ $? -gt 128 ] || [ -e "$home/ending" ] || [ $((tries += 1)) -gt 500 ]; do
    sleep 0.02
  done
}
while read -r _; do serve "$@" >>"$home/log" 2>&1 & done
: >"$home/ending"
kill -QUIT "$(head -n 1 "$home/data/postmaster.pid")"
wait
rm -rf "$home"
"#;

/// A running PostgreSQL that only this process knows. Dropping it stops it and removes it all.
#[derive(Debug)]
pub struct PostgresCluster {
    programs: Programs,
    home: PathBuf,
    port: u16,
    watchdog: Mutex<Child>,
    databases: AtomicU32,
}

/// The names of a server's certificate and key in its folder.
const CERTIFICATE: &str = "server.crt";
const KEY: &str = "server.key";
/// Where a server that nobody reaches by the network says it listens: its socket is named after it.
const NO_PORT: u16 = 5432;

impl PostgresCluster {
    /// The server that the tests of this process share. A test that hurts its server starts its own.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<PostgresCluster> = LazyLock::new(PostgresCluster::start);
        &SHARED
    }

    /// Starts a server whose files are in memory, where there is room: what was written survives the
    /// server there as it does on a disk, and a test has no power cuts.
    ///
    /// # Panics
    /// When there is no PostgreSQL on this machine, with what to install.
    #[must_use]
    pub fn start() -> Self {
        if memory_has_room() {
            Self::start_in(Path::new(MEMORY))
        } else {
            Self::start_on_disk()
        }
    }

    /// Starts a server on the disk of temporary files, for measurements.
    ///
    /// # Panics
    /// When there is no PostgreSQL on this machine, with what to install.
    #[must_use]
    pub fn start_on_disk() -> Self {
        Self::start_in(&std::env::temp_dir())
    }

    /// Starts a server that also listens on this machine's network, with this certificate and its key,
    /// both as PEM.
    ///
    /// # Panics
    /// When there is no PostgreSQL on this machine, with what to install.
    #[must_use]
    pub fn start_with_tls(certificate: &str, key: &str) -> Self {
        let programs = Programs::find();
        let home = new_home(&programs, &std::env::temp_dir());
        for (name, text) in [(CERTIFICATE, certificate), (KEY, key)] {
            programs.give(&home.join(name), text);
        }
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr());
        Self::start_at(programs, home, free.expect("a free port").port())
    }

    fn start_in(folder: &Path) -> Self {
        let programs = Programs::find();
        let home = new_home(&programs, folder);
        Self::start_at(programs, home, NO_PORT)
    }

    fn start_at(programs: Programs, home: PathBuf, port: u16) -> Self {
        let cluster = Self {
            watchdog: Mutex::new(watchdog(&programs, &home, port)),
            programs,
            home,
            port,
            databases: AtomicU32::new(0),
        };
        cluster.initialise();
        cluster.restart();
        cluster
    }

    /// Makes an empty database; its address.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        let folder = self.home.to_string_lossy().replace('/', "%2F");
        format!("postgresql://{ROLE}@{folder}:{}/{name}", self.port)
    }

    /// The address of a database by the network, at one of this machine's names.
    ///
    /// # Panics
    /// When it is no address of ours.
    #[must_use]
    pub fn by_network(&self, address: &str, host: &str) -> String {
        let (_, name) = address.rsplit_once('/').expect("an address of ours");
        format!("postgresql://{ROLE}@{host}:{}/{name}", self.port)
    }

    /// Runs SQL in the database with this address, in a session of its own; its rows, columns parted
    /// by `|`.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn run_sql(&self, address: &str, sql: &str) -> String {
        let (_, name) = address.rsplit_once('/').expect("an address of ours");
        self.sql(name, sql)
    }

    /// Ends every session of a database but those of [`PostgresCluster::run_sql`], as an
    /// administrator does; how many.
    ///
    /// # Panics
    /// When the server does not say.
    pub fn terminate_sessions(&self, address: &str) -> u32 {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname=current_database() AND pid<>pg_backend_pid()";
        let count = self.run_sql(address, sql);
        count.parse().expect("a count")
    }

    /// Ends the server as the kernel ends what uses too much memory: `kill -9` of the postmaster.
    ///
    /// # Panics
    /// When it is not running.
    pub fn kill(&self) {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"));
        let file = file.expect("the server runs");
        let process = file.lines().next().expect("its process id");
        run(Command::new("kill").args(["-9", process]));
        self.until_ready(false);
    }

    /// Starts the server again after [`PostgresCluster::kill`]: it recovers from its log.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn restart(&self) {
        let mut watchdog = self.watchdog.lock().expect("nobody panics with it");
        let input = watchdog.stdin.as_mut().expect("it is piped");
        writeln!(input).expect("the watchdog lives");
        drop(watchdog);
        self.until_ready(true);
    }

    /// Where the server listens: its unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.home.join(format!(".s.PGSQL.{}", self.port))
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }

    /// Copies what `initdb` made for an earlier cluster, or makes it.
    fn initialise(&self) {
        let program = std::env::current_exe().expect("this test has a path");
        let kept = format!("postgresql-{}", self.programs.version);
        let partial = format!("{kept}-{}", std::process::id());
        let kept = program.with_file_name(kept);
        let data = self.data();
        if kept.exists() {
            copy(&kept, &data);
            return;
        }
        let settings = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        let initdb = self.programs.command("initdb");
        run(with(initdb, [&"--username", &ROLE, &"--pgdata", &data]).args(settings));
        // Whole or not at all, also when several tests do this at once.
        let partial = program.with_file_name(partial);
        copy(&data, &partial);
        if std::fs::rename(&partial, &kept).is_err() {
            std::fs::remove_dir_all(&partial).expect("a copy nobody needs goes");
        }
    }

    fn until_ready(&self, wanted: bool) {
        let began = Instant::now();
        loop {
            let mut asked = self.programs.command("pg_isready");
            asked.arg("--quiet").arg("--host").arg(&self.home);
            asked.arg("--port").arg(self.port.to_string());
            let ready = asked.status().expect("pg_isready can be started");
            if ready.success() == wanted {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "ready: {ready}: {}", self.log());
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        let psql = self.programs.command("psql");
        let port = self.port.to_string();
        let arguments: [&dyn AsRef<std::ffi::OsStr>; 8] = [
            &"--host",
            &self.home,
            &"--port",
            &port,
            &"--username",
            &ROLE,
            &"--command",
            &sql,
        ];
        let options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"];
        run(with(psql, arguments).args(options).arg(database))
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        if let Ok(watchdog) = self.watchdog.get_mut() {
            drop(watchdog.stdin.take());
            let _ended = watchdog.wait();
        }
    }
}

fn new_home(programs: &Programs, folder: &Path) -> PathBuf {
    let home = tempfile::Builder::new()
        .prefix("anyai-postgres-")
        .tempdir_in(folder);
    let home = home.expect("a temporary folder").keep();
    programs.hand_over(&home);
    home
}

/// In a process group of its own: what ends the test's group does not end it. A server without TLS has
/// only a unix socket: nobody else can reach it, and no port has to be free.
fn watchdog(programs: &Programs, home: &Path, port: u16) -> Child {
    let mut command = Command::new("sh");
    programs.as_account(&mut command);
    command.args(["-c", WATCHDOG, "watchdog"]);
    command.arg(home).arg(programs.path("postgres"));
    command.arg("-D").arg(home.join("data"));
    let settings = [
        &format!("unix_socket_directories={}", home.display()),
        &format!("port={port}"),
        "fsync=on",
        "synchronous_commit=on",
        "full_page_writes=on",
        "max_connections=200",
        "dynamic_shared_memory_type=mmap",
    ];
    let network = match home.join(CERTIFICATE) {
        file if file.exists() => vec![
            "listen_addresses=127.0.0.1".to_owned(),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", file.display()),
            format!("ssl_key_file={}", home.join(KEY).display()),
        ],
        _ => vec!["listen_addresses=".to_owned()],
    };
    command
        .args(settings.map(|setting| format!("--{setting}")))
        .args(network.iter().map(|setting| format!("--{setting}")))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command.spawn().expect("a watchdog starts")
}

fn memory_has_room() -> bool {
    let asked = Command::new("df").args(["--output=avail", MEMORY]).output();
    let said = asked.map(|output| output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    let free_kib = said
        .lines()
        .nth(1)
        .and_then(|line| line.trim().parse().ok());
    free_kib.is_some_and(|kib: u64| kib >= MEMORY_KIB_MIN)
}

/// With its owner and its permissions.
fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").args([from, to]));
}
