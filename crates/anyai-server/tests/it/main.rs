//! Behaviour of the whole server, through its router.
