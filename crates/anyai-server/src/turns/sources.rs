//! The sources an answer leans on, kept as links under it: they are stored, shown, searched and taken
//! out with the answer, and go back with it when the conversation goes on.

use anyai_providers::Citation;

/// Sources of one answer at most.
const SOURCES_MAX: usize = 100;

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 200;

/// The sources of an answer, each once, in the order they were named.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<String>);

impl Sources {
    pub(super) fn take(&mut self, citation: &Citation) {
        let Some(source) = link(citation) else {
            return;
        };
        if self.0.len() < SOURCES_MAX && !self.0.contains(&source) {
            self.0.push(source);
        }
    }

    /// What stands under the answer; nothing where it leans on nothing.
    pub(super) fn list(&self) -> Option<String> {
        let numbered = (1..).zip(&self.0);
        let lines: String = numbered
            .map(|(number, source)| format!("\n{number}. {source}"))
            .collect();
        (!lines.is_empty()).then(|| format!("\n\n---\n{lines}"))
    }
}

/// A source in Markdown: a link where it is on the web, else its title.
fn link(citation: &Citation) -> Option<String> {
    let title = citation.title.as_deref().map(in_one_line);
    let title = title.filter(|title| !title.is_empty());
    let is_address = |url: &&str| {
        let on_the_web = url.starts_with("https://") || url.starts_with("http://");
        on_the_web && !url.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>'))
    };
    match citation.url.as_deref().filter(is_address) {
        Some(url) => {
            let name = title.unwrap_or_else(|| in_one_line(url));
            Some(format!("[{name}](<{url}>)"))
        }
        None => title,
    }
}

/// Words that begin no other Markdown.
fn in_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(TITLE_CHARS_MAX).collect();
    line.replace(['[', ']', '<', '>', '`', '\\'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn citation(url: Option<&str>, title: Option<&str>) -> Citation {
        Citation {
            url: url.map(str::to_owned),
            title: title.map(str::to_owned),
            ..Citation::default()
        }
    }

    #[test]
    fn each_source_stands_once_under_the_answer() {
        let mut sources = Sources::default();
        assert_eq!(sources.list(), None);
        let page = "https://example.org/a_(b)";
        sources.take(&citation(Some(page), Some("A [b]\n`c`")));
        sources.take(&citation(Some(page), Some("A [b]\n`c`")));
        sources.take(&citation(None, Some("notes.pdf")));
        sources.take(&citation(Some("https://example.org"), None));
        sources.take(&citation(Some("javascript:alert(1)"), None));
        sources.take(&citation(None, Some(" ")));
        let expected = "\n\n---\n\n1. [A b c](<https://example.org/a_(b)>)\n2. notes.pdf\n\
                        3. [https://example.org](<https://example.org>)";
        assert_eq!(sources.list().as_deref(), Some(expected));
    }

    #[test]
    fn an_endless_list_ends() {
        let mut sources = Sources::default();
        for number in 0..500 {
            sources.take(&citation(None, Some(&number.to_string())));
        }
        let list = sources.list().unwrap();
        assert!(list.ends_with("\n100. 99"), "{list}");
    }
}
