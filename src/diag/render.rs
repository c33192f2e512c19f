//! The one renderer of diagnostics for terminals (annotate-snippets).
