//! `anyai estimate --batch`: a line in, a line out.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn batch(lines: &str) -> Output {
    let mut anyai = Command::new(env!("CARGO_BIN_EXE_anyai"));
    anyai.args(["estimate", "--batch", "-", "--json"]);
    anyai.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = anyai.spawn().expect("the program runs");
    let mut stdin = running.stdin.take().expect("standard input");
    stdin.write_all(lines.as_bytes()).expect("lines are taken");
    drop(stdin);
    running.wait_with_output().expect("the program ends")
}

fn answers(output: &Output) -> Vec<Value> {
    let lines = output.stdout.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("a line is JSON"))
        .collect()
}

fn ask(model: &str, prompt: &str) -> String {
    json!({"model": model, "conversation": [{"role": "user", "content": prompt}]}).to_string()
}

fn credits(answer: &Value, which: &str) -> f64 {
    let amount = answer["credits"][which].as_str().expect("a decimal string");
    amount.parse().expect("a decimal number")
}

#[test]
fn every_line_is_answered_in_its_place() {
    let lines: Vec<String> = (0..300)
        .map(|at| {
            ask(
                ["gpt-6-sol", "gpt-4o-2024-11-20", "nobody-knows-this-one"][at % 3],
                "Why is the sea salt?",
            )
        })
        .collect();
    let output = batch(&lines.join("\n"));
    assert!(output.status.success());
    let answers = answers(&output);
    assert_eq!(answers.len(), lines.len());
    for (line, answer) in lines.iter().zip(&answers) {
        let asked: Value = serde_json::from_str(line).expect("our own line");
        assert_eq!(answer["model"], asked["model"]);
        let tokens = |which: &str| answer["output_tokens"][which].as_u64().expect("tokens");
        assert!(
            0 < tokens("p05") && tokens("p05") <= tokens("p50") && tokens("p50") <= tokens("p95")
        );
        let [low, likely, high, ceiling] =
            ["low", "likely", "high", "ceiling"].map(|which| credits(answer, which));
        assert!(
            0.0 < low && low <= likely && likely <= high && high <= ceiling,
            "{answer}"
        );
    }
    assert_eq!(answers[1]["input_tokens"], 6, "o200k, without a frame");
}

#[test]
fn a_line_that_cannot_be_read_does_not_shift_the_others() {
    let lines = [
        ask("gpt-6-sol", "one"),
        "{\"model\": 7}".to_owned(),
        json!({"model": "gpt-6-sol", "conversation": []}).to_string(),
        json!({"model": "gpt-6-sol", "conversation": [{"role": "user", "content": "x"}], "effort": "some"}).to_string(),
        ask("gpt-6-sol", "two"),
    ];
    let output = batch(&lines.join("\n"));
    assert_eq!(output.status.code(), Some(2));
    let answers = answers(&output);
    let wrong: Vec<bool> = answers
        .iter()
        .map(|answer| answer["error"].is_string())
        .collect();
    assert_eq!(wrong, [false, true, true, true, false]);
}

#[test]
fn replies_so_far_tell_the_next() {
    let turns = |reply: &str| {
        json!({"model": "claude-sonnet-4-5", "conversation": [
            {"role": "user", "content": "Tell me of the lighthouse."},
            {"role": "assistant", "content": reply},
            {"role": "user", "content": "Go on."},
        ]})
        .to_string()
    };
    let long = "The keeper wrote down the wind and every ship that passed the light. ".repeat(60);
    let answers = answers(&batch(&[turns("Yes."), turns(&long)].join("\n")));
    let likely = |at: usize| {
        answers[at]["output_tokens"]["p50"]
            .as_u64()
            .expect("tokens")
    };
    assert!(likely(0) < likely(1), "{} and {}", likely(0), likely(1));
}
