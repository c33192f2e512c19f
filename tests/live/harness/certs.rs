//! An authority and a server's certificate for 127.0.0.1, made by openssl for one test.

use super::process;
use super::{Live, PATIENCE, jars};
use std::path::{Path, PathBuf};

/// Password of the key store; it guards nothing that outlives the test.
pub const STORE_PASSWORD: &str = "changeit";

/// Files in a folder: `ca.pem`, `server.pem` (key and certificates), `server.p12` (the same).
pub struct Certs {
    folder: PathBuf,
}

impl Certs {
    /// Makes them.
    pub fn make(folder: &Path) -> Live<Self> {
        jars::need(&["openssl"])?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(
            folder.join("san.cnf"),
            "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n",
        )?;
        let certs = Self {
            folder: folder.to_owned(),
        };
        certs.openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=live-authority",
        )?;
        certs.openssl(
            "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
        )?;
        certs.openssl(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile san.cnf",
        )?;
        certs.openssl("pkcs8 -topk8 -nocrypt -in server.key -out server.p8")?;
        certs.openssl(&format!(
            "pkcs12 -export -inkey server.key -in server.crt -certfile ca.pem -out server.p12 -passout pass:{STORE_PASSWORD}"
        ))?;
        let read = |name: &str| std::fs::read_to_string(folder.join(name));
        let pem = format!(
            "{}{}{}",
            read("server.p8")?,
            read("server.crt")?,
            read("ca.pem")?
        );
        std::fs::write(folder.join("server.pem"), pem)?;
        Ok(certs)
    }

    fn openssl(&self, words: &str) -> Live<()> {
        let mut command = process::command("openssl", false);
        command.args(words.split(' ')).current_dir(&self.folder);
        process::run("openssl", command, PATIENCE)?.expect_success("openssl")?;
        Ok(())
    }

    /// The server's key and certificates, PEM.
    pub fn pem(&self) -> PathBuf {
        self.folder.join("server.pem")
    }
}
