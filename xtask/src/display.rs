//! A place for real windows on a machine without a screen: a virtual display, a session bus, a keychain and
//! a WebDriver, all with a home of their own, all ended together.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::packages::{self, Purpose};
use crate::process::{Family, quiet_output, status_of};
use crate::tools::TAURI_DRIVER;
use crate::workspace::{SHELL, Workspace};

const READY_LIMIT: Duration = Duration::from_secs(15);

/// What `display` can be told.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Size of the display in pixels
    #[arg(long, default_value = "1280x800")]
    size: Size,
    /// The command to run there
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Width and height of a display in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    width_px: u32,
    height_px: u32,
}

impl Size {
    /// What the window tests use.
    pub(crate) const STANDARD: Self = Self {
        width_px: 1280,
        height_px: 800,
    };
}

impl std::str::FromStr for Size {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (width, height) = text
            .split_once('x')
            .context("a size is WIDTHxHEIGHT, for example 1280x800")?;
        let size = Self {
            width_px: width.parse()?,
            height_px: height.parse()?,
        };
        anyhow::ensure!(
            (320..=8192).contains(&size.width_px) && (240..=8192).contains(&size.height_px),
            "{text}?"
        );
        Ok(size)
    }
}

/// Runs a command on a virtual display.
pub(crate) fn display(arguments: &Arguments) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    packages::ensure(Purpose::DriveWindow)?;
    let status = with_display(&workspace, arguments.size, |display| {
        let (program, words) = arguments
            .command
            .split_first()
            .context("no command given")?;
        let mut command = Command::new(program);
        status_of(display.dress(command.args(words)))
    })?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Starts everything, hands it to `work`, and ends everything however `work` ended.
pub(crate) fn with_display<T>(
    workspace: &Workspace,
    size: Size,
    work: impl FnOnce(&Display) -> Result<T>,
) -> Result<T> {
    let driver = TAURI_DRIVER.ensure(workspace)?;
    let display = Display::start(workspace, size, &driver)?;
    work(&display)
}

/// A running display. Dropping it ends all its processes and removes its home.
#[derive(Debug)]
pub(crate) struct Display {
    family: Family,
    children: Vec<Child>,
    home: PathBuf,
    environment: Vec<(String, String)>,
}

impl Display {
    fn start(workspace: &Workspace, size: Size, driver: &Path) -> Result<Self> {
        let home = make_home()?;
        let mut display = Self {
            family: Family::new(),
            children: Vec::new(),
            home,
            environment: Vec::new(),
        };
        display.set_home();
        display.start_screen(size)?;
        display.start_bus()?;
        display.start_keychain(&workspace.logs())?;
        display.start_driver(workspace, driver)?;
        Ok(display)
    }

