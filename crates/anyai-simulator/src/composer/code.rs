//! Answers that are code: real, small and tested by hand, in three languages and two dialects.

use super::draws::Draws;
use super::topic::Topic;

/// A task: the words that ask for it, what to say, and the code in Python, Rust and TypeScript.
struct Task {
    keys: &'static [&'static str],
    says: &'static str,
    cost: &'static str,
    python: &'static str,
    rust: &'static str,
    typescript: &'static str,
}

pub(crate) fn write(prompt: &str, topic: &Topic, draws: &mut Draws) -> String {
    let low = prompt.to_lowercase();
    if low.contains("sql") {
        return SQL.to_owned();
    }
    if low.contains("bash") || low.contains("shell script") {
        return BASH.to_owned();
    }
    let task = TASKS
        .iter()
        .find(|task| task.keys.iter().any(|key| low.contains(key)))
        .unwrap_or(&WORDS);
    let (name, code) = if low.contains("rust") {
        ("rust", task.rust)
    } else if low.contains("typescript") || low.contains("javascript") {
        ("typescript", task.typescript)
    } else {
        ("python", task.python)
    };
    let lead = if std::ptr::eq(task, &WORDS) {
        format!(
            "I don't have a recipe for *{}*, so here is a small, complete program in the same spirit. {}",
            topic.phrase(),
            task.says
        )
    } else {
        task.says.to_owned()
    };
    let close = draws.pick(&[
        "Want it with tests, or as a command-line tool?",
        "Tell me your input format and I'll adapt it.",
        "If you need it faster, say how large the input gets.",
    ]);
    format!(
        "{lead}\n\n```{name}\n{code}\n```\n\n**Cost:** {}\n\n{close}",
        task.cost
    )
}

