//! What journeys share: whole studios, studio servers and `anyai` programs in temporary folders,
//! one way to give commands to each of them, and what must hold of their files afterwards.
//!
//! A [`Window`] gives commands, whether the app is in this process or in another. A story ends with
//! `finish`, which waits until nothing is pending, closes everything and verifies every ledger;
//! a studio that is dropped unfinished fails its test.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this room is linked by tests alone, and a story that cannot go on has failed"
)]

mod ears;
mod house;
mod keychain;
mod program;
mod server;
mod studio;
mod until;
mod verify;
mod window;

pub use ears::Ears;
pub use house::{House, Stands, failed, settled};
pub use keychain::AbsentKeychain;
pub use program::{Exited, Program, ServeProgram, WebProgram, anyai, run};
pub use server::{OPERATORS_KEY, TestServer};
pub use studio::{OWN_KEY, TestStudio};
pub use until::until;
pub use verify::{Verified, files_with, verify};
pub use window::Window;
