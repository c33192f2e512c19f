//! `--version`: the version, and which engines this build carries.

use std::sync::LazyLock;

use crate::run::ENGINES;

/// The long version text.
pub fn long() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(text);
    &TEXT
}

fn text() -> String {
    let mut text = String::from(env!("CARGO_PKG_VERSION"));
    text.push_str("\nengines:");
    for engine in ENGINES {
        let state = if engine.present { "yes" } else { "no" };
        text.push_str(&format!(
            "\n  {:<10} {state:<4} {}",
            engine.feature, engine.system
        ));
    }
    text
}
