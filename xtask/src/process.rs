//! Runs one program with its output streamed, logged and kept, and a time limit that ends its whole family.
//!
//! Children stay in our own process group, so that Ctrl-C and a supervisor's signal reach them too. A
//! program that left the group (a display server, a daemon) is found by a mark in its environment.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::screen::{self, say};

/// Environment variable that marks the family of one run.
const MARK: &str = "XTASK_FAMILY";
/// How long an orphan may keep our pipes open after its parent ended.
const ORPHAN_GRACE: Duration = Duration::from_secs(3);

/// How a run ended, and everything it printed, without colours.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    pub(crate) output: String,
    pub(crate) elapsed: Duration,
}

/// The three ways a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Success,
    Failed(Option<i32>),
    TimedOut,
}

/// A name in the environment shared by a program and all it starts.
#[derive(Clone, Debug)]
pub(crate) struct Family(String);

impl Family {
    /// A mark nobody else has.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(format!(
            "{}.{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ))
    }

    /// Marks a command before it starts.
    pub(crate) fn mark(&self, command: &mut Command) {
        command.env(MARK, &self.0);
    }

    /// Ends every living process with the mark. Returns how many there were.
    pub(crate) fn end(&self) -> usize {
        let wanted = format!("{MARK}={}", self.0);
        let pids: Vec<String> = marked(&wanted);
        if !pids.is_empty() {
            let _ = Command::new("kill")
                .arg("-KILL")
                .args(&pids)
                .stderr(Stdio::null())
                .status();
        }
        pids.len()
    }
}

/// Process ids whose environment contains this entry. Only Linux can tell; elsewhere the list is empty.
fn marked(entry: &str) -> Vec<String> {
    let Ok(all) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let own = std::process::id().to_string();
    let names = all
        .flatten()
        .map(|process| process.file_name().to_string_lossy().into_owned());
    let numbers =
        names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && *name != own);
    numbers.filter(|pid| has_entry(pid, entry)).collect()
}

fn has_entry(pid: &str, entry: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|variable| variable == entry.as_bytes())
}

/// Runs a command to its end with its output on the screen, in `log` and in the outcome.
pub(crate) fn run(command: &mut Command, log: &Path, limit: Duration) -> Result<Outcome> {
    let started = Instant::now();
    let family = Family::new();
    family.mark(command);
    forget_own_package(command);
    let shown = shown(command);
    let mut log = open_log(log)?;
    writeln!(log, "$ {shown}")?;
    say!("$ {shown}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", command.get_program().to_string_lossy()))?;
    let lines = read_both(&mut child);
    let mut output = String::new();
    let ending = follow(&mut child, &lines, started + limit, |line| {
        screen::pass_on(line);
        let plain = without_colours(&String::from_utf8_lossy(line));
        let _ = log.write_all(plain.as_bytes());
        output.push_str(&plain);
    })?;
    if ending == Ending::TimedOut {
        say!(
            "xtask: ended after {} s, the limit of this step",
            limit.as_secs()
        );
        let _ = child.kill();
        let _ = child.wait();
    }
    let left = family.end();
    if left > 0 && ending != Ending::TimedOut {
        writeln!(log, "xtask: ended {left} processes that were left behind")?;
    }
    Ok(Outcome {
        ending,
        output,
        elapsed: started.elapsed(),
    })
}

/// Runs a command with the terminal as it is, and turns a failure into an error.
pub(crate) fn run_plain(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    say!("$ {shown}");
    let status = status_of(command)?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Takes away what `cargo run` told this program about its own package. A build script that watches one of
/// these would otherwise run again, and all above it be compiled again, whenever cargo is called directly.
fn forget_own_package(command: &mut Command) {
    let is_ours =
        |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_ours)) {
        command.env_remove(name);
    }
}

/// Runs a command with the terminal as it is.
pub(crate) fn status_of(command: &mut Command) -> Result<ExitStatus> {
    forget_own_package(command);
    command
        .status()
        .with_context(|| format!("cannot start `{}`", command.get_program().to_string_lossy()))
}

