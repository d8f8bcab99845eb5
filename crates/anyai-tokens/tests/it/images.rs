//! Tokens of pictures, against published examples and caps.

use std::sync::LazyLock;

use anyai_tokens::{Bounded, Families, ImageRule, ImageSize};

static FAMILIES: LazyLock<Families> = LazyLock::new(|| Families::embedded().unwrap());

fn count(rule: ImageRule, size: ImageSize) -> Bounded {
    FAMILIES.picture(rule, size)
}

fn size(width_px: u32, height_px: u32) -> ImageSize {
    ImageSize {
        width_px,
        height_px,
    }
}

fn likely(rule: ImageRule, width_px: u32, height_px: u32) -> u64 {
    count(rule, size(width_px, height_px))
        .expected
        .likely
        .count()
}

#[test]
fn openai_tiles() {
    // The provider's own examples.
    assert_eq!(likely(ImageRule::OpenAiTiles, 1_024, 1_024), 765);
    assert_eq!(likely(ImageRule::OpenAiTiles, 2_048, 4_096), 1_105);
    assert_eq!(likely(ImageRule::OpenAiTiles, 10, 10), 255);
    assert_eq!(
        count(ImageRule::OpenAiTiles, size(9_000, 9_000))
            .upper
            .count(),
        1_445
    );
}

#[test]
fn openai_patches() {
    // 1,024 patches at 1.62 and 2.46.
    let small = count(ImageRule::OpenAiPatchesSmall, size(1_024, 1_024));
    assert_eq!(
        (small.expected.likely.count(), small.upper.count()),
        (1_659, 2_520)
    );
    let capped = count(ImageRule::OpenAiPatchesSmall, size(20_000, 20_000));
    assert_eq!(
        capped.expected.likely.count(),
        2_489,
        "1,536 patches at most"
    );
    assert_eq!(
        count(ImageRule::OpenAiPatchesLarge, size(20_000, 20_000))
            .upper
            .count(),
        12_000
    );
}

#[test]
fn claude() {
    assert_eq!(likely(ImageRule::ClaudeSmall, 280, 280), 100);
    assert_eq!(
        likely(ImageRule::ClaudeSmall, 8_000, 8_000),
        1_568,
        "measured 1,558 to 1,561"
    );
    assert_eq!(likely(ImageRule::ClaudeLarge, 8_000, 8_000), 4_784);
    let wide = likely(ImageRule::ClaudeSmall, 3_136, 28);
    assert_eq!(wide, 56, "halved to fit the long edge, one row of patches");
}

#[test]
fn gemini_and_grok() {
    assert_eq!(likely(ImageRule::GeminiTiles, 384, 384), 258);
    assert_eq!(likely(ImageRule::GeminiTiles, 1_536, 768), 516);
    assert_eq!(likely(ImageRule::GrokTiles, 448, 448), 512);
    assert_eq!(
        count(ImageRule::GrokTiles, size(9_999, 9_999))
            .upper
            .count(),
        1_792
    );
}

#[test]
fn a_larger_picture_never_lowers_the_bound_and_no_size_breaks_it() {
    let rules = [
        ImageRule::OpenAiTiles,
        ImageRule::OpenAiPatchesSmall,
        ImageRule::OpenAiPatchesLarge,
        ImageRule::ClaudeSmall,
        ImageRule::ClaudeLarge,
        ImageRule::GrokTiles,
    ];
    for rule in rules {
        let mut last = 0;
        for edge in [0, 1, 31, 384, 385, 1_000, 4_000, 60_000, u32::MAX] {
            let counted = count(rule, size(edge, edge));
            assert!(counted.upper.count() >= last, "{rule:?} at {edge}");
            assert!(counted.expected.high <= counted.upper, "{rule:?} at {edge}");
            last = counted.upper.count();
        }
    }
    for rule in [ImageRule::GeminiTiles, ImageRule::Unknown] {
        for (width, height) in [(0, 0), (u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX)] {
            let counted = count(rule, size(width, height));
            assert!(counted.expected.high <= counted.upper, "{rule:?}");
        }
    }
}
