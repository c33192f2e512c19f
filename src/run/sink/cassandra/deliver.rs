//! Delivers requests: sends, waits, tries again with pauses, blames single rows. Every request ends in exactly one
//! of: acknowledged, its refused rows written down, the run failed, the run aborted.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use scylla::client::session::Session;
use scylla::errors::ExecutionError;
use scylla::statement::batch::{Batch, BatchStatement, BatchType};
use scylla::statement::prepared::PreparedStatement;

use super::answer::{Verdict, judge};
use super::group::MOST_ROWS;
use super::request::{Part, Request};
use crate::diag::Code;
use crate::run::deadletter::Why;
use crate::run::error::RunError;
use crate::run::retry::Backoff;

/// A pause is slept in pieces, so that the end of the run is noticed.
const NAP: Duration = Duration::from_millis(100);

/// Writes into one table.
pub struct Writer {
    session: Arc<Session>,
    insert: PreparedStatement,
    /// Batches of so many statements, made when first needed.
    batches: Vec<OnceLock<Batch>>,
    write_time: i64,
    patience: Duration,
}

/// How a part of a request ended.
enum End {
    Written,
    Refused(String),
    Failed(RunError),
    Aborted,
}

impl Writer {
    /// A writer whose rows all have this write time.
    pub fn new(
        session: Arc<Session>,
        mut insert: PreparedStatement,
        write_time: i64,
        patience: Duration,
    ) -> Self {
        insert.set_timestamp(Some(write_time));
        insert.set_is_idempotent(true);
        Self {
            session,
            insert,
            batches: (0..=MOST_ROWS).map(|_| OnceLock::new()).collect(),
            write_time,
            patience,
        }
    }

    /// The batch statement for so many rows.
    fn batch(&self, rows: usize) -> &Batch {
        self.batches[rows].get_or_init(|| {
            let statement = BatchStatement::PreparedStatement(self.insert.clone());
            let mut batch = Batch::new_with_statements(BatchType::Unlogged, vec![statement; rows]);
            batch.set_timestamp(Some(self.write_time));
            batch.set_is_idempotent(true);
            batch
        })
    }

    async fn attempt(&self, request: &Request, part: &Part) -> Result<(), ExecutionError> {
        if part.len() == 1 {
            let row = request.row(part.start);
            self.session.execute_unpaged(&self.insert, row).await?;
        } else {
            let batch = self.batch(part.len());
            self.session.batch(batch, request.values()).await?;
        }
        Ok(())
    }

    /// Delivers a request to one of its ends, and lets go of its ticket. `cost`: what it paid at the gate.
    pub async fn deliver(&self, request: Request, cost: usize) {
        let started = Instant::now();
        let mut backoff = Backoff::new(self.patience, request.number(0) as u64);
        let all = 0..request.len();
        let end = self.part(&request, &all, &mut backoff).await;
        let clean = matches!(end, End::Written) && backoff.attempts() == 0;
        let latency = clean.then(|| started.elapsed());
        match end {
            End::Written => acknowledged(&request, &all),
            End::Refused(_) if all.len() > 1 => self.one_by_one(&request).await,
            End::Refused(why) => refused(&request, 0, why),
            End::Failed(error) => request.ticket.fail(error),
            End::Aborted => request.ticket.give_up(),
        }
        request.ticket.shared().gate.leave(cost, latency);
    }

    /// One row of a request is to blame: the others must not suffer for it.
    async fn one_by_one(&self, request: &Request) {
        for n in 0..request.len() {
            let part = n..n + 1;
            let mut backoff = Backoff::new(self.patience, n as u64);
            match self.part(request, &part, &mut backoff).await {
                End::Written => acknowledged(request, &part),
                End::Refused(why) => refused(request, n, why),
                End::Failed(error) => return request.ticket.fail(error),
                End::Aborted => return request.ticket.give_up(),
            }
        }
    }

    async fn part(&self, request: &Request, part: &Part, backoff: &mut Backoff) -> End {
        let shared = request.ticket.shared();
        loop {
            if shared.control.aborted() {
                return End::Aborted;
            }
            let Err(error) = self.attempt(request, part).await else {
                return End::Written;
            };
            let why = match judge(&error) {
                Verdict::Again(why) => why,
                Verdict::Refused(why) => return End::Refused(why),
                Verdict::Stop(error) => return End::Failed(error),
            };
            shared.gate.back_off();
            shared.progress.trouble(&why);
            let Some(pause) = backoff.pause() else {
                return End::Failed(unanswered(backoff, &why));
            };
            let until = Instant::now() + pause;
            while Instant::now() < until && !shared.control.aborted() {
                tokio::time::sleep(NAP.min(pause)).await;
            }
        }
    }
}

fn unanswered(backoff: &Backoff, why: &str) -> RunError {
    let message = format!(
        "Cassandra did not acknowledge a write in {} s and {} attempts; the last answer: {why}",
        backoff.elapsed().as_secs(),
        backoff.attempts()
    );
    RunError::new(Code::WriteFailed, message).help(
        "look after the server, then `ora2stream backfill resume` goes on; [limits] retry_seconds says how long it waits",
    )
}

fn acknowledged(request: &Request, part: &Part) {
    if request.counts {
        let bytes: usize = part.clone().map(|n| request.row(n).len()).sum();
        request.ticket.acknowledged(part.len() as u64, bytes as u64);
    }
}

fn refused(request: &Request, n: usize, reason: String) {
    let why = Why {
        column: None,
        code: "refused".into(),
        reason: format!("Cassandra refuses the row: {reason}"),
    };
    request
        .ticket
        .refused(&request.window, request.number(n), why);
}
