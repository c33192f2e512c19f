//! A session for loading: local data centre, no retries of the driver's own, its own time limit, LZ4 only across a
//! network. Secrets come from the environment or a file, and go nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::client::{Compression, PoolSize};
use scylla::policies::load_balancing::DefaultPolicy;
use scylla::policies::retry::FallthroughRetryPolicy;
use scylla::statement::Consistency;

use super::answer;
use crate::diag::Code;
use crate::plan::model::{CassandraTarget, WriteConsistency};
use crate::run::error::RunError;
use crate::run::secret;

/// How long a request may take before it counts as unanswered.
const ANSWER: Duration = Duration::from_secs(20);

/// Opens a session on the target's keyspace.
pub async fn session(target: &CassandraTarget) -> Result<Session, RunError> {
    let points = target.contact_points.join(", ");
    let login = secret::login(
        "Cassandra",
        target.user_env.as_deref(),
        target.password_env.as_deref(),
        target.password_file.as_deref(),
    )?;
    let mut builder = SessionBuilder::new()
        .known_nodes(&target.contact_points)
        .connection_timeout(Duration::from_secs(10))
        .keyspaces_to_fetch([target.keyspace.as_str()])
        .pool_size(PoolSize::PerHost(std::num::NonZeroUsize::MIN))
        .default_execution_profile_handle(profile(target).into_handle());
    if !target.contact_points.iter().all(|p| is_local(p)) {
        builder = builder.compression(Some(Compression::Lz4));
    }
    if let Some((user, password)) = login {
        builder = builder.user(user.reveal(), password.reveal());
    }
    if let Some(file) = &target.ca_file {
        builder = builder.tls_context(Some(trust(file)?));
    }
    builder
        .build()
        .await
        .map_err(|e| answer::session(&points, &e))
}

fn profile(target: &CassandraTarget) -> ExecutionProfile {
    let near = DefaultPolicy::builder()
        .prefer_datacenter(target.datacenter.clone())
        .token_aware(true);
    ExecutionProfile::builder()
        .consistency(consistency(target.consistency))
        .request_timeout(Some(ANSWER))
        .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
        .load_balancing_policy(near.build())
        .build()
}

fn consistency(wanted: WriteConsistency) -> Consistency {
    match wanted {
        WriteConsistency::LocalOne => Consistency::LocalOne,
        WriteConsistency::LocalQuorum => Consistency::LocalQuorum,
        WriteConsistency::EachQuorum => Consistency::EachQuorum,
        WriteConsistency::All => Consistency::All,
    }
}

/// On this machine: compressing would cost more than it saves.
fn is_local(point: &str) -> bool {
    let host = point.rsplit_once(':').map_or(point, |(host, _)| host);
    let address = point
        .parse::<SocketAddr>()
        .map(|a| a.ip())
        .or_else(|_| host.parse::<IpAddr>());
    host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
}

/// TLS that trusts the authorities of a PEM file.
fn trust(file: &str) -> Result<Arc<rustls::ClientConfig>, RunError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let wrong = |why: String| {
        RunError::new(Code::SpecInvalid, format!("ca_file {file}: {why}"))
            .help("name a PEM file with the certificates of the authorities to trust")
    };
    let mut roots = rustls::RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file).map_err(|e| wrong(e.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
        roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("no certificate in it".into()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_points_are_known() {
        let local = [
            "localhost:9042",
            "127.0.0.1:9042",
            "127.0.0.1",
            "[::1]:9042",
        ];
        assert!(local.iter().all(|p| is_local(p)));
        assert!(!is_local("cassandra-1:9042") && !is_local("10.0.0.1:9042"));
    }
}
