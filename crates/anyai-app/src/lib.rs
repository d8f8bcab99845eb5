//! The desktop's command bodies, generic over a host.
//!
//! A host gives a [`Host`] (where events go, what time it is) and a [`StudioFactory`] (how the
//! embedded studio is started); everything above them is the same code for an embedded and a
//! remote server, which are reached through a [`Transport`].

mod door;
mod host;
mod transport;

pub use door::{EmbeddedDoor, OpenedStudio, StudioFactory};
pub use host::Host;
pub use transport::{BodyStream, Delivery, RemoteTransport, Transport, TransportError};
