//! odrctl.
