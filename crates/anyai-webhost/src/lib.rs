//! The same studio over loopback HTTP and WebSocket, for a browser on this machine.
//!
//! Three routes: the window's files, `POST /call/{command}`, and `GET /events` (WebSocket). Commands
//! and events need the token; every request must name this host and come from its own pages, so that
//! no other page in the browser can reach the studio.

mod call;
mod events;
mod files;
mod guard;
mod serve;

pub use guard::Token;
pub use serve::{Bound, Webhost};
