//! The directives a prompt can carry: `[[name:settings]]`.

use crate::fault::Fault;

/// What the last message asks of the simulator itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) faults: Vec<Fault>,
    /// How many requests with this prompt the faults are for; all, without.
    pub(crate) times: Option<u64>,
    /// Output tokens after which to wait for the resume.
    pub(crate) pauses: Vec<u64>,
    pub(crate) say: Option<String>,
    pub(crate) length_tokens: Option<u64>,
    pub(crate) thinking_tokens: Option<u64>,
}

/// Takes the directives out of a prompt: the prompt without them, and what they ask. One that is
/// not understood stays in the text, where its writer sees it quoted.
pub(crate) fn read(prompt: &str) -> (String, Script) {
    let mut script = Script::default();
    let mut plain = String::with_capacity(prompt.len());
    let mut rest = prompt;
    while let Some((before, after)) = rest.split_once("[[") {
        plain.push_str(before);
        match after.split_once("]]") {
            Some((words, behind)) if script.take(words) => rest = behind,
            _ => {
                plain.push_str("[[");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    (plain.trim().to_owned(), script)
}

impl Script {
    fn take(&mut self, words: &str) -> bool {
        let Some((name, settings)) = words.split_once(':') else {
            return false;
        };
        match name.trim() {
            "fault" => self.take_fault(settings),
            "pause" => put(number(settings, "after"), |after| self.pauses.push(after)),
            "length" => put(number(settings, "tokens"), |n| self.length_tokens = Some(n)),
            "think" => put(number(settings, "tokens"), |n| {
                self.thinking_tokens = Some(n)
            }),
            "say" => {
                self.say = Some(settings.to_owned());
                true
            }
            _ => false,
        }
    }

    fn take_fault(&mut self, settings: &str) -> bool {
        let is_times = |word: &&str| word.starts_with("times=");
        let times = settings.split_whitespace().find(is_times);
        let words: Vec<&str> = settings
            .split_whitespace()
            .filter(|word| !is_times(word))
            .collect();
        let Ok(fault) = Fault::parse(&words.join(" ")) else {
            return false;
        };
        self.faults.push(fault);
        self.times = times.and_then(|word| number(word, "times")).or(self.times);
        true
    }
}

fn number(settings: &str, key: &str) -> Option<u64> {
    settings
        .trim()
        .strip_prefix(key)?
        .strip_prefix('=')?
        .parse()
        .ok()
}

fn put<T>(value: Option<T>, set: impl FnOnce(T)) -> bool {
    value.map(set).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_leave_the_prompt_and_are_understood() {
        let (plain, script) = read(
            "Hi [[fault:rate_limited retry_after=7 times=2]]there [[pause:after=3]] [[say:a b]] [[length:tokens=9]]",
        );
        assert_eq!(plain, "Hi there");
        assert_eq!(script.faults, [Fault::RateLimited { retry_after_s: 7 }]);
        assert_eq!(script.times, Some(2));
        assert_eq!(script.pauses, [3]);
        assert_eq!(script.say.as_deref(), Some("a b"));
        assert_eq!(script.length_tokens, Some(9));
    }

    #[test]
    fn what_is_no_directive_stays_text() {
        for prompt in [
            "a [[b]] c",
            "[[fault:nonsense]]",
            "[[fault:cut after=x]]",
            "a[[0]] = b[[1",
            "[[",
        ] {
            assert_eq!(read(prompt), (prompt.to_owned(), Script::default()));
        }
    }

    #[test]
    fn every_fault_name_is_parsed_with_its_settings() {
        for (words, fault) in [
            ("cut after=40", Fault::Cut { after_tokens: 40 }),
            ("cut", Fault::Cut { after_tokens: 20 }),
            (
                "slow tps=5",
                Fault::Slow {
                    tokens_per_second: 5,
                },
            ),
            ("overrun by=1", Fault::Overrun { by_tokens: 1 }),
            ("overloaded", Fault::Overloaded),
        ] {
            assert_eq!(Fault::parse(words), Ok(fault));
        }
        assert!(Fault::parse("overloaded after=3").is_err());
        assert!(Fault::parse("slow tps=99999999999").is_err());
        assert!(Fault::parse("").is_err());
    }
}
