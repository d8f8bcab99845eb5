//! The main job in the real window, step by step: what the test proves and the tour shows.

use anyhow::Result;

use crate::window::StudioWindow;

/// The message field.
pub const MESSAGE: &str = "textarea[aria-label='Message']";
/// The model button of the composer.
pub const MODEL_BUTTON: &str = "[data-model-button]";
/// The balance in the header.
pub const BALANCE: &str = "button.balance";
/// Stops the turn under way.
const STOP: &str = "button[aria-label^='Stop']:not([aria-haspopup])";
/// The charge of the newest turn.
pub const CHARGE: &str = "article[data-turn] button[aria-label$='open receipt']";

impl StudioWindow {
    /// Goes through the third door with the Pro budget.
    ///
    /// # Errors
    /// When a step is not there.
    pub async fn open_practice_studio(&self) -> Result<()> {
        self.click_named("button", "Try it now").await?;
        self.click_named("[role=radio]", "Pro").await?;
        self.click_named("button", "Open the practice studio")
            .await?;
        self.find(MESSAGE).await.map(drop)
    }

    /// Writes a prompt and waits until the model button shows what it would cost.
    ///
    /// # Errors
    /// When no price comes.
    pub async fn write(&self, prompt: &str) -> Result<String> {
        self.type_into(MESSAGE, prompt).await?;
        let priced = |text: &str| text.contains("credit") || text.contains("practice");
        self.text(MODEL_BUTTON, priced).await
    }

    /// Sends what was written and waits for its charge; returns the charge's words.
    ///
    /// # Errors
    /// When the turn does not settle.
    pub async fn send_and_settle(&self) -> Result<String> {
        let before = self.count("article[data-turn]").await?;
        self.click("form button[type=submit]").await?;
        self.until("another turn", async || {
            Ok(self.count("article[data-turn]").await? > before)
        })
        .await?;
        self.until("settled turn", async || {
            Ok(self.count(CHARGE).await? > before && self.count(STOP).await? == 0)
        })
        .await?;
        self.text(CHARGE, |text| {
            text.chars().any(|char| char.is_ascii_digit())
        })
        .await
    }
}
