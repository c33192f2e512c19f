//! The real SQL client, under the name by which users call it.

use super::gateway;
use crate::harness::jars::Java;
use crate::harness::{Live, shell};
use std::path::Path;

/// Writes `sql-client.sh` into `folder`, which it also uses for its settings.
pub fn install(folder: &Path) -> Live<()> {
    let (class_path, _) = gateway::class_path()?;
    let mut command = Java {
        heap: "640m",
        temp: &folder.join("tmp"),
        class_path,
        options: gateway::configure(folder)?,
        main: "org.apache.flink.table.client.SqlClient",
        locks_memory: false,
    }
    .command()?;
    command
        .env("FLINK_CONF_DIR", folder)
        .args(["embedded", "-hist"])
        .arg(folder.join("history"));
    shell::write_alias(&folder.join("sql-client.sh"), &command)
}