const TASKS: [Task; 5] = [
    Task {
        keys: &["fibonacci"],
        says: "Two numbers are enough to walk the whole sequence; no recursion and no list needed.",
        cost: "$O(n)$ time, $O(1)$ memory.",
        python: "def fibonacci(n: int) -> int:\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n\n\nprint([fibonacci(i) for i in range(10)])",
        rust: "fn fibonacci(n: u32) -> Option<u64> {\n    let (mut a, mut b) = (0_u64, 1_u64);\n    for _ in 0..n {\n        let next = a.checked_add(b)?;\n        a = b;\n        b = next;\n    }\n    Some(a)\n}\n\nfn main() {\n    let first: Vec<_> = (0..10).filter_map(fibonacci).collect();\n    println!(\"{first:?}\");\n}",
        typescript: "function fibonacci(n: number): bigint {\n  let [a, b] = [0n, 1n];\n  for (let i = 0; i < n; i++) [a, b] = [b, a + b];\n  return a;\n}\n\nconsole.log(Array.from({ length: 10 }, (_, i) => fibonacci(i)));",
    },
    Task {
        keys: &["prime"],
        says: "The sieve of Eratosthenes crosses out the multiples of each prime; what is left standing is prime.",
        cost: "$O(n \\log \\log n)$ time, $O(n)$ memory.",
        python: "def primes(limit: int) -> list[int]:\n    is_prime = [True] * (limit + 1)\n    is_prime[:2] = [False] * min(2, limit + 1)\n    for n in range(2, int(limit**0.5) + 1):\n        if is_prime[n]:\n            for multiple in range(n * n, limit + 1, n):\n                is_prime[multiple] = False\n    return [n for n, prime in enumerate(is_prime) if prime]\n\n\nprint(primes(50))",
        rust: "fn primes(limit: usize) -> Vec<usize> {\n    let mut is_prime = vec![true; limit + 1];\n    for n in 2..=limit {\n        if is_prime[n] {\n            for multiple in (n * n..=limit).step_by(n) {\n                is_prime[multiple] = false;\n            }\n        }\n    }\n    (2..=limit).filter(|n| is_prime[*n]).collect()\n}\n\nfn main() {\n    println!(\"{:?}\", primes(50));\n}",
        typescript: "function primes(limit: number): number[] {\n  const isPrime = new Array<boolean>(limit + 1).fill(true);\n  const found: number[] = [];\n  for (let n = 2; n <= limit; n++) {\n    if (!isPrime[n]) continue;\n    found.push(n);\n    for (let m = n * n; m <= limit; m += n) isPrime[m] = false;\n  }\n  return found;\n}\n\nconsole.log(primes(50));",
    },
    Task {
        keys: &["reverse", "palindrome"],
        says: "Reverse by characters, not by bytes, or every accent breaks.",
        cost: "$O(n)$ time and memory.",
        python: "def reversed_text(text: str) -> str:\n    return text[::-1]\n\n\ndef is_palindrome(text: str) -> bool:\n    letters = [c.lower() for c in text if c.isalnum()]\n    return letters == letters[::-1]\n\n\nprint(reversed_text(\"héllo\"), is_palindrome(\"Never odd or even\"))",
        rust: "fn reversed(text: &str) -> String {\n    text.chars().rev().collect()\n}\n\nfn is_palindrome(text: &str) -> bool {\n    let letters = || text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);\n    letters().eq(letters().collect::<Vec<_>>().into_iter().rev())\n}\n\nfn main() {\n    println!(\"{} {}\", reversed(\"héllo\"), is_palindrome(\"Never odd or even\"));\n}",
        typescript: "const reversed = (text: string): string => [...text].reverse().join(\"\");\n\nfunction isPalindrome(text: string): boolean {\n  const letters = [...text.toLowerCase()].filter((c) => /\\p{L}|\\p{N}/u.test(c));\n  return letters.join(\"\") === letters.reverse().join(\"\");\n}\n\nconsole.log(reversed(\"héllo\"), isPalindrome(\"Never odd or even\"));",
    },
    Task {
        keys: &["binary search", "search a sorted", "sorted list"],
        says: "Binary search halves the range until one place is left. Keep the range half-open and the usual off-by-one cannot happen.",
        cost: "$O(\\log n)$ time, $O(1)$ memory.",
        python: "def find(items: list[int], wanted: int) -> int | None:\n    low, high = 0, len(items)\n    while low < high:\n        middle = (low + high) // 2\n        if items[middle] < wanted:\n            low = middle + 1\n        else:\n            high = middle\n    return low if low < len(items) and items[low] == wanted else None\n\n\nprint(find([1, 3, 5, 8, 13], 8))",
        rust: "fn find(items: &[i64], wanted: i64) -> Option<usize> {\n    let at = items.partition_point(|item| *item < wanted);\n    (items.get(at) == Some(&wanted)).then_some(at)\n}\n\nfn main() {\n    println!(\"{:?}\", find(&[1, 3, 5, 8, 13], 8));\n}",
        typescript: "function find(items: number[], wanted: number): number | undefined {\n  let low = 0;\n  let high = items.length;\n  while (low < high) {\n    const middle = (low + high) >>> 1;\n    if (items[middle] < wanted) low = middle + 1;\n    else high = middle;\n  }\n  return items[low] === wanted ? low : undefined;\n}\n\nconsole.log(find([1, 3, 5, 8, 13], 8));",
    },
    Task {
        keys: &["fizzbuzz", "fizz buzz"],
        says: "Build the word first and fall back to the number; then there is no case for \"both\".",
        cost: "$O(n)$ time.",
        python: "def fizzbuzz(n: int) -> str:\n    word = \"Fizz\" * (n % 3 == 0) + \"Buzz\" * (n % 5 == 0)\n    return word or str(n)\n\n\nprint(*map(fizzbuzz, range(1, 16)))",
        rust: "fn fizzbuzz(n: u32) -> String {\n    match (n % 3, n % 5) {\n        (0, 0) => \"FizzBuzz\".to_owned(),\n        (0, _) => \"Fizz\".to_owned(),\n        (_, 0) => \"Buzz\".to_owned(),\n        _ => n.to_string(),\n    }\n}\n\nfn main() {\n    for n in 1..=15 {\n        println!(\"{}\", fizzbuzz(n));\n    }\n}",
        typescript: "const fizzbuzz = (n: number): string =>\n  (n % 3 ? \"\" : \"Fizz\") + (n % 5 ? \"\" : \"Buzz\") || String(n);\n\nconsole.log(Array.from({ length: 15 }, (_, i) => fizzbuzz(i + 1)).join(\" \"));",
    },
];

