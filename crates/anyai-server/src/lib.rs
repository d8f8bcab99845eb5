//! The studio server: sign-in, ledger, gateway, history, change feed.
