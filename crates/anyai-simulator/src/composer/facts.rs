//! A few subjects the composer really knows something about: those a demo is likely to ask for.

/// A subject, written so that its parts stand alone.
pub(crate) struct Article {
    /// The prompt's words must hold one of each group.
    keys: &'static [&'static [&'static str]],
    pub(crate) lead: &'static str,
    pub(crate) points: &'static [&'static str],
    pub(crate) columns: [&'static str; 3],
    pub(crate) rows: &'static [[&'static str; 3]],
    /// A formula or a listing, with a sentence around it.
    pub(crate) worked: &'static str,
    pub(crate) myth: &'static str,
}

/// The article a prompt asks for, if there is one.
pub(crate) fn find(prompt: &str) -> Option<&'static Article> {
    let low = prompt.to_lowercase();
    let words: Vec<&str> = low.split(|c: char| !c.is_alphanumeric()).collect();
    let holds = |group: &&[&str]| group.iter().any(|key| words.contains(key));
    ARTICLES
        .iter()
        .find(|article| article.keys.iter().all(holds))
}

const ARTICLES: &[Article] = &[
    Article {
        keys: &[&["tide", "tides", "tidal"]],
        lead: "Tides are the ocean being stretched, mostly by the Moon. The Moon pulls the near side of the Earth a little harder than the centre, and the centre a little harder than the far side, so the water bulges in both directions and the turning Earth carries every coast through two bulges a day.",
        points: &[
            "**Two highs a day.** There is a bulge under the Moon and another on the opposite side, so most coasts see high water about every 12 hours and 25 minutes.",
            "**Later each day.** The Moon moves on while the Earth turns, so the tides arrive about 50 minutes later each day.",
            "**Spring tides.** At new and full Moon the Sun pulls along the same line, and the range grows by roughly a fifth or more.",
            "**Neap tides.** At the half Moons the Sun pulls across, and the range shrinks.",
            "**The coast decides the size.** A funnel-shaped bay piles the water up: the open ocean moves by about half a metre, the Bay of Fundy by up to sixteen.",
        ],
        columns: ["Tide", "When", "What you see"],
        rows: &[
            [
                "Spring",
                "new and full Moon",
                "very high highs, very low lows",
            ],
            ["Neap", "first and last quarter", "a modest range"],
            ["Slack water", "between flood and ebb", "hardly any current"],
        ],
        worked: "The stretching force falls with the **cube** of the distance, which is why the small near Moon beats the large far Sun:\n\n$$ F_{\\text{tide}} \\propto \\frac{M}{d^{3}} \\qquad\\Rightarrow\\qquad \\frac{F_{\\text{Moon}}}{F_{\\text{Sun}}} \\approx 2.2 $$",
        myth: "The Moon does not lift the water off the Earth. The bulge is water drawn *sideways* from everywhere else, a very small slope over a very large ocean.",
    },
    Article {
        keys: &[&["lighthouse", "lighthouses", "fresnel", "lamp", "keeper"]],
        lead: "A lighthouse turns a modest flame into a beam that can be seen from over the horizon. The trick is not a bigger fire but a better lens: since the 1820s, rings of prisms have bent almost all of the lamp's light into one flat sheet.",
        points: &[
            "**The lens.** Augustin Fresnel cut away the thick middle of an ordinary lens and kept only the curved steps, so a lens taller than a person could be light enough to turn.",
            "**The turning.** The lens floated on a bath of mercury and was driven by a falling weight, which the keeper wound up by hand, often every few hours.",
            "**The signature.** Each light flashes in a rhythm of its own, so a ship at night can tell one from the next with a watch and a list.",
            "**The climb.** Oil, wicks and cleaning cloths went up the stair every evening, and the lens was polished before every lighting.",
            "**The end of the watch.** Electric lamps and automatic changers emptied the towers during the twentieth century; the lenses often stayed.",
        ],
        columns: ["Part", "What it does", "What could go wrong"],
        rows: &[
            ["Lamp", "burns oil, later electricity", "soot on the glass"],
            [
                "Fresnel lens",
                "gathers the light into a beam",
                "a chipped prism, a dark sector",
            ],
            [
                "Clockwork",
                "turns the lens at a steady pace",
                "a weight left unwound",
            ],
        ],
        worked: "How far a light of height $h$ can be seen is set by the curve of the Earth. With $h$ in metres and the distance in nautical miles:\n\n$$ d \\approx 2.1\\,\\sqrt{h} $$\n\nA lamp 49 m above the sea shows to an eye at the waterline for about **14.7 nautical miles**; an eye on a high deck adds its own share.",
        myth: "The beam is not stronger because the lamp is: a first-order lens of 1870 did with a few oil wicks what a bare lamp could not have done with a hundred.",
    },
    Article {
        keys: &[&["sky"], &["blue"]],
        lead: "The sky is blue because air scatters short waves of light far better than long ones. Sunlight holds every colour; on its way through the air the blue part is thrown in all directions, so it reaches your eye from every part of the sky.",
        points: &[
            "**Small particles, strong preference.** Molecules of air are much smaller than a wave of light, and such small things scatter blue several times as well as red.",
            "**Why not violet?** There is less violet in sunlight, the upper air takes some of it, and our eyes are less sensitive to it.",
            "**Why sunsets are red.** Low sunlight crosses up to forty times as much air; the blue is gone before it arrives.",
            "**Why clouds are white.** Droplets are larger than the waves and scatter all colours alike.",
        ],
        columns: ["Light", "Wavelength", "Scattered, with red as 1"],
        rows: &[
            ["red", "700 nm", "1"],
            ["green", "530 nm", "3.0"],
            ["blue", "450 nm", "5.9"],
        ],
        worked: "Rayleigh's rule says how strong the preference is:\n\n$$ I \\propto \\frac{1}{\\lambda^{4}} \\qquad \\left(\\frac{700}{450}\\right)^{4} \\approx 5.9 $$",
        myth: "It is not a reflection of the sea. It is the other way round: the sea is blue partly because the sky is, and partly because water swallows red.",
    },
    Article {
        keys: &[&["photosynthesis", "chlorophyll"]],
        lead: "Photosynthesis is how a leaf stores sunlight. It splits water with the light it catches, gives off the oxygen, and uses what is left to turn carbon dioxide into sugar.",
        points: &[
            "**Catch.** Chlorophyll takes in red and blue light and leaves the green, which is why leaves look as they do.",
            "**Split.** The energy takes water apart: oxygen leaves, electrons and hydrogen stay.",
            "**Charge.** The electrons load two small batteries of the cell, ATP and NADPH.",
            "**Build.** In the Calvin cycle those batteries pay for joining carbon dioxide into sugar.",
        ],
        columns: ["Stage", "Where", "Comes out"],
        rows: &[
            [
                "Light reactions",
                "thylakoid membrane",
                "oxygen, ATP, NADPH",
            ],
            ["Calvin cycle", "stroma", "sugar"],
            ["Storage", "leaf, stem, root", "starch"],
        ],
        worked: "The whole bill on one line:\n\n$$ 6\\,\\mathrm{CO_2} + 6\\,\\mathrm{H_2O} \\xrightarrow{\\text{light}} \\mathrm{C_6H_{12}O_6} + 6\\,\\mathrm{O_2} $$",
        myth: "Plants breathe too, day and night. In the light they simply make more oxygen than they use.",
    },
    Article {
        keys: &[&["recursion", "recursive"]],
        lead: "Recursion is solving a problem by solving a smaller copy of it. A recursive function has two parts: a case so small that the answer is plain, and a step that brings every other case closer to it.",
        points: &[
            "**The base case** ends it. Without one, the calls never stop.",
            "**The step** must shrink something: a number, a list, a tree.",
            "**The stack** remembers the unfinished calls, and it has an end.",
            "**Trees are its home.** Folders in folders and comments under comments are recursive already, so the code looks like the data.",
        ],
        columns: ["Question", "Recursion", "Loop"],
        rows: &[
            ["Reads best for", "trees, nested data", "flat lists"],
            ["Memory", "one frame a level", "constant"],
            ["Risk", "too deep", "off by one"],
        ],
        worked: "The smallest useful example, the size of a nested list:\n\n```python\ndef size(item):\n    if not isinstance(item, list):   # base case\n        return 1\n    return sum(size(part) for part in item)   # smaller copies\n\nprint(size([1, [2, 3], [[4]]]))  # 4\n```",
        myth: "Recursion is not slow by nature. What is slow is solving the same small case again and again; remember the answers and it is gone.",
    },
    Article {
        keys: &[
            &["compound", "interest", "savings"],
            &["interest", "savings", "saving", "invest"],
        ],
        lead: "Compound interest is interest on interest. In the first year only your money earns; from then on, what it earned earns too, so the curve bends upwards, slowly at first and then not slowly at all.",
        points: &[
            "**Time beats amount.** Starting ten years earlier often does more than paying in twice as much.",
            "**The rule of 72.** Divide 72 by the yearly rate and you have the years it takes to double.",
            "**Fees compound too**, in the other direction.",
            "**Debt is the same curve** seen from below.",
        ],
        columns: ["Years at 5 %", "1,000 becomes", "Of which interest"],
        rows: &[
            ["10", "1,629", "629"],
            ["20", "2,653", "1,653"],
            ["40", "7,040", "6,040"],
        ],
        worked: "With a starting sum $P$, a yearly rate $r$ and $n$ years:\n\n$$ A = P\\,(1 + r)^{n} \\qquad 1000 \\times 1.05^{20} \\approx 2653 $$",
        myth: "A rate of 5 % for 20 years is not 100 % in all: it is 165 %, because the later years work with a larger sum.",
    },
    Article {
        keys: &[
            &["ownership", "borrow", "borrowing", "borrowck"],
            &["rust", "ownership", "checker"],
        ],
        lead: "In Rust every value has one owner, and when the owner goes, the value goes with it. Everybody else borrows: many may look, or one may change, but never both at a time. The compiler checks that before the program ever runs.",
        points: &[
            "**Move.** Giving a value away ends your right to it, so nothing is freed twice.",
            "**Borrow.** `&T` looks, `&mut T` changes, and neither outlives the owner.",
            "**Lifetimes** are names for how long a borrow may last; most are worked out for you.",
            "**Sharing** is spelled out: `Rc` and `Arc` count owners, `RefCell` and `Mutex` check at run time.",
        ],
        columns: ["You write", "You may", "Meanwhile others may"],
        rows: &[
            ["`value`", "everything", "nothing"],
            ["`&value`", "look", "look"],
            ["`&mut value`", "look and change", "nothing"],
        ],
        worked: "What the checker catches:\n\n```rust\nlet mut names = vec![String::from(\"Ada\")];\nlet first = &names[0];          // a look inside\nnames.push(String::from(\"Bo\")); // may move the whole list: refused\nprintln!(\"{first}\");\n```",
        myth: "The checker does not forbid sharing. It forbids sharing *and* changing at the same time, which is where the bugs are.",
    },
    Article {
        keys: &[&["sourdough", "bread", "dough"]],
        lead: "Bread is flour, water, salt and time. Yeast eats the sugars and blows gas into the dough, and the protein of the flour, stretched into gluten, keeps the gas in until the oven sets it.",
        points: &[
            "**Mix** flour and water and let it stand half an hour: much of the gluten forms by itself.",
            "**Fold** the dough a few times instead of kneading it hard.",
            "**Wait** until it has grown by half; the clock knows less than the dough does.",
            "**Bake** hot, at first with steam, so the crust stays soft while the loaf still rises.",
        ],
        columns: ["Ingredient", "Share of the flour", "For 500 g of flour"],
        rows: &[
            ["Water", "70 %", "350 g"],
            ["Starter", "20 %", "100 g"],
            ["Salt", "2 %", "10 g"],
        ],
        worked: "Bakers reckon everything against the flour, so a recipe scales with one number:\n\n$$ \\text{dough} = 500\\,\\mathrm{g} \\times (1 + 0.70 + 0.20 + 0.02) = 960\\,\\mathrm{g} $$",
        myth: "More starter does not make better bread, only faster bread. Taste comes from the slow hours.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_found_by_whole_words_only() {
        assert!(
            find("Explain how tides work").is_some_and(|found| found.lead.starts_with("Tides"))
        );
        assert!(find("Why is the sky blue?").is_some_and(|found| found.lead.contains("scatters")));
        assert!(find("explain rust ownership").is_some_and(|found| found.lead.contains("Rust")));
        assert!(find("tidings of joy").is_none());
        assert!(find("a skyscraper painted blue").is_none());
    }
}
