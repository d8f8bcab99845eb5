//! What the window tests and the tour share: a driven window and a tray to read.
//!
//! It never links the shell: the studio is a program that was built before.

mod file_window;
mod main_job;
mod making;
mod tray;
mod window;

pub use file_window::FileWindow;
pub use main_job::{BALANCE, CHARGE, MESSAGE, MODEL_BUTTON};
pub use making::TILE;
pub use tray::TrayWatcher;
pub use window::{StudioWindow, Theme, Variables};
