//! Files dragged out of the window into other programs. A page can offer a picture's bytes to other pages;
//! programs take files, and only the window's own toolkit can offer those.

use std::error::Error;
use std::path::PathBuf;

use anyai_wire::{AssetSave, Code, WireError};
use tauri::{AppHandle, Manager, WebviewWindow};

use crate::run::Shell;

/// Lays the file out under its name and begins to drag it, with a small picture of it at the pointer.
#[tauri::command]
pub(crate) async fn drag_out(
    app: AppHandle,
    window: WebviewWindow,
    file: AssetSave,
    picture: Vec<u8>,
) -> Result<(), WireError> {
    let path = app.state::<Shell>().studio.app().lay_out(file).await?;
    app.run_on_main_thread(move || {
        if let Err(error) = begin(&window, path, picture) {
            tracing::warn!(%error, "a file could not be dragged out");
        }
    })
    .map_err(|error| WireError::new(Code::Internal, error.to_string()))
}

#[cfg(not(target_os = "linux"))]
fn begin(window: &WebviewWindow, path: PathBuf, picture: Vec<u8>) -> Result<(), Box<dyn Error>> {
    let item = drag::DragItem::Files(vec![path]);
    let picture = drag::Image::Raw(picture);
    // Whoever takes it copies it; nothing is to be done here afterwards.
    drag::start_drag(window, item, picture, |_, _| (), drag::Options::default())?;
    Ok(())
}

/// By GTK itself: the library of the other systems stops offering at the drop, before most programs have asked.
#[cfg(target_os = "linux")]
fn begin(window: &WebviewWindow, path: PathBuf, picture: Vec<u8>) -> Result<(), Box<dyn Error>> {
    use gtk::prelude::*;
    use std::cell::Cell;

    let address = tauri::Url::from_file_path(path).map_err(|()| "not a whole path")?;
    let source = window.gtk_window()?;
    let asked = source.connect_drag_data_get(move |_, _, data, _, _| {
        data.set_uris(&[address.as_str()]);
    });
    // The offer ends with the drag: after the drop was answered, or when there was none.
    let asked = Cell::new(Some(asked));
    let ended = std::rc::Rc::new(Cell::new(None));
    let own = std::rc::Rc::clone(&ended);
    ended.set(Some(source.connect_drag_end(move |source, _| {
        for handler in [asked.take(), own.take()].into_iter().flatten() {
            source.disconnect(handler);
        }
    })));
    let targets = gtk::TargetList::new(&[]);
    targets.add_uri_targets(0);
    let begun =
        source.drag_begin_with_coordinates(&targets, gtk::gdk::DragAction::COPY, 1, None, -1, -1);
    if let (Some(drag), Some(picture)) = (begun, decoded(&picture)) {
        drag.drag_set_icon_pixbuf(&picture, 0, 0);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn decoded(picture: &[u8]) -> Option<gtk::gdk_pixbuf::Pixbuf> {
    use gtk::gdk_pixbuf::prelude::*;
    let loader = gtk::gdk_pixbuf::PixbufLoader::new();
    loader.write(picture).ok()?;
    loader.close().ok()?;
    loader.pixbuf()
}
