//! The models of pictures and clips, with the prices behind the costs the simulator reports.

use std::sync::LazyLock;

use crate::provider::Provider;

static TABLE: LazyLock<Vec<MediaModel>> = LazyLock::new(|| {
    include_str!("../data/media.tsv")
        .lines()
        .filter_map(read_row)
        .collect()
});

/// A model of the table in `data/media.tsv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaModel {
    /// Its id on the wire.
    pub id: &'static str,
    /// Whose it is.
    pub provider: Provider,
    /// What it makes.
    pub makes: Makes,
    /// Its lines, by the names the table explains.
    lines: Vec<(&'static str, u64)>,
}

/// What a model makes besides words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Makes {
    /// Pictures.
    Pictures,
    /// Clips.
    Clips,
}

/// The models of pictures and clips of a provider. OpenRouter's are those of the makers.
pub fn media_models(provider: Provider) -> impl Iterator<Item = &'static MediaModel> {
    TABLE.iter().filter(move |model| model.provider == provider)
}

/// Every such model.
pub(crate) fn all() -> impl Iterator<Item = &'static MediaModel> {
    TABLE.iter()
}

/// The model a request names, as this provider knows it.
pub(crate) fn find(provider: Provider, id: &str, makes: Makes) -> Option<&'static MediaModel> {
    let (maker, id) = match provider {
        Provider::OpenRouter => {
            let (maker, id) = id.split_once('/')?;
            (Provider::from_word(maker)?, id)
        }
        _ => (provider, id),
    };
    media_models(maker).find(|model| model.id == id && model.makes == makes)
}

impl MediaModel {
    /// A line of the table: a price in nano-dollars, or a count of tokens.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<u64> {
        let line = self.lines.iter().find(|(line, _)| *line == name);
        line.map(|(_, value)| *value)
    }

    /// A price a token; 0 where there is none.
    pub(crate) fn token_nano_usd(&self, kind: &str) -> u64 {
        self.line(kind).unwrap_or_default()
    }

    /// The price of one picture, where a picture has one.
    pub(crate) fn picture_nano_usd(&self, quality: &str, resolution: &str) -> Option<u64> {
        self.line(&format!("image:{quality}/{resolution}"))
            .or_else(|| self.line(&format!("image:{resolution}")))
            .or_else(|| self.line("image:"))
    }

    /// The price of a second of video at this resolution, where a second has one.
    pub(crate) fn second_nano_usd(&self, resolution: &str) -> Option<u64> {
        self.line(&format!("second:{resolution}"))
    }
}

/// Output tokens of an OpenAI picture: those of its size, or of the listed size nearest in area.
pub(crate) fn openai_tokens(model: &str, (width, height): (u32, u32), quality: &str) -> u64 {
    let area = u64::from(width) * u64::from(height);
    let rows = include_str!("../data/image_tokens.tsv").lines();
    let nearest = rows
        .filter_map(|row| {
            let mut cells = row.split('\t');
            let member = model.strip_prefix(cells.next()?)?;
            (member.is_empty() || member.starts_with('-')).then_some(())?;
            let (width, height) = cells.next()?.split_once('x')?;
            let listed = width.parse::<u64>().ok()? * height.parse::<u64>().ok()?;
            Some((listed.abs_diff(area), cells.collect::<Vec<_>>()))
        })
        .min_by_key(|(apart, _)| *apart);
    let column = match quality {
        "low" => 0,
        "high" => 2,
        "xhigh" => 3,
        "max" => 4,
        _ => 1,
    };
    let tokens = nearest.and_then(|(_, tokens)| tokens.get(column)?.parse().ok());
    tokens.unwrap_or_default()
}

fn read_row(line: &'static str) -> Option<MediaModel> {
    if line.starts_with('#') {
        return None;
    }
    let mut cells = line.split('\t');
    let id = cells.next()?;
    let provider = Provider::from_word(cells.next()?)?;
    let makes = match cells.next()? {
        "image" => Makes::Pictures,
        "video" => Makes::Clips,
        _ => return None,
    };
    let lines = cells.next()?.split(' ').map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name, value.parse().ok()?))
    });
    Some(MediaModel {
        id,
        provider,
        makes,
        lines: lines.collect::<Option<Vec<_>>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("../data/media.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        assert_eq!(TABLE.len(), rows.count());
        let grok = find(Provider::XAi, "grok-imagine-image-2.0", Makes::Pictures).unwrap();
        assert_eq!(grok.picture_nano_usd("low", "2k"), Some(60_000_000));
        assert!(find(Provider::XAi, "grok-imagine-image-2.0", Makes::Clips).is_none());
        let veo = "google/veo-3.1-generate-001";
        assert!(find(Provider::OpenRouter, veo, Makes::Clips).is_some());
    }

    #[test]
    fn openai_pictures_have_the_tokens_of_their_size() {
        let square = (1_024, 1_024);
        assert_eq!(openai_tokens("gpt-image-1-mini", square, "low"), 272);
        assert_eq!(openai_tokens("gpt-image-1.5", square, "medium"), 1_056);
        assert_eq!(openai_tokens("gpt-image-2.5-flare", square, "max"), 7_024);
        assert_eq!(openai_tokens("gpt-image-2", (3_840, 2_160), "high"), 13_367);
        assert_eq!(openai_tokens("gpt-image-2", (1_008, 1_040), "low"), 200);
    }
}
