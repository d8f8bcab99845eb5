//! The crafted answers: lists, comparisons, plans, mails, poems, stories, summaries.

use super::draws::Draws;
use super::essay::table;
use super::topic::{Topic, capitalized};

pub(crate) fn list(topic: &Topic, count: usize, draws: &mut Draws) -> String {
    const LEADS: [&str; 13] = [
        "Start small",
        "Borrow an idea",
        "Turn it round",
        "Make it visible",
        "Set a limit",
        "Ask a stranger",
        "Slow it down",
        "Mix the old with the new",
        "Leave something out",
        "Do it together",
        "Keep a record",
        "Change the place",
        "Give it a deadline",
    ];
    let shift = draws.below(LEADS.len());
    let line = |at: usize| {
        let (one, two) = (topic.word(at % 3), topic.word((at + 1) % 4));
        let tail = match (at + shift) % 7 {
            0 => format!("one afternoon with {one} tells you more than a month of plans."),
            1 => format!("see how {two} is done somewhere that has nothing to do with {one}."),
            2 => format!("what would {one} look like if {two} came first?"),
            3 => format!(
                "a list on the wall, a jar on the shelf: {one} counts more when you can see it."
            ),
            4 => format!("half the budget, half the time, and {two} has to be clever."),
            5 => format!("someone who has never heard of {one} will ask the best question."),
            _ => format!("keep {two} as it is and change only the mood."),
        };
        format!(
            "{}. **{}**: {tail}",
            at + 1,
            LEADS[(at + shift) % LEADS.len()]
        )
    };
    let lines: Vec<String> = (0..count).map(line).collect();
    let favourite = draws.below(count.max(1)) + 1;
    format!(
        "Here are {count} for **{}**:\n\n{}\n\nIf I had to pick one, it would be number {favourite}: it costs little \
         and you will know soon whether it works.",
        topic.phrase(),
        lines.join("\n")
    )
}

pub(crate) fn compare(left: &str, right: &str, draws: &mut Draws) -> String {
    let (a, b) = (capitalized(left), capitalized(right));
    let mut rows = vec![
        [
            "Getting started",
            "quick, few decisions",
            "slower, but you learn why",
        ],
        ["Everyday use", "forgiving", "precise"],
        ["At scale", "needs some care", "comes into its own"],
        [
            "Cost",
            "low at first, grows evenly",
            "higher at first, then flat",
        ],
        ["Changing your mind", "easy", "takes a plan"],
    ];
    if draws.below(2) == 1 {
        for row in &mut rows {
            row.swap(1, 2);
        }
    }
    let cells: Vec<[String; 3]> = rows.iter().map(|row| row.map(str::to_owned)).collect();
    let (light, heavy) = if rows[0][1].starts_with("quick") {
        (&a, &b)
    } else {
        (&b, &a)
    };
    format!(
        "**{a}** and **{b}** answer the same need from two sides.\n\n{}\n\n\
         ## Which one?\n\n\
         - Choose **{light}** when you want to begin today and can live with a rough edge.\n\
         - Choose **{heavy}** when it will still matter in two years.\n\
         - Not sure? Start with {light}, and write down the moment it gets in your way. That moment is the reason to \
         switch, or the proof that you need not.",
        table(["", &a, &b], &cells)
    )
}

pub(crate) fn plan(topic: &Topic, draws: &mut Draws) -> String {
    let (one, two, three) = (topic.word(0), topic.word(1), topic.word(2));
    let spare = draws.pick(&[
        "rain or a late start",
        "whatever took longer",
        "doing nothing at all",
    ]);
    let rows = [
        [
            "**Day 1**".to_owned(),
            format!("settle {one}; one thing only"),
            format!("walk, look around, note what {two} needs"),
        ],
        [
            "**Day 2**".to_owned(),
            format!("the long part: {two}"),
            format!("something light with {three}"),
        ],
        [
            "**Day 3**".to_owned(),
            "what you would regret to miss".to_owned(),
            format!("left free for {spare}"),
        ],
    ];
    format!(
        "A plan for **{}** that leaves room to breathe:\n\n{}\n\n\
         ## Before you start\n\n\
         - [ ] Decide what would make it a success, in one line\n\
         - [ ] Book the one thing that sells out\n\
         - [ ] Tell the others about {one}\n\
         - [ ] Keep a fifth of the budget for surprises\n\n\
         Tell me the dates and the budget, and I'll fit the plan to them.",
        topic.phrase(),
        table(["When", "Morning", "Afternoon"], &rows)
    )
}

pub(crate) fn email(topic: &Topic, draws: &mut Draws) -> String {
    let (one, two) = (topic.word(0), topic.word(1));
    let close = draws.pick(&[
        "Kind regards,",
        "With best wishes,",
        "Thank you and best regards,",
    ]);
    format!(
        "**Subject:** {}: a proposal and a question\n\n\
         Hello,\n\n\
         I'm writing about {}. In short: I would like to settle **{one}** this week, and I need your view on **{two}** \
         before I do.\n\n\
         Two options seem reasonable to me:\n\n\
         1. We go ahead as planned and look at {two} again in a month.\n\
         2. We take a few days more and decide on both together.\n\n\
         I lean towards the first. Could you let me know by Thursday whether that works for you?\n\n\
         {close}\n\n*(your name)*",
        topic.heading(),
        topic.phrase()
    )
}

