//! Memory store: the reference.
