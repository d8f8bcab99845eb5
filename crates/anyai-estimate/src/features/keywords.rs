//! Words that tell what kind of work is asked for.

use std::sync::LazyLock;

use super::words::{Word, hash_of};

/// Groups of words that ask for the same kind of work, in the languages people write most.
const GROUPS: [&[&str]; 30] = [
    // Writing something new.
    &["write", "compose", "draft", "create", "generate", "schreibe", "schreib", "verfasse", "erstelle", "écris", "rédige", "crée", "escribe", "redacta", "crea", "scrivi", "escreva", "crie", "напиши", "создай", "napisz", "schrijf", "yaz", "tulis", "viết", "写", "寫", "书", "작성", "써", "लिखें", "लिखो", "اكتب", "כתוב", "بنویس", "napiš", "scrie"],
    // Long forms.
    &["essay", "article", "story", "blog", "report", "chapter", "novel", "script", "screenplay", "dialogue", "speech", "aufsatz", "artikel", "geschichte", "bericht", "article", "histoire", "récit", "ensayo", "artículo", "historia", "cuento", "saggio", "storia", "racconto", "artigo", "história", "эссе", "статью", "рассказ", "esej", "opowiadanie", "verhaal", "hikaye", "cerita"],
    // Verse.
    &["poem", "haiku", "song", "lyrics", "rhyme", "limerick", "sonnet", "rap", "gedicht", "lied", "poème", "chanson", "poema", "canción", "poesia", "canzone", "стихотворение", "стих", "песню", "wiersz", "诗", "詩", "歌"],
    // Programs.
    &["code", "function", "python", "javascript", "java", "c", "sql", "html", "css", "rust", "program", "script", "class", "algorithm", "api", "implement", "funktion", "programm", "fonction", "código", "función", "programa", "funzione", "código", "функцию", "код", "программу", "kod", "функция"],
    // Mending programs.
    &["error", "bug", "debug", "fix", "exception", "traceback", "refactor", "optimize", "compile", "fehler", "erreur", "corrige", "error", "errore", "ошибка", "ошибку", "исправь"],
    // Explaining.
    &["explain", "describe", "why", "how", "understand", "erkläre", "erklär", "beschreibe", "warum", "wie", "explique", "décris", "pourquoi", "comment", "explica", "describe", "cómo", "spiega", "descrivi", "perché", "come", "descreva", "como", "объясни", "опиши", "почему", "как", "wyjaśnij", "dlaczego", "jak", "açıkla", "jelaskan", "giải", "解", "释", "説", "说", "설명"],
    // Listing.
    &["list", "enumerate", "bullet", "outline", "top", "liste", "auflisten", "lista", "elenca", "liste", "список", "перечисли", "wymień", "opsomming", "列", "出"],
    // Translating.
    &["translate", "translation", "übersetze", "übersetzung", "traduis", "traduire", "traduction", "traduce", "traducir", "traduci", "traduza", "переведи", "перевод", "przetłumacz", "vertaal", "çevir", "terjemahkan", "dịch", "译", "譯", "翻", "번역"],
    // Making shorter.
    &["summarize", "summarise", "summary", "tldr", "condense", "shorten", "gist", "zusammenfassung", "zusammen", "fasse", "résume", "résumé", "resume", "resumen", "riassumi", "riassunto", "resuma", "resumo", "кратко", "резюме", "podsumuj", "samenvatting", "özetle", "要", "概", "요약"],
    // Making different.
    &["rewrite", "rephrase", "paraphrase", "edit", "improve", "proofread", "grammar", "polish", "correct", "reword", "umschreiben", "verbessere", "korrigiere", "reformule", "améliore", "corrige", "reescribe", "mejora", "riscrivi", "migliora", "reescreva", "melhore", "перепиши", "улучши", "исправь", "popraw", "改", "修"],
    // Choosing and judging.
    &["classify", "label", "category", "categorize", "sentiment", "choose", "select", "identify", "extract", "determine", "decide", "rate", "wähle", "klassifiziere", "choisis", "elige", "clasifica", "scegli", "escolha", "выбери", "определи", "wybierz", "选", "選"],
    // Asking for little.
    &["short", "brief", "briefly", "concise", "concisely", "succinct", "quick", "quickly", "kurz", "knapp", "court", "bref", "brièvement", "breve", "corto", "brevemente", "curto", "короткий", "коротко", "krótko", "kort", "kısa", "singkat", "简", "短", "짧"],
    // Asking for much.
    &["long", "detailed", "detail", "details", "comprehensive", "thorough", "depth", "complete", "full", "extensive", "elaborate", "ausführlich", "detailliert", "détaillé", "complet", "detallado", "completo", "dettagliato", "detalhado", "подробно", "подробный", "szczegółowo", "uitgebreid", "详", "細", "詳", "자세"],
    // Asking for reasoning.
    &["step", "reasoning", "reason", "think", "carefully", "schritt", "étape", "paso", "passo", "шаг", "krok", "stap", "步", "驟"],
    // Letters and notices.
    &["email", "letter", "message", "reply", "mail", "brief", "nachricht", "lettre", "courriel", "carta", "correo", "lettera", "письмо", "сообщение", "list", "邮", "信"],
    // Tables and data.
    &["table", "json", "csv", "xml", "yaml", "format", "columns", "markdown", "latex", "tabelle", "tableau", "tabla", "tabella", "tabela", "таблицу", "таблица", "表"],
    // Asking for the answer alone.
    &["only", "just", "yes", "no", "true", "false", "nur", "seulement", "solo", "sólo", "apenas", "только", "tylko", "alleen", "仅", "只"],
    // Sums and proofs.
    &["solve", "calculate", "prove", "equation", "compute", "integral", "probability", "math", "sum", "löse", "berechne", "beweise", "calcule", "résous", "démontre", "calcula", "resuelve", "calcola", "risolvi", "реши", "вычисли", "докажи", "oblicz", "解", "算", "证"],
    // Comparing.
    &["compare", "comparison", "difference", "differences", "versus", "vs", "pros", "cons", "advantages", "vergleiche", "unterschied", "compare", "différence", "compara", "diferencia", "confronta", "differenza", "сравни", "разница", "porównaj", "比", "较"],
    // Plans.
    &["plan", "schedule", "itinerary", "strategy", "roadmap", "guide", "tutorial", "course", "syllabus", "curriculum", "budget", "recipe", "workout", "zeitplan", "rezept", "plan", "recette", "receta", "itinerario", "ricetta", "receita", "рецепт", "план", "计", "划"],
    // Parts to play.
    &["you", "act", "role", "roleplay", "pretend", "assistant", "expert", "imagine", "du", "sie", "tu", "vous", "usted", "eres", "sei", "você", "ты", "вы", "jesteś", "你", "您"],
    // Going on.
    &["continue", "next", "more", "again", "another", "further", "weiter", "nochmal", "continue", "encore", "continúa", "sigue", "continua", "продолжи", "ещё", "继", "续"],
    // Small things to be named.
    &["name", "names", "title", "titles", "tweet", "caption", "slogan", "headline", "tagline", "joke", "riddle", "quote", "titel", "name", "titre", "título", "titolo", "название", "заголовок"],
    // Plain questions.
    &["what", "who", "when", "where", "which", "whose", "was", "wer", "wann", "wo", "welche", "quel", "quelle", "qui", "où", "qué", "quién", "cuál", "dónde", "quale", "chi", "dove", "qual", "quem", "onde", "кто", "что", "где", "когда", "какой", "kto", "co", "gdzie", "wat", "wie", "什", "么", "谁", "何"],
    // Examples and lessons.
    &["example", "examples", "teach", "learn", "lesson", "exercise", "quiz", "question", "questions", "beispiel", "exemple", "ejemplo", "esempio", "exemplo", "пример", "przykład", "例"],
    // Papers.
    &["paper", "research", "study", "abstract", "literature", "theory", "analysis", "analyze", "analyse", "discuss", "evaluate", "critique", "argue", "review", "analysiere", "diskutiere", "analyser", "analiza", "analizza", "analise", "анализ", "проанализируй", "分", "析"],
    // Choices offered.
    &["a", "b", "c", "d", "options", "option", "choice", "choices", "multiple", "answer", "correct", "following"],
    // Trade.
    &["business", "marketing", "company", "product", "customer", "sales", "brand", "seo", "website", "app", "design", "startup", "service", "unternehmen", "entreprise", "empresa", "azienda", "компания", "продукт"],
    // Puzzles.
    &["puzzle", "riddle", "door", "doors", "boat", "river", "goat", "wolf", "coin", "coins", "balls", "prisoners", "switch", "bulb", "weigh", "minutes", "boxes", "probability", "survive"],
    // Opinions and feelings.
    &["feel", "think", "opinion", "believe", "love", "should", "advice", "help", "relationship", "friend", "life", "conscious", "ich", "je", "yo", "i", "me", "my", "я", "我"],
];

