//! One studio from a data folder: the embedded server, or a remote one, joined to the app.
