//! System packages: what is missing, said before anything is installed, then one apt call.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{quiet_output, run_plain, status_of};
use crate::screen::say;

/// Needed to compile anything of ours.
const COMPILE: &[&str] = &["build-essential", "pkg-config", "ca-certificates"];
/// Needed to compile and open the window.
const WINDOW: &[&str] = &[
    "libdbus-1-dev",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
];
/// Needed to drive the window, its tray and its keychain on a virtual display.
const DRIVE: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "gnome-keyring",
    "libsecret-tools",
    "libglib2.0-bin",
    "xdotool",
    "imagemagick",
    "fonts-dejavu-core",
    "fonts-inter",
    "fonts-noto-color-emoji",
];
/// Needed to drive the webhost in a browser.
const BROWSER: &[&str] = &["chromium"];

/// Needed to test the ledger on PostgreSQL: tests start servers of their own, the one that Debian starts is not used.
const DATABASE: &[&str] = &["postgresql"];

/// What a command is about to do, and so which packages it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The studio without a window.
    Webhost,
    /// The studio in its window.
    Window,
    /// The real window on a virtual display.
    DriveWindow,
    /// Every test.
    Test,
}

impl Purpose {
    fn packages(self) -> Vec<&'static str> {
        let groups: &[&[&str]] = match self {
            Self::Webhost => &[COMPILE],
            Self::Window => &[COMPILE, WINDOW],
            Self::DriveWindow => &[COMPILE, WINDOW, DRIVE],
            Self::Test => &[COMPILE, WINDOW, DRIVE, BROWSER, DATABASE],
        };
        groups.concat()
    }
}

/// Makes sure the machine has what the purpose needs. Installs on Debian and its kin, explains elsewhere.
pub(crate) fn ensure(purpose: Purpose) -> Result<()> {
    check_node()?;
    match std::env::consts::OS {
        "linux" if Path::new("/usr/bin/apt-get").exists() => ensure_debian(purpose),
        "linux" => {
            say!(
                "No apt on this Linux. If the build misses a library, these are the Debian names of what it needs:"
            );
            say!("  {}", purpose.packages().join(" "));
            Ok(())
        }
        "macos" => ensure_macos(),
        _ => ensure_windows(),
    }
}

fn ensure_debian(purpose: Purpose) -> Result<()> {
    let wanted = purpose.packages();
    let missing = missing_of(&wanted, &installed(&wanted));
    if missing.is_empty() {
        return Ok(());
    }
    say!("Installing Debian packages: {}", missing.join(" "));
    let update =
        apt(&["update", "-qq"]).and_then(|mut command| Ok(status_of(&mut command)?.success()))?;
    if !update {
        say!("apt-get update failed; trying with the package lists that are here");
    }
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(&missing);
    run_plain(&mut apt(&words)?)
}

/// The answer of dpkg: one line per installed package.
fn installed(wanted: &[&str]) -> String {
    let mut query = Command::new("dpkg-query");
    query
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(wanted);
    // dpkg-query fails when it does not know one of the names, and still prints the others.
    let output = query
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    String::from_utf8_lossy(&output).into_owned()
}

fn missing_of<'a>(wanted: &[&'a str], installed: &str) -> Vec<&'a str> {
    let present: BTreeSet<&str> = installed
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    wanted
        .iter()
        .copied()
        .filter(|name| !present.contains(name))
        .collect()
}

/// An apt-get command that never asks, with sudo when we are not root.
fn apt(words: &[&str]) -> Result<Command> {
    let root = quiet_output(Command::new("id").arg("-u")).as_deref() == Some("0");
    let mut command = if root {
        Command::new("env")
    } else if quiet_output(Command::new("sudo").arg("-V")).is_some() {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else {
        bail!(
            "packages are missing and this is neither root nor is there sudo; as root, run: apt-get {}",
            words.join(" ")
        );
    };
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .args(words);
    Ok(command)
}

fn check_node() -> Result<()> {
    let version = quiet_output(Command::new("node").arg("--version"));
    let major = version.as_deref().and_then(node_major);
    match (major, version) {
        (Some(20..), _) => {}
        (_, Some(version)) => bail!(
            "Node {version} is too old: the interface needs Node 20 or newer (https://nodejs.org)"
        ),
        (_, None) => bail!(
            "Node is missing: install Node 20 or newer (https://nodejs.org), then run this again"
        ),
    }
    if quiet_output(Command::new(crate::ui::NPM).arg("--version")).is_none() {
        bail!("npm is missing: it comes with Node from https://nodejs.org");
    }
    Ok(())
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn ensure_macos() -> Result<()> {
    if quiet_output(Command::new("xcode-select").arg("-p")).is_none() {
        bail!(
            "Apple's command line tools are missing. Install them with `xcode-select --install`, then run this again."
        );
    }
    Ok(())
}

fn ensure_windows() -> Result<()> {
    say!("On Windows the studio needs the Microsoft C++ Build Tools and the WebView2 runtime.");
    say!(
        "Windows 11 has WebView2; both are explained at https://v2.tauri.app/start/prerequisites/"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_dpkg_calls_installed_counts() {
        let answer = "xvfb installed\nxauth config-files\ndbus installed\n";
        assert_eq!(
            missing_of(&["xvfb", "xauth", "dbus", "chromium"], answer),
            ["xauth", "chromium"]
        );
    }

    #[test]
    fn without_a_window_no_window_library_is_asked_for() {
        let needed = Purpose::Webhost.packages();
        assert!(
            !needed
                .iter()
                .any(|name| name.contains("webkit") || *name == "xvfb"),
            "{needed:?}"
        );
    }

    #[test]
    fn node_versions_are_read() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert_eq!(node_major("20"), None);
    }
}
