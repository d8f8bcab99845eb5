//! Processor time, which a busy machine changes less than it changes the clock.

use std::fs;
use std::path::{Path, PathBuf};

/// Linux counts in hundredths of a second, whatever its own clock does.
const TICKS_A_SECOND: f64 = 100.0;

/// Processor seconds of this program, and of a PostgreSQL's processes.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) here: f64,
    pub(crate) server: f64,
}

impl Spent {
    /// What was spent until now; `None` where nobody says.
    pub(crate) fn read(server: Option<&Path>) -> Option<Self> {
        let here = seconds(Path::new("/proc/self"))?;
        let folders = server.map(processes).unwrap_or_default();
        let server = folders.iter().filter_map(|folder| seconds(folder)).sum();
        Some(Self { here, server })
    }
}

/// The processes that run in a server's folder: a server's run in no other.
fn processes(home: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.map(|process| process.path())
        .filter(|process| {
            fs::read_link(process.join("cwd")).is_ok_and(|folder| folder.starts_with(home))
        })
        .collect()
}

/// User and system time, the 14th and 15th field of `stat`; a name in parentheses is the second.
fn seconds(process: &Path) -> Option<f64> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = times.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(ticks as f64 / TICKS_A_SECOND)
}