/// How often each group was met, and which opened the prompt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keywords {
    met: [u16; GROUPS.len()],
    first: Option<u8>,
    at_line_starts: u16,
}

impl Keywords {
    /// Figures it gives.
    pub(crate) const COUNT: usize = GROUPS.len() + 2;

    pub(crate) fn word(&mut self, word: Word<'_>) {
        let table: &[(u64, u8)] = &TABLE;
        let from = table.partition_point(|(hash, _)| *hash < word.hash);
        for (hash, group) in &table[from..] {
            if *hash != word.hash {
                break;
            }
            let met = &mut self.met[usize::from(*group)];
            *met = met.saturating_add(1);
            self.first = self.first.or(Some(*group));
            if word.starts_line {
                self.at_line_starts = self.at_line_starts.saturating_add(1);
            }
        }
    }

    pub(crate) fn figures(&self) -> [f32; Self::COUNT] {
        let mut figures = [0.0; Self::COUNT];
        for (figure, met) in figures.iter_mut().zip(self.met) {
            *figure = f32::from(met).min(8.0);
        }
        figures[GROUPS.len()] = self.first.map_or(-1.0, f32::from);
        figures[GROUPS.len() + 1] = f32::from(self.at_line_starts).min(8.0);
        figures
    }
}

/// Hashes of words, rising, with the group each belongs to.
static TABLE: LazyLock<Vec<(u64, u8)>> = LazyLock::new(|| {
    let groups = (0..).zip(GROUPS);
    let mut table: Vec<(u64, u8)> = groups
        .flat_map(|(group, words)| words.iter().map(move |word| (hash_of(word), group)))
        .collect();
    table.sort_unstable();
    table.dedup();
    table
});
