//! The shell: windows, tray, forwarding.
