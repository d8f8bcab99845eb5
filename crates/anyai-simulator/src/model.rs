//! The models the simulator answers as, with the prices behind the costs it reports.

use std::sync::LazyLock;

use crate::provider::Provider;

static TABLE: LazyLock<Vec<Model>> = LazyLock::new(|| {
    include_str!("../data/models.tsv")
        .lines()
        .filter_map(read_row)
        .collect()
});

/// A model of the table in `data/models.tsv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its id on the wire.
    pub id: &'static str,
    /// Whose it is.
    pub provider: Provider,
    /// Tokens of input and output together.
    pub context_tokens: u64,
    /// The most output tokens a request may allow.
    pub output_tokens_max: u64,
    /// Its list price.
    pub price: Price,
    /// The list price of a whole request whose input is above this many tokens.
    pub long_price: Option<(u64, Price)>,
}

/// A list price, in nano-dollars a token; 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Input that was not cached.
    pub input_nano_usd: u64,
    /// Output, thinking included.
    pub output_nano_usd: u64,
    /// Input read from the cache.
    pub cache_read_nano_usd: u64,
    /// Input written to the cache.
    pub cache_write_nano_usd: u64,
}

/// How large a model is, as its price tells: it decides its pace and how much it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Size {
    Small,
    Medium,
    Large,
}

/// The models of a provider. OpenRouter lists every maker's as `maker/id`; its own are found by
/// that name, not listed here.
pub fn models(provider: Provider) -> impl Iterator<Item = &'static Model> {
    TABLE.iter().filter(move |model| model.provider == provider)
}

/// Every model OpenRouter offers: those of the makers.
pub(crate) fn routed() -> impl Iterator<Item = &'static Model> {
    TABLE.iter().filter(|model| !model.provider.is_local())
}

/// The model a request names, as this provider knows it.
pub(crate) fn find(provider: Provider, id: &str) -> Option<&'static Model> {
    if provider == Provider::OpenRouter {
        let (maker, id) = id.split_once('/')?;
        let maker = Provider::from_word(maker)?;
        return routed().find(|model| model.provider == maker && model.id == id);
    }
    if provider.is_local() {
        // A local server answers as whatever it has loaded.
        return models(provider)
            .find(|model| model.id == id)
            .or_else(|| models(provider).next());
    }
    models(provider).find(|model| model.id == id)
}

impl Model {
    pub(crate) fn size(&self) -> Size {
        match self.price.output_nano_usd {
            0..=1_500 => Size::Small,
            1_501..=9_000 => Size::Medium,
            _ => Size::Large,
        }
    }

    /// The price of a request with so much input.
    pub(crate) fn price_at(&self, input_tokens: u64) -> Price {
        match self.long_price {
            Some((above, price)) if input_tokens > above => price,
            _ => self.price,
        }
    }
}

fn read_row(line: &'static str) -> Option<Model> {
    if line.starts_with('#') {
        return None;
    }
    let mut cells = line.split('\t');
    let id = cells.next()?;
    let provider = Provider::from_word(cells.next()?)?;
    let numbers: Vec<u64> = cells.map_while(|cell| cell.parse().ok()).collect();
    let price = |cells: &[u64]| {
        let [
            input_nano_usd,
            output_nano_usd,
            cache_read_nano_usd,
            cache_write_nano_usd,
        ] = *cells
        else {
            return None;
        };
        Some(Price {
            input_nano_usd,
            output_nano_usd,
            cache_read_nano_usd,
            cache_write_nano_usd,
        })
    };
    let long_price = match numbers.get(6) {
        Some(above) => Some((*above, price(numbers.get(7..11)?)?)),
        None => None,
    };
    Some(Model {
        id,
        provider,
        context_tokens: *numbers.first()?,
        output_tokens_max: *numbers.get(1)?,
        price: price(numbers.get(2..6)?)?,
        long_price,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("../data/models.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        assert_eq!(TABLE.len(), rows.count());
        let grok = find(Provider::XAi, "grok-4.3").expect("listed");
        assert_eq!(grok.price_at(200_000).input_nano_usd, 1_250);
        assert_eq!(grok.price_at(200_001).input_nano_usd, 2_500);
    }

    #[test]
    fn a_model_is_found_only_where_it_is_sold() {
        assert!(find(Provider::Anthropic, "claude-opus-5-5").is_some());
        assert!(find(Provider::OpenAi, "claude-opus-5-5").is_none());
        assert!(find(Provider::OpenRouter, "anthropic/claude-opus-5-5").is_some());
        assert!(find(Provider::OpenRouter, "claude-opus-5-5").is_none());
        assert!(find(Provider::Ollama, "whatever-is-loaded").is_some());
    }
}
