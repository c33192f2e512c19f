//! Sessions through the `oracle` crate. As thin as can be, because it has never met a live database: connect, run,
//! fetch, and every value as text.

use oracle::sql_type::OracleType;
use oracle::{Connection, ErrorKind, ResultSet, Row, SqlValue};

use super::super::SourceError;
use super::session::{Connect, Cursor, OraError, Query, Session};
use crate::plan::model::OracleSource;

/// Where sessions are opened. The password lives here and nowhere else.
pub struct Driver {
    user: String,
    password: String,
    connect: String,
}

impl Driver {
    /// Reads the secrets from the environment variables that the specification names.
    pub fn new(spec: &OracleSource) -> Result<Driver, SourceError> {
        let secret = |name: &str| {
            std::env::var(name).map_err(|_| SourceError::SecretMissing { name: name.into() })
        };
        Ok(Driver {
            user: secret(&spec.user_env)?,
            password: secret(&spec.password_env)?,
            connect: spec.connect.clone(),
        })
    }
}

fn error(e: &oracle::Error) -> OraError {
    let client = e.dpi_code();
    let code = client.or(e.oci_code()).unwrap_or(0).unsigned_abs();
    OraError {
        code,
        client: client.is_some(),
        text: e.to_string(),
    }
}

impl Connect for Driver {
    fn connect(&self) -> Result<Box<dyn Session>, OraError> {
        let connected = Connection::connect(&self.user, &self.password, &self.connect);
        Ok(Box::new(Live(connected.map_err(|e| error(&e))?)))
    }
}

struct Live(Connection);

impl Session for Live {
    fn execute(&mut self, sql: &str) -> Result<(), OraError> {
        self.0.execute(sql, &[]).map(|_| ()).map_err(|e| error(&e))
    }

    fn query(&mut self, query: &Query) -> Result<Box<dyn Cursor>, OraError> {
        let mut builder = self.0.statement(&query.sql);
        builder
            .fetch_array_size(query.fetch)
            .prefetch_rows(query.fetch);
        let statement = builder.build().map_err(|e| error(&e))?;
        let binds: Vec<&dyn oracle::sql_type::ToSql> = query
            .binds
            .iter()
            .map(|b| b as &dyn oracle::sql_type::ToSql)
            .collect();
        let rows = statement.into_result_set::<Row>(&binds);
        Ok(Box::new(Rows(rows.map_err(|e| error(&e))?)))
    }
}

struct Rows(ResultSet<'static, Row>);

impl Cursor for Rows {
    fn next(&mut self, row: &mut Vec<Option<Vec<u8>>>) -> Result<bool, OraError> {
        let Some(next) = self.0.next() else {
            return Ok(false);
        };
        let next = next.map_err(|e| error(&e))?;
        row.clear();
        for value in next.sql_values() {
            row.push(text(value).map_err(|e| error(&e))?);
        }
        Ok(true)
    }
}

/// A value as the text that `convert` reads.
fn text(value: &SqlValue<'_>) -> oracle::Result<Option<Vec<u8>>> {
    if value.is_null()? {
        return Ok(None);
    }
    let text = match value.oracle_type()? {
        // All digits, which a conversion in SQL would not give.
        OracleType::BinaryDouble => format!("{:e}", value.get::<f64>()?),
        OracleType::BinaryFloat => format!("{:e}", value.get::<f32>()?),
        OracleType::BLOB | OracleType::Raw(_) | OracleType::LongRaw => {
            let bytes: Vec<u8> = value.get()?;
            bytes.iter().map(|b| format!("{b:02X}")).collect()
        }
        OracleType::BFILE | OracleType::RefCursor => {
            let message = "the column's type has no text";
            return Err(oracle::Error::new(
                ErrorKind::InvalidTypeConversion,
                message,
            ));
        }
        _ => value.get::<String>()?,
    };
    Ok(Some(text.into_bytes()))
}
