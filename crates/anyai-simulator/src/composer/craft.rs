//! The crafted answers: lists, comparisons, plans, mails, poems, stories, summaries.

use super::draws::Draws;
use super::essay::table;
use super::topic::{Topic, capitalized};

/// Ways to find ideas, which hold whatever the ideas are for.
const IDEAS: [(&str, &str); 13] = [
    (
        "Start small",
        "one afternoon of trying tells you more than a month of plans.",
    ),
    (
        "Borrow it",
        "see how it is done somewhere that has nothing to do with it.",
    ),
    (
        "Turn it round",
        "do the last part first and see what becomes unnecessary.",
    ),
    (
        "Make it visible",
        "a list on the wall, a jar on the shelf: what can be seen gets done.",
    ),
    (
        "Set a limit",
        "half the budget, half the time, and you have to be clever.",
    ),
    (
        "Ask a stranger",
        "whoever knows nothing about it asks the best question.",
    ),
    (
        "Slow it down",
        "keep everything as it is and change only the pace.",
    ),
    (
        "Mix old and new",
        "one thing everybody knows, one thing nobody expects.",
    ),
    (
        "Leave something out",
        "the part you would miss least is the part that costs most.",
    ),
    (
        "Do it together",
        "two people and one task beat two tasks and one person.",
    ),
    (
        "Keep a record",
        "a photo and a line a day; in a month it is worth reading.",
    ),
    (
        "Change the place",
        "the same thing outdoors is another thing.",
    ),
    (
        "Give it an end",
        "what stops at six o'clock gets started at two.",
    ),
];

pub(crate) fn list(topic: &Topic, count: usize, draws: &mut Draws) -> String {
    let shift = draws.below(IDEAS.len());
    let line = |at: usize| {
        let (lead, tail) = IDEAS[(at + shift) % IDEAS.len()];
        format!("{}. **{lead}**: {tail}", at + 1)
    };
    let lines: Vec<String> = (0..count).map(line).collect();
    let favourite = draws.below(count.max(1)) + 1;
    format!(
        "Here are {count} starting points, *{}* in mind:\n\n{}\n\n\
         If I had to pick one, it would be number {favourite}: it \
         costs little, and you will know soon whether it works.",
        topic.phrase(),
        lines.join("\n")
    )
}

/// Two things it knows enough about to set side by side.
struct Pair {
    left: (&'static str, &'static str),
    right: (&'static str, &'static str),
    rows: &'static [[&'static str; 3]],
    verdict: &'static str,
}

const PAIRS: [Pair; 3] = [
    Pair {
        left: ("tea", "Tea"),
        right: ("coffee", "Coffee"),
        rows: &[
            ["Caffeine in a cup", "30 to 50 mg", "80 to 120 mg"],
            ["Made in", "3 to 5 minutes", "30 seconds to 5 minutes"],
            ["Water", "70 to 100 °C, by the leaf", "92 to 96 °C"],
            ["Goes wrong by", "steeping too long", "old beans"],
        ],
        verdict: "Tea for a long afternoon, coffee for a short morning. The caffeine of tea is not gentler by nature: there is simply less of it in the cup.",
    },
    Pair {
        left: ("sqlite", "SQLite"),
        right: ("postgres", "PostgreSQL"),
        rows: &[
            ["Runs", "inside your program", "as a server of its own"],
            ["Writers at a time", "one", "many"],
            ["Backup", "copy a file", "a dump, or a standby"],
            [
                "At home with",
                "one machine, one app",
                "many clients, one truth",
            ],
        ],
        verdict: "Begin with SQLite unless two machines must write. Moving later is a week of work; running a server you did not need is a week every year.",
    },
    Pair {
        left: ("python", "Python"),
        right: ("rust", "Rust"),
        rows: &[
            ["First result", "minutes", "an hour"],
            ["Errors show up", "when the line runs", "before it can"],
            ["Speed", "enough, until it is not", "close to the machine"],
            [
                "Best known for",
                "data and glue",
                "services and tools that last",
            ],
        ],
        verdict: "Python to find out what to build, Rust to build what must not fall over. Many teams end up with the second inside the first.",
    },
];

pub(crate) fn compare(left: &str, right: &str, draws: &mut Draws) -> String {
    let holds = |pair: &&Pair| {
        (left.contains(pair.left.0) && right.contains(pair.right.0))
            || (left.contains(pair.right.0) && right.contains(pair.left.0))
    };
    match PAIRS.iter().find(holds) {
        Some(pair) => {
            let rows: Vec<[String; 3]> =
                pair.rows.iter().map(|row| row.map(str::to_owned)).collect();
            let heading = draws.pick(&["## Which one?", "## The verdict", "## In the end"]);
            let table = table(["", pair.left.1, pair.right.1], &rows);
            format!(
                "**{}** and **{}**, side by side:\n\n{table}\n\n{heading}\n\n{}",
                pair.left.1, pair.right.1, pair.verdict
            )
        }
        None => weigh(&capitalized(left), &capitalized(right), draws),
    }
}

/// How to decide between two things it knows nothing about.
fn weigh(left: &str, right: &str, draws: &mut Draws) -> String {
    let weights = draws.pick(&["3", "4"]);
    let rows = [
        ["Getting started", "How long until the first good day?", "2"],
        ["Everyday use", "What annoys people after a month?", weights],
        ["Cost", "What does the second year cost?", weights],
        ["Changing your mind", "What would it take to go back?", "5"],
    ]
    .map(|row| row.map(str::to_owned));
    format!(
        "I can't tell you which of **{left}** and **{right}** is better, but I can make the choice \
         smaller. Ask both the same \
         four questions:\n\n{}\n\n\
         ## Then count\n\n\
         Give each answer $s_i$ from 0 to 3 and add up with the weights:\n\n\
         $$ S = \\sum_i w_i\\,s_i $$\n\n\
         - If one is ahead by more than a fifth, take it and stop thinking.\n\
         - If they are closer, take the one that is easier to leave: that is why the last weight is the largest.",
        table(["Criterion", "Ask of both", "Weight"], &rows)
    )
}

