//! The directives a prompt can carry: `[[name:settings]]`.

use std::time::Duration;

use crate::fault::{Fault, Stage};
use crate::job::{JobEnd, JobPace, JobPlan};

/// What the last message asks of the simulator itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    answer: Strikes,
    poll: Strikes,
    download: Strikes,
    /// How the job goes that the prompt starts.
    pub(crate) job: JobPlan,
    /// Output tokens after which to wait for the resume.
    pub(crate) pauses: Vec<u64>,
    pub(crate) say: Option<String>,
    pub(crate) length_tokens: Option<u64>,
    pub(crate) thinking_tokens: Option<u64>,
}

/// Faults for requests of one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strikes {
    pub(crate) faults: Vec<Fault>,
    /// How many requests with this prompt they are for; all, without.
    pub(crate) times: Option<u64>,
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
            "fault" => take_fault(&mut self.answer, settings),
            "poll" => take_fault(&mut self.poll, settings),
            "download" => take_fault(&mut self.download, settings),
            "job" => self.take_job(settings),
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

    /// The faults for requests of a stage.
    pub(crate) const fn strikes(&self, stage: Stage) -> &Strikes {
        match stage {
            Stage::Answer => &self.answer,
            Stage::Poll => &self.poll,
            Stage::Download => &self.download,
        }
    }

    fn take_job(&mut self, settings: &str) -> bool {
        let mut plan = self.job;
        for word in settings.split_whitespace() {
            let Some((key, value)) = word.split_once('=') else {
                return false;
            };
            let number = value.parse().ok();
            let understood = match key {
                "polls" => put(number, |polls| plan.pace = Some(JobPace::Polls(polls))),
                "seconds" => put(number.map(u64::from), |seconds| {
                    plan.pace = Some(JobPace::Time(Duration::from_secs(seconds)));
                }),
                "hold" => put(value.parse().ok(), |percent| {
                    plan.hold_percent = Some(percent)
                }),
                "end" => put(JobEnd::from_word(value), |end| plan.end = end),
                _ => false,
            };
            if !understood {
                return false;
            }
        }
        self.job = plan;
        true
    }
}

fn take_fault(strikes: &mut Strikes, settings: &str) -> bool {
    let is_times = |word: &&str| word.starts_with("times=");
    let times = settings.split_whitespace().find(is_times);
    let words: Vec<&str> = settings
        .split_whitespace()
        .filter(|word| !is_times(word))
        .collect();
    let Ok(fault) = Fault::parse(&words.join(" ")) else {
        return false;
    };
    strikes.faults.push(fault);
    strikes.times = times
        .and_then(|word| number(word, "times"))
        .or(strikes.times);
    true
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
        let strikes = script.strikes(Stage::Answer);
        assert_eq!(strikes.faults, [Fault::RateLimited { retry_after_s: 7 }]);
        assert_eq!(strikes.times, Some(2));
        assert_eq!(script.pauses, [3]);
        assert_eq!(script.say.as_deref(), Some("a b"));
        assert_eq!(script.length_tokens, Some(9));
    }

    #[test]
    fn each_stage_of_a_job_has_its_own_faults() {
        let (plain, script) = read(
            "Waves [[job:polls=3 end=failed]] [[poll:server times=2]] [[download:cut after=1]]",
        );
        assert_eq!(plain, "Waves");
        assert_eq!(script.job.pace, Some(JobPace::Polls(3)));
        assert_eq!(script.job.end, JobEnd::Failed);
        assert_eq!(script.strikes(Stage::Answer), &Strikes::default());
        let poll = script.strikes(Stage::Poll);
        assert_eq!(
            (poll.faults.as_slice(), poll.times),
            ([Fault::ServerError].as_slice(), Some(2))
        );
        let download = script.strikes(Stage::Download);
        assert_eq!(download.faults, [Fault::Cut { after_tokens: 1 }]);
    }

    #[test]
    fn what_is_no_directive_stays_text() {
        for prompt in [
            "a [[b]] c",
            "[[fault:nonsense]]",
            "[[fault:cut after=x]]",
            "[[job:end=well]]",
            "[[job:polls]]",
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
            (
                "status code=413",
                Fault::Status {
                    code: 413,
                    retry_after_s: 0,
                },
            ),
        ] {
            assert_eq!(Fault::parse(words), Ok(fault));
        }
        assert!(Fault::parse("overloaded after=3").is_err());
        assert!(Fault::parse("slow tps=99999999999").is_err());
        assert!(Fault::parse("").is_err());
    }
}