/// Standard output of a command, or nothing when it fails or is missing.
pub(crate) fn quiet_output(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = if program.ends_with("cargo") {
        Path::new("cargo")
    } else {
        program
    };
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

fn open_log(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::options()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

fn read_both(child: &mut Child) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(stdout) = child.stdout.take() {
        read_lines(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        read_lines(stderr, sender);
    }
    receiver
}

fn read_lines(source: impl Read + Send + 'static, lines: Sender<Vec<u8>>) {
    thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        while source
            .read_until(b'\n', &mut line)
            .is_ok_and(|count| count > 0)
        {
            if lines.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });
}

/// Hands on lines until the program ended and its pipes closed, or the deadline passed.
fn follow(
    child: &mut Child,
    lines: &Receiver<Vec<u8>>,
    deadline: Instant,
    mut on_line: impl FnMut(&[u8]),
) -> Result<Ending> {
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(line) => on_line(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(5)),
        }
        if ended.is_none() {
            ended = child.try_wait()?.map(|status| (status, Instant::now()));
        }
        if let Some((status, since)) = ended {
            let rest: Vec<_> = drain(lines, since + ORPHAN_GRACE);
            rest.iter().for_each(|line| on_line(line));
            return Ok(if status.success() {
                Ending::Success
            } else {
                Ending::Failed(status.code())
            });
        }
        if Instant::now() > deadline {
            return Ok(Ending::TimedOut);
        }
    }
}

fn drain(lines: &Receiver<Vec<u8>>, until: Instant) -> Vec<Vec<u8>> {
    let mut rest = Vec::new();
    while let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
        rest.push(line);
    }
    rest
}

/// The text without terminal escape sequences (`ESC [ ... letter`).
pub(crate) fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\u{1b}' {
            plain.push(character);
        } else if rest.next() == Some('[') {
            rest.by_ref().find(char::is_ascii_alphabetic);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn log(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("xtask-{}-{name}.log", std::process::id()))
    }

    #[test]
    fn output_of_both_streams_is_kept_and_logged() {
        let log = log("both");
        let outcome = run(
            &mut shell("echo out; echo err >&2; exit 3"),
            &log,
            Duration::from_secs(20),
        )
        .unwrap();
        assert_eq!(outcome.ending, Ending::Failed(Some(3)));
        let logged = fs::read_to_string(&log).unwrap();
        for text in [&outcome.output, &logged] {
            assert!(
                text.contains("out\n") && text.contains("err\n"),
                "both streams arrive: {text}"
            );
        }
        fs::remove_file(log).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_limit_ends_the_whole_family_even_outside_the_group() {
        let log = log("limit");
        let marker = format!("xtask-orphan-{}", std::process::id());
        let script = format!("setsid sh -c 'exec -a {marker} sleep 300' & sleep 300");
        let outcome = run(
            Command::new("bash").args(["-c", &script]),
            &log,
            Duration::from_millis(700),
        )
        .unwrap();
        assert_eq!(outcome.ending, Ending::TimedOut);
        assert!(
            outcome.elapsed < Duration::from_secs(10),
            "the limit is kept"
        );
        thread::sleep(Duration::from_millis(200));
        let left = fs::read_dir("/proc").unwrap().flatten().any(|process| {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            line.starts_with(marker.as_bytes())
        });
        assert!(!left, "a child in its own session is found by its mark");
        fs::remove_file(log).unwrap();
    }

    #[test]
    fn a_child_does_not_take_itself_for_this_package() {
        let log = log("package");
        let script = "echo \"[$CARGO_PKG_NAME$CARGO_MANIFEST_DIR]\"";
        let outcome = run(&mut shell(script), &log, Duration::from_secs(20)).unwrap();
        assert!(
            std::env::var_os("CARGO_PKG_NAME").is_some(),
            "cargo told us our own name"
        );
        assert!(outcome.output.contains("[]"), "{}", outcome.output);
        fs::remove_file(log).unwrap();
    }

    #[test]
    fn colours_are_removed() {
        assert_eq!(
            without_colours("\u{1b}[1m\u{1b}[32mok\u{1b}[0m done"),
            "ok done"
        );
    }
}
