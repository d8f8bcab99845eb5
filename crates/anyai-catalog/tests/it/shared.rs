//! Facts and recordings that lie beside this repository; without them a test says so and passes.

use std::path::PathBuf;

use serde_json::Value;

/// A path in the folder of shared data, if it is there.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = data.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// A number of JSON, scaled and rounded to a whole one.
pub(crate) fn scaled(number: &Value, scale: f64) -> Option<u64> {
    let number = (number.as_f64()? * scale).round();
    let whole = format!("{number:.0}");
    whole.parse().ok()
}
