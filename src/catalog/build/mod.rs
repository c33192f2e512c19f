//! Builds the catalogue.