const WORDS: Task = Task {
    keys: &[],
    says: "It reads a text and prints its most frequent words.",
    cost: "one pass over the text, and a sort of its distinct words.",
    python: "import re\nimport sys\nfrom collections import Counter\n\n\ndef top_words(text: str, count: int) -> list[tuple[str, int]]:\n    return Counter(re.findall(r\"\\w+\", text.lower())).most_common(count)\n\n\nif __name__ == \"__main__\":\n    for word, times in top_words(sys.stdin.read(), 10):\n        print(f\"{times:6} {word}\")",
    rust: "use std::collections::HashMap;\nuse std::io::{self, Read};\n\nfn top_words(text: &str, count: usize) -> Vec<(String, usize)> {\n    let mut times: HashMap<String, usize> = HashMap::new();\n    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {\n        *times.entry(word.to_lowercase()).or_default() += 1;\n    }\n    let mut ranked: Vec<_> = times.into_iter().collect();\n    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));\n    ranked.truncate(count);\n    ranked\n}\n\nfn main() -> io::Result<()> {\n    let mut text = String::new();\n    io::stdin().read_to_string(&mut text)?;\n    for (word, times) in top_words(&text, 10) {\n        println!(\"{times:6} {word}\");\n    }\n    Ok(())\n}",
    typescript: "import { readFileSync } from \"node:fs\";\n\nfunction topWords(text: string, count: number): [string, number][] {\n  const times = new Map<string, number>();\n  for (const word of text.toLowerCase().match(/\\p{L}+/gu) ?? []) {\n    times.set(word, (times.get(word) ?? 0) + 1);\n  }\n  return [...times].sort((a, b) => b[1] - a[1]).slice(0, count);\n}\n\nfor (const [word, times] of topWords(readFileSync(0, \"utf8\"), 10)) {\n  console.log(String(times).padStart(6), word);\n}",
};

const SQL: &str = "One query, with the totals worked out before the join so that no row is counted twice:\n\n```sql\nWITH totals AS (\n    SELECT customer_id, sum(amount) AS spent, count(*) AS orders\n    FROM orders\n    WHERE created_at >= date('now', '-90 days')\n    GROUP BY customer_id\n)\nSELECT customers.name, totals.orders, totals.spent\nFROM customers\nJOIN totals ON totals.customer_id = customers.id\nORDER BY totals.spent DESC\nLIMIT 10;\n```\n\nAn index on `orders (created_at, customer_id)` keeps it quick. Tell me your tables and I'll fit it to them.";

const BASH: &str = "A script that stops at the first error and cleans up after itself:\n\n```bash\n#!/usr/bin/env bash\nset -euo pipefail\n\nwork=$(mktemp -d)\ntrap 'rm -rf \"$work\"' EXIT\n\nfind \"${1:?usage: $0 FOLDER}\" -type f -size +10M -printf '%s %p\\n' > \"$work/large\"\nsort -rn \"$work/large\" | head -n 20 | while read -r bytes path; do\n    printf '%8s  %s\\n' \"$(numfmt --to=iec \"$bytes\")\" \"$path\"\ndone\n```\n\nIt lists the twenty largest files of a folder. `trap` runs on every way out, the bad ones included.";
