//! How many tests ran: read from what the test runners print at their end.

use std::ops::AddAssign;

/// Tests by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// A check that is one test.
    pub(crate) const ONE_PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// A check that is one test and failed.
    pub(crate) const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };
    /// A step that did not run.
    pub(crate) const ONE_SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };

    /// Whether nothing ran and nothing could have.
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }

    fn add(&mut self, count: u64, word: &str) {
        match word {
            "passed" | "pass" => self.passed += count,
            "failed" | "fail" | "timed" | "exec" => self.failed += count,
            "skipped" | "ignored" | "todo" => self.skipped += count,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// cargo-nextest: `Summary [ 1.2s] 9 tests run: 7 passed (1 flaky), 1 failed, 1 timed out, 3 skipped`.
pub(crate) fn nextest(output: &str) -> Option<Counts> {
    let line = output
        .lines()
        .rev()
        .find(|line| line.contains("Summary [") && line.contains(" run:"))?;
    let (_, results) = line.split_once(" run:")?;
    let mut counts = Counts::default();
    for result in results.split(',') {
        add_pair(&mut counts, result);
    }
    Some(counts)
}

/// Names of tests that nextest had to try twice.
pub(crate) fn flaky(output: &str) -> Vec<String> {
    let names = output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("FLAKY "));
    let mut names: Vec<String> = names
        .filter_map(|line| line.rsplit("] ").next())
        .map(str::to_owned)
        .collect();
    names.dedup();
    names
}

/// rustdoc and libtest: one `test result: ok. 3 passed; 0 failed; 1 ignored; ...` for each binary.
pub(crate) fn libtest(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let lines = output
        .lines()
        .filter_map(|line| line.split_once("test result: "));
    let mut any = false;
    for (_, results) in lines {
        any = true;
        let (_, results) = results.split_once(". ").unwrap_or(("", results));
        for result in results.split(';') {
            add_pair(&mut counts, result);
        }
    }
    any.then_some(counts)
}

/// vitest: `Tests  1 failed | 12 passed | 2 skipped (15)`.
pub(crate) fn vitest(output: &str) -> Option<Counts> {
    let line = output
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("Tests  "))?;
    let mut counts = Counts::default();
    for result in line.trim_start().trim_start_matches("Tests").split('|') {
        add_pair(&mut counts, result);
    }
    Some(counts)
}

/// node's own runner (`# pass 3`, `ℹ pass 3`) or Playwright's (`  3 passed (1.2s)`), whichever ran.
pub(crate) fn browser(output: &str) -> Option<Counts> {
    node(output)
        .or_else(|| playwright(output))
        .or_else(|| vitest(output))
}

fn node(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut any = false;
    for line in output.lines() {
        let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) else {
            continue;
        };
        if let Some((word @ ("pass" | "fail" | "skipped" | "todo" | "cancelled"), count)) =
            rest.split_once(' ')
        {
            let word = if word == "cancelled" { "fail" } else { word };
            if let Ok(count) = count.trim().parse() {
                any = true;
                counts.add(count, word);
            }
        }
    }
    any.then_some(counts)
}

fn playwright(output: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut any = false;
    for line in output.lines().filter(|line| line.starts_with("  ")) {
        let mut words = line.split_whitespace();
        let (Some(count), Some(word)) = (words.next(), words.next()) else {
            continue;
        };
        let known = matches!(
            word,
            "passed" | "failed" | "skipped" | "flaky" | "interrupted"
        );
        if let (true, Ok(count)) = (known, count.parse()) {
            any = true;
            let word = if word == "flaky" { "passed" } else { word };
            counts.add(
                count,
                if word == "interrupted" {
                    "failed"
                } else {
                    word
                },
            );
        }
    }
    any.then_some(counts)
}

/// Adds `12 passed` to the counts.
fn add_pair(counts: &mut Counts, text: &str) {
    let mut words = text.split_whitespace();
    if let (Some(count), Some(word)) = (words.next(), words.next())
        && let Ok(count) = count.parse()
    {
        counts.add(count, word);
    }
}

/// Tests that passed without anything to run on: they print a line that opens with `SKIPPED`.
/// Returns their names and reasons from a JUnit file that keeps the output of passed tests.
pub(crate) fn skipped_inside(junit: &str) -> Vec<String> {
    let mut found = Vec::new();
    for case in junit.split("<testcase ").skip(1) {
        let name = attribute(case, "name").unwrap_or_default();
        let reason = case.lines().map(|line| {
            line.rsplit_once("CDATA[")
                .map_or(line, |(_, rest)| rest)
                .trim()
        });
        let reason = reason.map(|line| {
            line.rsplit_once("<system-out>")
                .map_or(line, |(_, rest)| rest)
        });
        let reason = reason.map(|line| {
            line.rsplit_once("<system-err>")
                .map_or(line, |(_, rest)| rest)
        });
        if let Some(reason) = reason.into_iter().find(|line| line.starts_with("SKIPPED")) {
            found.push(format!("{name}: {reason}"));
        }
    }
    found
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn nextest_summaries_are_read() {
        let green = "     Summary [   0.012s] 5 tests run: 5 passed (1 flaky), 2 skipped\n";
        assert_eq!(nextest(green), Some(counts(5, 0, 2)));
        let red = "     Summary [   3.1s] 9/12 tests run: 6 passed, 1 failed, 1 exec failed, 1 timed out, 0 skipped\n";
        assert_eq!(nextest(red), Some(counts(6, 3, 0)));
        assert_eq!(nextest("error: could not compile"), None);
    }

    #[test]
    fn flaky_tests_are_named_once() {
        let line = "   FLAKY 2/2 [   1.2s] anyai-tests::e2e main_job\n";
        assert_eq!(
            flaky(&format!("{line}{line}")),
            ["anyai-tests::e2e main_job"]
        );
    }

    #[test]
    fn doctest_results_are_summed() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured\n";
        assert_eq!(libtest(output), Some(counts(4, 2, 1)));
    }

    #[test]
    fn vitest_results_are_read() {
        let output = " Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 12 passed | 2 skipped (15)\n";
        assert_eq!(vitest(output), Some(counts(12, 1, 2)));
    }

    #[test]
    fn both_browser_runners_are_read() {
        assert_eq!(
            browser("ℹ tests 4\nℹ pass 3\nℹ fail 1\nℹ skipped 0\n"),
            Some(counts(3, 1, 0))
        );
        assert_eq!(
            browser("Running 4 tests\n  1 failed\n    a.spec.ts:3\n  3 passed (2.0s)\n"),
            Some(counts(3, 1, 0))
        );
        assert_eq!(browser("nothing of the kind"), None);
    }

    #[test]
    fn a_test_without_its_data_is_not_a_passed_one() {
        let junit = r#"<testcase name="replay" time="0.1"><system-out>running
SKIPPED: ../shared is absent
</system-out></testcase><testcase name="other"><system-out>fine, SKIPPED nothing</system-out></testcase>"#;
        assert_eq!(
            skipped_inside(junit),
            ["replay: SKIPPED: ../shared is absent"]
        );
    }
}
