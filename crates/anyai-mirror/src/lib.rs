//! The desktop's local copy of balance and history, and its outbox.
