//! Pictures and clips in the real window, step by step.

use anyhow::Result;

use crate::window::StudioWindow;

/// The prompt of the two studios.
const PROMPT: &str = ".make-form textarea";
/// The button that spends.
const MAKE: &str = ".pay button";
/// The charge of what was made last.
const CHARGE: &str = "[data-turn] button[aria-label$='open receipt']";
/// A piece on the library's wall.
pub const TILE: &str = "[role=option][data-place]";

impl StudioWindow {
    /// Goes to a room of the rail.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn go_to(&self, room: &str) -> Result<()> {
        self.click_named("nav.rail button", room).await
    }

    /// Writes a prompt in the studio that is shown, presses its button, and waits for the charge.
    ///
    /// # Errors
    /// When a step is not there, or nothing is made.
    pub async fn make(&self, prompt: &str) -> Result<String> {
        self.type_into(PROMPT, prompt).await?;
        self.text(MAKE, |text| text.contains("practice credits"))
            .await?;
        self.until("price to press", async || {
            let ready = format!(
                "return document.querySelector('{MAKE}').getAttribute('aria-disabled') !== 'true'"
            );
            Ok(self.script(&ready).await?.as_bool() == Some(true))
        })
        .await?;
        self.click(MAKE).await?;
        self.text(CHARGE, |text| {
            text.chars().any(|char| char.is_ascii_digit())
        })
        .await
    }

    /// Waits until a picture or the first moment of a clip is really drawn: its pixels are known.
    ///
    /// # Errors
    /// When it is not.
    pub async fn drawn(&self, selector: &str) -> Result<()> {
        let script = format!(
            "const shown = document.querySelector(`{selector}`);
             return (shown?.naturalWidth ?? shown?.videoWidth ?? 0) > 0 && shown.getBoundingClientRect().height > 20"
        );
        self.until(&format!("`{selector}` that is drawn"), async || {
            Ok(self.script(&script).await?.as_bool() == Some(true))
        })
        .await
    }
}
