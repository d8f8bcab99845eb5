//! How many durable hold and settle operations a second the ledger makes, and how long one takes
//! alone, beside what the bare database does in the same run.
//!
//! An operation is one command that is answered after its commit: a hold (with its dispatch), or a
//! settlement. Nothing is left out: chain, two grants, three members with limits, an envelope.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

mod load;
mod probe;

use std::time::Duration;

use load::Shape;

/// What is measured, and how much of it.
struct Arguments {
    only: Option<String>,
    operations: u64,
}

impl Arguments {
    fn read() -> Self {
        let mut arguments = Self {
            only: None,
            operations: 200_000,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--only" => arguments.only = words.next(),
                "--operations" => {
                    let number = words.next().and_then(|number| number.parse().ok());
                    arguments.operations = number.unwrap_or(arguments.operations);
                }
                _ => {}
            }
        }
        arguments
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }
}

fn main() {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if arguments.wants("sqlite") {
        runtime.block_on(sqlite(arguments.operations));
    }
}

async fn sqlite(operations: u64) {
    println!("SQLite, WAL, synchronous=FULL; {operations} operations");
    let bare = probe::sqlite(operations, 256);
    println!("  bare SQL, 256 a commit            {bare:>9.0} operations/s");
    let alone = probe::sqlite_alone(2_000);
    println!("  bare SQL, 1 a commit              {}", latency(alone));
    let folder = tempfile::tempdir().unwrap();
    let ledger = anyai_ledger_db::Ledger::open(&folder.path().join("ledger.sqlite")).unwrap();
    let one = Shape {
        pools: 1,
        clients: 256,
    };
    let pools = load::found(&ledger, one).await;
    let rate = load::throughput(&ledger, &pools, one, operations).await;
    println!(
        "  the ledger, one pool, 256 a commit {rate:>8.0} operations/s  ({:.0} % of bare SQL)",
        100.0 * rate / bare
    );
    let alone = load::alone(&ledger, &pools, 2_000).await;
    println!("  the ledger, one pool, 1 a commit  {}", latency(alone));
}

/// The middle and the slowest hundredth of some spans.
fn latency(mut spans: Vec<Duration>) -> String {
    spans.sort_unstable();
    let at = |percent: usize| {
        let index = (spans.len() * percent / 100).min(spans.len() - 1);
        spans[index].as_secs_f64() * 1_000.0
    };
    format!("p50 {:.3} ms, p99 {:.3} ms", at(50), at(99))
}