    /// Gives a command this display, bus, keychain and driver.
    pub(crate) fn dress<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env_remove("WAYLAND_DISPLAY")
            .envs(self.environment.iter().cloned())
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.into(), value.into()));
    }

    fn set_home(&mut self) {
        let home = self.home.clone();
        let inside = |name: &str| home.join(name).to_string_lossy().into_owned();
        // Cargo and rustup live in the real home and must be found from the new one.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if let (None, Some(real)) = (std::env::var_os(name), std::env::home_dir()) {
                self.set(name, real.join(folder).to_string_lossy());
            }
        }
        self.set("HOME", home.to_string_lossy());
        self.set("XDG_CONFIG_HOME", inside(".config"));
        self.set("XDG_DATA_HOME", inside(".local/share"));
        self.set("XDG_CACHE_HOME", inside(".cache"));
        self.set("XDG_RUNTIME_DIR", inside("runtime"));
        self.set("GDK_BACKEND", "x11");
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        self.family.mark(&mut command);
        self.dress(&mut command).stdin(Stdio::null());
        command
    }

    fn start_screen(&mut self, size: Size) -> Result<()> {
        let screen = format!("{}x{}x24", size.width_px, size.height_px);
        let pixels = self.home.join("screen");
        fs::create_dir_all(&pixels)?;
        self.set(
            "ANYAI_SCREEN_FILE",
            pixels.join("Xvfb_screen0").to_string_lossy(),
        );
        let mut command = self.command("Xvfb");
        // What is on the screen can be read as a file, which costs the programs that draw nothing.
        command.arg("-fbdir").arg(&pixels).args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            &screen,
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let number = self.start_and_read(&mut command)?;
        self.set("DISPLAY", format!(":{number}"));
        Ok(())
    }

    fn start_bus(&mut self) -> Result<()> {
        let mut command = self.command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let address = self.start_and_read(&mut command)?;
        self.set("DBUS_SESSION_BUS_ADDRESS", address);
        Ok(())
    }

    fn start_keychain(&mut self, logs: &Path) -> Result<()> {
        let mut command = self.command("gnome-keyring-daemon");
        command
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped());
        to_log(&mut command, logs, "keychain")?;
        let mut child = command
            .spawn()
            .context("cannot start gnome-keyring-daemon")?;
        if let Some(mut stdin) = child.stdin.take() {
            // The login keychain of a home that is thrown away: the password guards nothing.
            stdin.write_all(b"test")?;
        }
        self.children.push(child);
        self.wait_until("the keychain", Self::keychain_answers)
    }

    fn keychain_answers(&self) -> bool {
        let mut ask = self.command("dbus-send");
        ask.args([
            "--session",
            "--print-reply=literal",
            "--dest=org.freedesktop.DBus",
            "/org/freedesktop/DBus",
        ]);
        ask.args([
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ]);
        quiet_output(&mut ask).is_some_and(|answer| answer.contains("true"))
    }

    fn start_driver(&mut self, workspace: &Workspace, driver: &Path) -> Result<()> {
        let (port, native_port) = (free_port()?, free_port()?);
        let mut command = self.command(driver);
        command.args([
            "--port",
            &port.to_string(),
            "--native-port",
            &native_port.to_string(),
        ]);
        to_log(&mut command, &workspace.logs(), "webdriver")?;
        self.children
            .push(command.spawn().context("cannot start tauri-driver")?);
        self.wait_until("tauri-driver", |_| {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })?;
        self.set("ANYAI_WEBDRIVER_URL", format!("http://127.0.0.1:{port}"));
        self.set("ANYAI_TAURI_DRIVER", driver.to_string_lossy());
        self.set(
            "ANYAI_STUDIO_BINARY",
            workspace.program("debug", SHELL).to_string_lossy(),
        );
        Ok(())
    }

    /// Starts a program that prints one line when it is ready, and returns the line.
    fn start_and_read(&mut self, command: &mut Command) -> Result<String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdout = child.stdout.take().context("the program has no output")?;
        self.children.push(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let line = line.trim().to_owned();
        anyhow::ensure!(!line.is_empty(), "{name} ended before it was ready");
        Ok(line)
    }

    fn wait_until(&self, what: &str, ready: impl Fn(&Self) -> bool) -> Result<()> {
        let deadline = Instant::now() + READY_LIMIT;
        while Instant::now() < deadline {
            if ready(self) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("{what} was not ready within {} s", READY_LIMIT.as_secs())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.family.end();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// In the system's folder for such things: a socket's path may not be longer than 108 bytes.
fn make_home() -> Result<PathBuf> {
    let home = std::env::temp_dir().join(format!("xtask-home-{}", std::process::id()));
    for folder in [".config", ".local/share", ".cache", "runtime"] {
        fs::create_dir_all(home.join(folder))
            .with_context(|| format!("cannot make {}", home.display()))?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(home.join("runtime"), fs::Permissions::from_mode(0o700))?;
    }
    Ok(home)
}

fn to_log(command: &mut Command, logs: &Path, name: &str) -> Result<()> {
    fs::create_dir_all(logs)?;
    let log = fs::File::create(logs.join(format!("{name}.log")))?;
    command.stdout(log.try_clone()?).stderr(log);
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_absurd_ones_refused() {
        assert_eq!("1280x800".parse::<Size>().unwrap(), Size::STANDARD);
        for absurd in ["1280", "x", "0x0", "99999x800"] {
            assert!(absurd.parse::<Size>().is_err(), "{absurd}");
        }
    }
}
