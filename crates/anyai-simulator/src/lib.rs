//! Loopback servers that speak the providers' wire formats.
