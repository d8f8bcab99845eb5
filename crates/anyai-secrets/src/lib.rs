//! Keys in the operating system's keychain, and a type that never prints them.
