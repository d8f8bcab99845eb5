//! The desktop's command bodies, generic over a host.
