//! A tray for tests: the StatusNotifierWatcher a desktop would run, which the studio's icon registers with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::time::{Instant, sleep};
use zbus::message::Header;
use zbus::{Connection, Proxy, interface};
use zbus::{OwnedVariant, Variant};

const LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(50);

/// Where an icon lives: the bus name of its program and its object's path.
#[derive(Clone, Debug)]
struct Item {
    name: String,
    path: String,
}

type Items = Arc<Mutex<Vec<Item>>>;

struct Watcher {
    items: Items,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let item = if service.starts_with('/') {
            Item {
                name: sender,
                path: service.to_owned(),
            }
        } else {
            Item {
                name: service.to_owned(),
                path: "/StatusNotifierItem".to_owned(),
            }
        };
        lock(&self.items).push(item);
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        lock(&self.items)
            .iter()
            .map(|item| format!("{}{}", item.name, item.path))
            .collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

fn lock(items: &Items) -> MutexGuard<'_, Vec<Item>> {
    items.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running tray. Start it before the studio.
pub struct TrayWatcher {
    connection: Connection,
    items: Items,
}

impl TrayWatcher {
    /// Takes the tray's name on the session bus.
    ///
    /// # Errors
    /// When there is no session bus, or it has a tray already.
    pub async fn start() -> Result<Self> {
        let items = Items::default();
        let connection = zbus::connection::Builder::session()
            .serve_at(
                "/StatusNotifierWatcher",
                Watcher {
                    items: Arc::clone(&items),
                },
            )
            .name("org.kde.StatusNotifierWatcher")
            .build()
            .await
            .context("the session bus gave no tray name")?;
        Ok(Self { connection, items })
    }

    /// Waits for the label beside the newest icon to be as `wanted` says, and returns it.
    ///
    /// # Errors
    /// When it is not within 15 seconds; the error names the last label seen.
    pub async fn label(&self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let deadline = Instant::now() + LIMIT;
        let mut last = String::from("no icon at all");
        while Instant::now() < deadline {
            if let Some(label) = self.read_label().await {
                if wanted(&label) {
                    return Ok(label);
                }
                last = label;
            }
            sleep(POLL).await;
        }
        bail!("the tray's label stayed {last:?}")
    }

    /// The texts of the icon's menu.
    ///
    /// # Errors
    /// When there is no icon or it has no menu.
    pub async fn menu(&self) -> Result<Vec<String>> {
        let item = self.newest().context("no icon registered")?;
        let path: zbus::OwnedObjectPath = self.item(&item).await?.get_property("Menu").await?;
        let menu = Proxy::new(&self.connection, item.name, path, "com.canonical.dbusmenu").await?;
        let (_, layout): (u32, Node) = menu
            .call("GetLayout", &(0_i32, -1_i32, Vec::<String>::new()))
            .await?;
        Ok(layout.2.iter().filter_map(label_of).collect())
    }

    async fn read_label(&self) -> Option<String> {
        let item = self.newest()?;
        self.item(&item)
            .await
            .ok()?
            .get_property("XAyatanaLabel")
            .await
            .ok()
    }

    async fn item(&self, item: &Item) -> Result<Proxy<'_>> {
        let (name, path) = (item.name.clone(), item.path.clone());
        Ok(zbus::proxy::Builder::new(&self.connection)
            .destination(name)
            .path(path)
            .interface("org.kde.StatusNotifierItem")
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?)
    }

    fn newest(&self) -> Option<Item> {
        lock(&self.items).last().cloned()
    }
}

/// A menu entry on the bus: id, properties, children.
type Node = (i32, HashMap<String, OwnedVariant>, Vec<OwnedVariant>);

fn label_of(child: &OwnedVariant) -> Option<String> {
    let Variant::Structure(node) = &**child else {
        return None;
    };
    let Variant::Dict(properties) = node.fields().get(1)? else {
        return None;
    };
    let label: Option<String> = properties.get(&"label").ok().flatten();
    label.filter(|text| !text.is_empty())
}
