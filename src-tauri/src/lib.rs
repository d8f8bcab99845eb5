//! The shell: window, tray, single instance, forwarding. The only room that names `tauri`.
//!
//! It decides nothing about credits: a command goes to the app as it came, an event goes to the
//! window as it came, and the tray repeats the balance it is told.

mod call;
mod dragging;
mod drawing;
mod dropping;
mod events;
mod files;
mod outside;
mod run;
mod tray;
mod window;

pub use run::run;
