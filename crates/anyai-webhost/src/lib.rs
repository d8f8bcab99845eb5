//! The same studio over loopback HTTP and WebSocket, with a token.
