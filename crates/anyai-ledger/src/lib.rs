//! The ledger as a pure state machine: grant, hold, dispatch, settle, void.