pub(crate) fn poem(topic: &Topic, draws: &mut Draws) -> String {
    let (one, two) = (capitalized(topic.word(0)), topic.word(1));
    let first = draws.pick(&[
        "is a door that the morning leaves open,\nA step on the stair and a turn of the key,",
        "is a thread that the evening has spoken,\nA lamp in the window that looks on the sea,",
    ]);
    let third = draws.pick(&[
        "And none of it hurries and none of it lingers,\nIt comes like the weather and leaves like a guest,",
        "You hold it like water, it runs through your fingers,\nAnd what it leaves with you is maybe the best,",
    ]);
    format!(
        "### {}\n\n\
         {one} {first}\nA promise half given, a promise half broken,\nAnd {two} is all that is left of the plea.\n\n\
         {third}\nA song that is made for the voice of no singers,\nThen {two} goes under the hill to its rest.",
        topic.heading()
    )
    .replace('\n', "  \n")
    .replace("  \n  \n", "\n\n")
}

pub(crate) fn story(topic: &Topic, paragraphs: usize, draws: &mut Draws) -> String {
    let name = draws.pick(&["Mara", "Ilya", "Noor", "Tomas", "Edda", "Quill"]);
    let place = draws.pick(&[
        "the harbour",
        "the last stop of the line",
        "the house above the weir",
    ]);
    let thing = draws.pick(&[
        "a brass key",
        "a letter without a stamp",
        "a clock that ran backwards",
    ]);
    let (one, two) = (topic.word(0), topic.word(1));
    let beats = [
        format!(
            "{name} had lived at {place} long enough to know every sound it made, so the new one was easy to hear. It came with {one}, a little before dawn, and it did not come again until {name} had stopped waiting for it."
        ),
        format!(
            "On the third morning there was {thing} on the sill. It had not been there at night. {name} turned it over twice, put the kettle on, and thought of {two}, which nobody had mentioned in years."
        ),
        format!(
            "People said {one} was a matter of luck. {name} thought it was a matter of looking. So the whole of that week went into looking: under the boards, behind the almanacs, along the line where the water met the wall."
        ),
        format!(
            "What {name} found in the end was smaller than the stories and heavier than it looked. It fitted {thing} exactly. Somewhere below, something that had been waiting let go of its breath."
        ),
        format!(
            "Afterwards the sound was gone, and {place} was quieter than a place should be. {name} left the window open all the same. There are things, like {two}, that only come to a room that is ready for them."
        ),
        format!(
            "Years later a child asked whether any of it was true. \"Enough of it,\" said {name}, and wound the clock, and would not say which part."
        ),
    ];
    let told: Vec<&String> = beats
        .iter()
        .take(paragraphs.clamp(2, beats.len() - 1))
        .collect();
    let told: Vec<&str> = told
        .into_iter()
        .map(String::as_str)
        .chain([beats[5].as_str()])
        .collect();
    format!("### {}\n\n{}", topic.heading(), told.join("\n\n"))
}

/// Picks from the text itself: the sentences that hold the most of its own frequent words.
pub(crate) fn summary(prompt: &str, sentences_max: usize) -> String {
    let body = prompt.split_once('\n').map_or(prompt, |(first, rest)| {
        if first.split_whitespace().count() < 15 && !rest.trim().is_empty() {
            rest
        } else {
            prompt
        }
    });
    let sentences: Vec<&str> = body
        .split_inclusive(['.', '!', '?', '\n'])
        .map(str::trim)
        .filter(|one| one.len() > 20)
        .collect();
    let low = body.to_lowercase();
    let weight = |sentence: &str| -> usize {
        let lower = sentence.to_lowercase();
        let words = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 4);
        let (sum, count) = words.fold((0, 0), |(sum, count), word| {
            (sum + low.matches(word).count(), count + 1)
        });
        // Rounded down: only the order matters.
        sum * 100 / (count + 4)
    };
    let mut ranked: Vec<(usize, usize)> = sentences
        .iter()
        .enumerate()
        .map(|(at, sentence)| (weight(sentence), at))
        .collect();
    ranked.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut kept: Vec<usize> = ranked
        .iter()
        .take(sentences_max)
        .map(|(_, at)| *at)
        .collect();
    kept.sort_unstable();
    let lines: Vec<String> = kept
        .iter()
        .map(|at| format!("- {}", sentences[*at]))
        .collect();
    format!(
        "The text has **{} words** in {} sentences. Its weightiest, in its own words:\n\n{}",
        body.split_whitespace().count(),
        sentences.len(),
        lines.join("\n")
    )
}
