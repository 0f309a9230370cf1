//! What whole-system scenarios are told with.
