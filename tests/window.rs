//! The studio's real window, driven by WebDriver.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::{By, Capabilities, WebDriver, WebElement};
use tokio::time::{Instant, sleep, timeout};

const START_LIMIT: Duration = Duration::from_secs(25);
const STEP_LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(40);

/// Light or dark, for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Ink on paper.
    Light,
    /// Paper on ink.
    Dark,
}

/// A running studio with an empty data folder of its own.
pub struct StudioWindow {
    driver: WebDriver,
    folder: TempDir,
    variables: Variables,
}

/// Environment variables of the studio, by name.
pub type Variables = Vec<(&'static str, String)>;

impl StudioWindow {
    /// Starts the studio the environment names (`cargo xtask` sets it) and waits for its page.
    ///
    /// # Errors
    /// When the window does not come up, tried twice: one start in fifty hangs in the driver.
    pub async fn start() -> Result<Self> {
        Self::start_with(Variables::new()).await
    }

    /// As [`Self::start`], with more in the studio's environment.
    ///
    /// # Errors
    /// When the window does not come up.
    pub async fn start_with(variables: Variables) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let driver = start_driver(folder.path(), &variables).await?;
        Ok(Self {
            driver,
            folder,
            variables,
        })
    }

    /// Starts it on a folder that a window left.
    ///
    /// # Errors
    /// When the window does not come up.
    pub async fn start_in(folder: TempDir) -> Result<Self> {
        let variables = Variables::new();
        let driver = start_driver(folder.path(), &variables).await?;
        Ok(Self {
            driver,
            folder,
            variables,
        })
    }

    /// Ends the program as a crash would not: its window closes, and the same folder is opened again.
    ///
    /// # Errors
    /// When the window does not come up again.
    pub async fn restart(self) -> Result<Self> {
        self.driver.quit().await?;
        let driver = start_driver(self.folder.path(), &self.variables).await?;
        Ok(Self { driver, ..self })
    }

    /// Closes the window and leaves its folder: the studio's data is in `data` there.
    ///
    /// # Errors
    /// When the driver is gone.
    pub async fn close(self) -> Result<TempDir> {
        self.driver.quit().await?;
        Ok(self.folder)
    }

    /// Where its data lies.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Waits for an element that is shown.
    ///
    /// # Errors
    /// When there is none within 20 seconds.
    pub async fn find(&self, selector: &str) -> Result<WebElement> {
        let deadline = Instant::now() + STEP_LIMIT;
        while Instant::now() < deadline {
            if let Ok(element) = self.driver.find(By::Css(selector)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return Ok(element);
            }
            sleep(POLL).await;
        }
        bail!(
            "nothing shown at `{selector}`; the page says: {}",
            self.body().await
        )
    }

    /// Clicks the last of what matches. An element that moves or is not there yet is tried again.
    ///
    /// # Errors
    /// When there is nothing to click within 20 seconds.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.until(&format!("click on `{selector}`"), async || {
            let elements = self.driver.find_all(By::Css(selector)).await?;
            let element = elements.last().context("nothing there")?;
            element.scroll_into_view().await?;
            element.click().await?;
            Ok(true)
        })
        .await
    }

    /// Types into a field.
    ///
    /// # Errors
    /// When there is no field.
    pub async fn type_into(&self, selector: &str, text: &str) -> Result<()> {
        self.find(selector)
            .await?
            .send_keys(text)
            .await
            .with_context(|| format!("typing into `{selector}`"))
    }

    /// Waits until the text of the last match is as `wanted` says, and returns it.
    ///
    /// # Errors
    /// When it is not within 20 seconds; the error names the last text seen.
    pub async fn text(&self, selector: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let deadline = Instant::now() + STEP_LIMIT;
        let mut last = String::from("nothing there");
        while Instant::now() < deadline {
            match self.words(selector).await {
                Ok(Some(text)) if wanted(&text) => return Ok(text),
                Ok(Some(text)) => last = text,
                Ok(None) => {}
                Err(error) => last = format!("unreadable: {error}"),
            }
            sleep(POLL).await;
        }
        bail!("`{selector}` stayed {last:?}")
    }

    /// Clicks the first element of a kind whose text or name starts with `name`.
    ///
    /// # Errors
    /// When there is none within 20 seconds.
    pub async fn click_named(&self, selector: &str, name: &str) -> Result<()> {
        let script =
            "const named = (e) => (e.getAttribute('aria-label') ?? '').startsWith(arguments[1])
            || e.textContent.trim().startsWith(arguments[1]);
            return [...document.querySelectorAll(arguments[0])].findIndex(named)";
        self.until(&format!("a `{selector}` called {name:?}"), async || {
            let found = self
                .driver
                .execute(script, vec![json!(selector), json!(name)])
                .await?;
            let Some(index) = found.json().as_u64() else {
                return Ok(false);
            };
            let elements = self.driver.find_all(By::Css(selector)).await?;
            elements
                .get(usize::try_from(index)?)
                .context("it went away")?
                .click()
                .await?;
            Ok(true)
        })
        .await
    }

    /// What the last match says. WebDriver's own answer leaves out text that is cut with an ellipsis.
    async fn words(&self, selector: &str) -> Result<Option<String>> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].at(-1)?.textContent ?? null";
        let said = self.driver.execute(script, vec![json!(selector)]).await?;
        Ok(said
            .json()
            .as_str()
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }

    /// How many elements match.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn count(&self, selector: &str) -> Result<usize> {
        Ok(self.driver.find_all(By::Css(selector)).await?.len())
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn press(&self, keys: impl Into<thirtyfour::TypingData>) -> Result<()> {
        Ok(self.driver.action_chain().send_keys(keys).perform().await?)
    }

    /// Waits until `done` says so. A page that changes under the question is asked again.
    ///
    /// # Errors
    /// When it does not within 20 seconds.
    pub async fn until(&self, what: &str, done: impl AsyncFn() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + STEP_LIMIT;
        while Instant::now() < deadline {
            if done().await.unwrap_or(false) {
                return Ok(());
            }
            sleep(POLL).await;
        }
        bail!(
            "no {what} within {} s; the page says: {}",
            STEP_LIMIT.as_secs(),
            self.body().await
        )
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn script(&self, script: &str) -> Result<serde_json::Value> {
        Ok(self
            .driver
            .execute(script, Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Shows the page in a theme, whatever the settings say.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn theme(&self, theme: Theme) -> Result<()> {
        let name = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        self.script(&format!(
            "document.documentElement.dataset.theme = '{name}'"
        ))
        .await
        .map(drop)
    }

    /// Saves a picture of the page.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        Ok(self.driver.screenshot(path).await?)
    }

    /// Closes the window, which ends the program, and hands over its folder.
    ///
    /// # Errors
    /// When the driver is gone.
    pub async fn quit(self) -> Result<TempDir> {
        self.driver.quit().await?;
        Ok(self.folder)
    }

    async fn body(&self) -> String {
        match self.driver.find(By::Tag("body")).await {
            Ok(body) => body
                .text()
                .await
                .unwrap_or_default()
                .chars()
                .take(600)
                .collect(),
            Err(error) => error.to_string(),
        }
    }
}

async fn start_driver(folder: &Path, variables: &Variables) -> Result<WebDriver> {
    for attempt in 1..=2 {
        let capabilities = capabilities(folder, variables)?;
        match timeout(START_LIMIT, WebDriver::new(url()?, capabilities)).await {
            Ok(Ok(driver)) => return Ok(driver),
            Ok(Err(error)) if attempt == 2 => return Err(error.into()),
            Ok(Err(_)) | Err(_) => sleep(Duration::from_secs(1)).await,
        }
    }
    bail!(
        "the window did not come up within {} s, tried twice",
        START_LIMIT.as_secs()
    )
}

fn url() -> Result<String> {
    std::env::var("ANYAI_WEBDRIVER_URL")
        .context("no WebDriver: run this through `cargo xtask test --only window`")
}

fn capabilities(folder: &Path, variables: &Variables) -> Result<Capabilities> {
    let program =
        PathBuf::from(std::env::var_os("ANYAI_STUDIO_BINARY").context("no studio program named")?);
    let mut capabilities = Capabilities::new();
    capabilities.set("browserName", "wry")?;
    capabilities.set(
        "tauri:options",
        json!({ "application": launcher(&program, folder, variables)? }),
    )?;
    Ok(capabilities)
}

/// The driver passes no environment on, so a script sets it.
fn launcher(program: &Path, folder: &Path, variables: &Variables) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("start.sh");
    let exports: String = variables
        .iter()
        .map(|(name, value)| format!("export {name}='{value}'\n"))
        .collect();
    let script = format!(
        "#!/bin/sh\n{exports}ANYAI_DATA='{}' exec '{}' \"$@\" 2>>'{}'\n",
        folder.join("data").display(),
        program.display(),
        folder.join("studio.log").display(),
    );
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}