pub(crate) fn plan(topic: &Topic, draws: &mut Draws) -> String {
    let spare = draws.pick(&[
        "rain, delays or a late start",
        "whatever took longer",
        "nothing at all, on purpose",
    ]);
    let first = draws.pick(&[
        "arrive, settle in, one short round",
        "a short start: one thing only",
    ]);
    let rows = [
        [
            "**Day 1**",
            first,
            "look around and note what you want to see again",
        ],
        [
            "**Day 2**",
            "the long part, while everybody is fresh",
            "something light, decided over lunch",
        ],
        ["**Day 3**", "what you would regret to miss", spare],
    ]
    .map(|row| row.map(str::to_owned));
    format!(
        "A plan for **{}** that leaves room to breathe:\n\n{}\n\n\
         ## Before you start\n\n\
         - [ ] Decide what would make it a success, in one line\n\
         - [ ] Book the one thing that sells out\n\
         - [ ] Tell everybody who has to know\n\
         - [ ] Keep a fifth of the budget for surprises\n\n\
         Tell me the dates and the budget, and I'll fit the plan to them.",
        topic.phrase(),
        table(["When", "Morning", "Afternoon"], &rows)
    )
}

pub(crate) fn email(topic: &Topic, draws: &mut Draws) -> String {
    let close = draws.pick(&[
        "Kind regards,",
        "With best wishes,",
        "Thank you and best regards,",
    ]);
    let ask = draws.pick(&[
        "Could you let me know by Thursday which of the two suits you?",
        "Would Thursday be a good day to settle it by phone?",
    ]);
    format!(
        "**Subject:** {}\n\n\
         Hello,\n\n\
         I'm writing about {}. I would like to settle it this week, and two ways seem reasonable to me:\n\n\
         1. You take care of it by the end of the week, and I'm there whenever it suits you.\n\
         2. I arrange it myself and send you the bill, if you agree in writing first.\n\n\
         {ask}\n\n\
         {close}\n\n*(your name)*",
        topic.heading(),
        topic.phrase()
    )
}

const HAIKU: [&str; 4] = [
    "All night it has talked\nto the roof of the old shed;\nnow the gutters hum.",
    "One leaf on the step.\nThe broom leans against the wall\nand lets it lie there.",
    "Between two thunders\nthe cat goes on with her sleep.\nSomeone shuts a door.",
    "The tide has gone out.\nEvery boat in the harbour\npoints a different way.",
];

pub(crate) fn poem(prompt: &str, topic: &Topic, draws: &mut Draws) -> String {
    let verses = if prompt.to_lowercase().contains("haiku") {
        draws.pick(&HAIKU).to_owned()
    } else {
        let one = capitalized(topic.word(0));
        let first = draws.pick(&[
            "is a door that the morning leaves open,\nA step on the stair and a turn of the key,",
            "is a thread that the evening has spoken,\nA lamp in the window that looks on the sea,",
        ]);
        let third = draws.pick(&[
            "And none of it hurries and none of it lingers,\nIt comes like the weather and leaves like a guest,",
            "You hold it like water, it runs through your fingers,\nAnd what it leaves with you is maybe the best,",
        ]);
        format!(
            "{one} {first}\n\
             A promise half given, a promise half broken,\nAnd nothing to pay and a great deal to see.\n\n\
             {third}\nA song that is made for the voice of no singers\nGoes under the hill with the sun to its rest."
        )
    };
    // Two spaces keep a line of verse a line.
    let lines = verses.replace('\n', "  \n").replace("  \n  \n", "\n\n");
    format!("### {}\n\n{lines}", topic.heading())
}

pub(crate) fn story(topic: &Topic, paragraphs: usize, draws: &mut Draws) -> String {
    let name = draws.pick(&["Mara", "Ilya", "Noor", "Tomas", "Edda", "Quill"]);
    let place = draws.pick(&[
        "the harbour",
        "the last stop of the line",
        "the house above the weir",
    ]);
    let thing = draws.pick(&[
        "brass key",
        "letter without a stamp",
        "clock that ran backwards",
    ]);
    let phrase = topic.phrase();
    let beats = [
        format!(
            "{name} had lived at {place} long enough to know every sound it made, so the new one was easy to hear. It came a little before dawn, and it did not come again until {name} had stopped waiting for it."
        ),
        format!(
            "On the third morning there was a {thing} on the sill. It had not been there at night. A slip of paper was tied to it, and on the paper somebody had written *{phrase}*, and nothing else."
        ),
        format!(
            "People said such things were a matter of luck. {name} thought they were a matter of looking. So the whole of that week went into looking: under the boards, behind the almanacs, along the line where the water met the wall."
        ),
        format!(
            "What {name} found in the end was smaller than the stories and heavier than it looked. It belonged to the {thing} as a lid belongs to a box. Somewhere below, something that had been waiting let go of its breath."
        ),
        format!(
            "Afterwards the sound was gone, and {place} was quieter than a place should be. {name} left the window open all the same. There are things that only come to a room that is ready for them."
        ),
        format!(
            "Years later a child asked whether any of it was true. \"Enough of it,\" said {name}, and put the {thing} back on its shelf, and would not say which part."
        ),
    ];
    let (last, first) = beats.split_last().unwrap_or((&beats[5], &beats));
    let told = first
        .iter()
        .take(paragraphs.clamp(2, first.len()))
        .chain([last]);
    let told: Vec<&str> = told.map(String::as_str).collect();
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
