//! Records into changes.
