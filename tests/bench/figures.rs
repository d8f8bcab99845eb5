//! Sorted samples, and the lines that are printed of them.

/// Samples of one thing in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn new(mut milliseconds: Vec<f64>) -> Self {
        milliseconds.sort_unstable_by(f64::total_cmp);
        Self(milliseconds)
    }

    fn at(&self, permille: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0
            .get(last * permille / 1_000)
            .copied()
            .unwrap_or(f64::NAN)
    }

    pub(crate) fn print_starts(&self, what: &str) {
        println!(
            "{what:<44} least {:>6.0}  median {:>6.0}  most {:>6.0} ms, of {}",
            self.at(0),
            self.at(500),
            self.at(1_000),
            self.0.len()
        );
    }

    pub(crate) fn print_latency(&self, what: &str) {
        println!(
            "{what:<44} p50 {:>6.1}  p95 {:>6.1}  p99 {:>6.1}  most {:>6.1} ms, of {}",
            self.at(500),
            self.at(950),
            self.at(990),
            self.at(1_000),
            self.0.len()
        );
    }
}

/// What else the machine was doing: the load of the last minute, or why it is not known.
pub(crate) fn load() -> String {
    let all = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    all.split(' ')
        .next()
        .filter(|load| !load.is_empty())
        .unwrap_or("unknown")
        .to_owned()
}
