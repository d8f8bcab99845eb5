//! One key typed in a 100,000-token conversation: count the draft, then estimate every model.
//! `cargo bench -p anyai-estimate --bench keystroke`

fn main() {}
