//! The same studio over loopback HTTP and WebSocket, for a browser on this machine.
//!
//! The window's files, `POST /call/{command}`, `POST /upload`, `GET /events` (WebSocket), and stored files
//! under `GET /asset`. Commands and events need the token, files a key made of it; every request must name this
//! host and come from its own pages, so that no other page in the browser can reach the studio.

mod asset;
mod call;
mod events;
mod files;
mod guard;
mod serve;
mod upload;

pub use guard::Token;
pub use serve::{Bound, Webhost};
