//! How pages are drawn on a machine without a graphics card: WebKitGTK would put their layers together with
//! OpenGL drawn by the processor, the whole window at every frame. Without layers it draws what changed.

#[cfg(target_os = "linux")]
use std::path::Path;

/// What tells the engine to do without layers. It reads this when it starts, and only then all windows heed it:
/// one that is told later, through its settings, can stay empty.
#[cfg(target_os = "linux")]
pub(crate) const WITHOUT_LAYERS: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Where a graphics card shows on Linux: render nodes, NVIDIA's own driver, a Windows host's card.
#[cfg(target_os = "linux")]
const CARDS: (&str, [&str; 2]) = ("/dev/dri", ["/dev/nvidia0", "/dev/dxg"]);

/// Begins the program anew, as the same process, with the engine told so where no card would put layers together.
/// Does not return then.
#[cfg(target_os = "linux")]
pub(crate) fn suit_machine() {
    use std::os::unix::process::CommandExt;
    if std::env::var_os(WITHOUT_LAYERS).is_some() || has_card(Path::new(CARDS.0), &CARDS.1) {
        return;
    }
    let mut words = std::env::args_os();
    let (Ok(program), Some(name)) = (std::env::current_exe(), words.next()) else {
        return;
    };
    let mut again = std::process::Command::new(program);
    let error = again.arg0(name).args(words).env(WITHOUT_LAYERS, "1").exec();
    tracing::warn!(%error, "the window is drawn in layers, on a machine without a graphics card");
}

#[cfg(target_os = "linux")]
fn has_card(render_nodes: &Path, others: &[&str]) -> bool {
    let mut nodes = std::fs::read_dir(render_nodes)
        .into_iter()
        .flatten()
        .flatten();
    nodes.any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
        || others.iter().any(|card| Path::new(card).exists())
}

/// The other systems' engines know by themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn suit_machine() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::has_card;

    #[test]
    fn a_render_node_is_a_card_and_a_bare_screen_is_none() -> std::io::Result<()> {
        let folder = std::env::temp_dir().join(format!("anyai-cards-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        assert!(!has_card(&folder.join("nowhere"), &[]));
        std::fs::write(folder.join("card0"), "")?;
        assert!(!has_card(&folder, &[]));
        let other = folder.join("card0").to_string_lossy().into_owned();
        assert!(has_card(&folder, &[other.as_str()]));
        std::fs::write(folder.join("renderD128"), "")?;
        assert!(has_card(&folder, &[]));
        std::fs::remove_dir_all(folder)
    }
}
