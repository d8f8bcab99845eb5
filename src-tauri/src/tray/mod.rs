//! The tray: what remains of the month as a ring and a number, and the way back to the window.

mod ring;
mod words;

use anyai_wire::{AppEvent, Balance, Phase};
use jiff::tz::TimeZone;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};

use crate::window;
use ring::Shares;

/// Most panels are dark; the form carries the meaning, not the hue.
const INK: [u8; 3] = [0xee, 0xed, 0xea];
/// The most lines [`words::words`] says.
const LINES: usize = 5;

/// The tray icon and what it last heard.
pub(crate) struct Tray {
    icon: TrayIcon,
    lines: Vec<MenuItem<Wry>>,
    balance: Option<Balance>,
    phase: Phase,
}

impl Tray {
    /// Puts the icon into the tray.
    pub(crate) fn build(app: &AppHandle) -> tauri::Result<Self> {
        let menu = Menu::new(app)?;
        let mut lines = Vec::with_capacity(LINES);
        for line in 0..LINES {
            let item = MenuItem::with_id(app, format!("line-{line}"), "", false, None::<&str>)?;
            menu.append(&item)?;
            lines.push(item);
        }
        menu.append(&PredefinedMenuItem::separator(app)?)?;
        menu.append(&MenuItem::with_id(
            app,
            "open",
            "Open Any AI Studio",
            true,
            None::<&str>,
        )?)?;
        menu.append(&MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?)?;
        let icon = TrayIconBuilder::with_id("balance")
            .menu(&menu)
            .icon(picture(Shares {
                spent: 0.0,
                held: 0.0,
            }))
            .on_menu_event(|app, event| match event.id().as_ref() {
                "open" => window::show(app),
                "quit" => app.exit(0),
                _ => {}
            })
            .on_tray_icon_event(|icon, event| {
                if matches!(event, TrayIconEvent::DoubleClick { .. }) {
                    window::show(icon.app_handle());
                }
            })
            .build(app)?;
        let mut tray = Self {
            icon,
            lines,
            balance: None,
            phase: Phase::Welcome,
        };
        tray.repaint();
        Ok(tray)
    }

    /// Takes in an event; only the balance and the phase matter here.
    pub(crate) fn hear(&mut self, event: &AppEvent) {
        match event {
            AppEvent::Balance { balance } => self.balance = Some(balance.clone()),
            AppEvent::Session { session } => {
                self.phase = session.phase.clone();
                if matches!(self.phase, Phase::Welcome) {
                    self.balance = None;
                }
            }
            AppEvent::Turn(_)
            | AppEvent::History { .. }
            | AppEvent::Transfer { .. }
            | AppEvent::Catalogue => return,
        }
        self.repaint();
    }

    fn repaint(&mut self) {
        let words = words::words(self.balance.as_ref(), &self.phase, &TimeZone::system());
        let mut drawn = self.icon.set_title(Some(&words.title));
        for (index, line) in self.lines.iter().enumerate() {
            let text = words.lines.get(index).map_or("", String::as_str);
            drawn = drawn.and_then(|()| line.set_text(text));
        }
        if let Some(balance) = &self.balance {
            drawn = drawn.and_then(|()| self.icon.set_icon(Some(picture(shares(balance)))));
        }
        if let Err(error) = drawn {
            tracing::warn!(%error, "the tray could not be brought up to date");
        }
    }
}

fn shares(balance: &Balance) -> Shares {
    let granted = balance.granted.millicredits().max(1);
    // Thousandths are finer than the picture's pixels.
    let permille =
        |part: i64| i32::try_from(i128::from(part) * 1_000 / i128::from(granted)).unwrap_or(0);
    Shares {
        spent: f64::from(permille(balance.posted.millicredits())) / 1_000.0,
        held: f64::from(permille(balance.pending.millicredits())) / 1_000.0,
    }
}

fn picture(shares: Shares) -> Image<'static> {
    Image::new_owned(ring::paint(shares, INK), ring::SIDE, ring::SIDE)
}
