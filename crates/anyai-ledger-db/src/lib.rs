//! The ledger's store: SQLite, one writer, hash-chained entries.
