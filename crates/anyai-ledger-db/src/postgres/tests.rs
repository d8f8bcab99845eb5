//! The guards of PostgreSQL's writes.
#![cfg(unix)]

use anyai_testpostgres::PostgresCluster;

use super::address::Address;
use super::writing::PostgresBacking;
use super::{PostgresOptions, session::Session};
use crate::LedgerError;
use crate::backing::tests::{Shelf, guards_hold_on};

const UNGUARD: &str = "DO $$ DECLARE found record; BEGIN \
    FOR found IN SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint \
      WHERE contype IN ('c','f') AND conrelid<>0 AND connamespace='public'::regnamespace \
      ORDER BY contype DESC \
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.of, found.name); END LOOP; \
    FOR found IN SELECT contypid::regtype AS of, conname AS name FROM pg_constraint \
      WHERE contypid<>0 AND connamespace='public'::regnamespace \
    LOOP EXECUTE format('ALTER DOMAIN %s DROP CONSTRAINT %I', found.of, found.name); END LOOP; \
    FOR found IN SELECT tgrelid::regclass AS of, tgname AS name FROM pg_trigger WHERE NOT tgisinternal \
    LOOP EXECUTE format('DROP TRIGGER %I ON %s', found.name, found.of); END LOOP; END $$";

struct Database {
    address: String,
    backing: PostgresBacking,
}

guards_hold_on!(Database);

impl Shelf for Database {
    type Backing = PostgresBacking;

    fn new() -> Self {
        let address = PostgresCluster::shared().database();
        let options = PostgresOptions::default();
        let parsed = Address::parse(&address).unwrap();
        let mut session = Session::new(parsed.clone(), options).unwrap();
        session.make_tables().unwrap();
        Self {
            address,
            backing: PostgresBacking::new(parsed, options).unwrap(),
        }
    }

    fn backing(&mut self) -> &mut PostgresBacking {
        &mut self.backing
    }

    fn unguard(&mut self) {
        self.execute(UNGUARD);
    }

    fn execute(&mut self, sql: &str) {
        PostgresCluster::shared().run_sql(&self.address, sql);
    }

    fn is_made_twice(error: &LedgerError) -> bool {
        matches!(
            error,
            LedgerError::GuardBroken { .. } | LedgerError::Conflict
        )
    }
}
