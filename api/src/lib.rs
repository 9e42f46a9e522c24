//! Sevottam api.
