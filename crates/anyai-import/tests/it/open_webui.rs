//! Open WebUI's export.

use super::*;

const EXPORT: &str = r#"[{
  "id": "w1", "title": "Sums", "created_at": 1756000000, "updated_at": 1756000100,
  "chat": {"title": "Sums", "models": ["deepseek-r1"], "history": {"currentId": "b", "messages": {
    "q": {"id": "q", "parentId": null, "childrenIds": ["a", "b"], "role": "user",
      "content": "What is 3 * 5?", "timestamp": 1756000001,
          "files": [{"type": "image", "url": "data:image/png;base64,cGljdHVyZQ=="}, {"type": "file",
            "name": "sums.pdf", "url": "/api/v1/files/1"}]},
    "a": {"id": "a", "parentId": "q", "role": "assistant", "model": "deepseek-r1", "timestamp": 1756000002,

  "content": "<details type=\"reasoning\"><summary>Thought</summary>\n&gt; 3 * 5\n&gt; is 15\n</details>\nIt is 15."},
    "b": {"id": "b", "parentId": "q", "role": "assistant", "model": "qwen3:8b", "timestamp": 1756000003,
      "content": "ignored",
          "output": [{"type": "reasoning", "content": [{"type": "output_text", "text": "Five threes."}]},
            {"type": "function_call", "name": "sum"},
                     {"type": "message", "content": [{"type": "output_text", "text": "Fifteen."}]}]}
  }}}}]"#;

#[test]
fn answers_side_by_side_are_siblings_with_their_models() {
    let conversations = read(EXPORT);
    let conversation = &conversations[0];
    assert_eq!(conversation.source, Source::OpenWebUi);
    assert_eq!(
        outline(conversation),
        ["What is 3 * 5? > It is 15.", "What is 3 * 5? > Fifteen."]
    );
    assert_eq!(shown(conversation).unwrap(), "What is 3 * 5? > Fifteen.");
    let [first, second] = conversation.turns.as_slice() else {
        panic!("two turns");
    };
    assert_eq!(
        (first.model.as_str(), first.thinking.as_str()),
        ("deepseek-r1", "3 * 5\nis 15")
    );
    assert_eq!(
        (second.model.as_str(), second.thinking.as_str()),
        ("qwen3:8b", "Five threes.")
    );
    let given = files(first);
    assert_eq!(given[0].bytes.as_deref(), Some(b"picture".as_slice()));
    assert_eq!(
        (given[1].name.as_str(), &given[1].bytes),
        ("sums.pdf", &None)
    );
    assert_eq!(files(second).len(), 2);
}
