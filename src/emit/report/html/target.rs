//! Section 8: topics, stream jobs, tables with their reasons, loads.

use super::Page;
use super::markup::Html;
use super::table::{Cell, Tone};
use crate::assess::model::*;
use crate::emit::report::words::Ui;

impl Page<'_> {
    pub(super) fn target(&self, h: &mut Html) {
        let t = &self.report.target;
        self.sub(h, Ui::StreamJobs);
        let heads = [
            Ui::Table,
            Ui::Job,
            Ui::WriteClassWord,
            Ui::KeyWord,
            Ui::OnVanish,
            Ui::Reads,
            Ui::State,
        ];
        self.table(h, heads, t.stream_jobs.iter().map(|j| self.stream_job(j)));
        self.sub(h, Ui::CqlTables);
        let heads = [
            Ui::Table,
            Ui::PartitionKey,
            Ui::Clustering,
            Ui::Serves,
            Ui::Why,
            Ui::RunnerUp,
            Ui::RowsPerPartition,
        ];
        self.table(h, heads, t.tables.iter().map(|t| self.cql_table(t)));
        self.sub(h, Ui::Topics);
        let heads = [
            Ui::Topic,
            Ui::Role,
            Ui::KeyWord,
            Ui::Partitions,
            Ui::CleanupWord,
        ];
        self.table(h, heads, t.topics.iter().map(|t| self.topic(t)));
        self.sub(h, Ui::Captured);
        let heads = [Ui::Table, Ui::Topic, Ui::KeyWord, Ui::Rows, Ui::NotCaptured];
        self.table(h, heads, t.sources.iter().map(source));
        self.sub(h, Ui::Loads);
        let heads = [Ui::Table, Ui::To, Ui::Purpose, Ui::Rows, Ui::After];
        self.table(h, heads, t.backfills.iter().map(load));
    }

    fn stream_job(&self, j: &StreamJobSummary) -> [Cell; 7] {
        [
            Cell::Code(j.table.clone()),
            Cell::Code(j.group.clone()),
            Cell::Chip(Tone::Quiet, self.ws(j.write_class)),
            Cell::Names(j.key.clone()),
            Cell::Text(self.ws(j.on_delete)),
            Cell::Names(j.reads.clone()),
            Cell::Text(j.state.join("; ")),
        ]
    }

    fn cql_table(&self, t: &CqlTableSummary) -> [Cell; 7] {
        [
            Cell::Code(t.name.clone()),
            Cell::Names(t.partition.clone()),
            Cell::Names(t.clustering.clone()),
            Cell::Names(t.serves.clone()),
            Cell::Text(t.why.join("; ")),
            Cell::Text(t.runner_up.clone().unwrap_or_default()),
            Cell::Num(t.rows_per_partition),
        ]
    }

    fn topic(&self, t: &TopicSummary) -> [Cell; 5] {
        [
            Cell::Code(t.name.clone()),
            Cell::Text(self.ws(t.role)),
            Cell::Names(t.key.clone()),
            Cell::Num(Some(u64::from(t.partitions))),
            Cell::Text(self.ws(t.cleanup)),
        ]
    }
}

fn source(s: &SourceSummary) -> [Cell; 5] {
    [
        Cell::Code(s.table.clone()),
        Cell::Code(s.topic.clone()),
        Cell::Names(s.key.clone()),
        Cell::Num(s.rows),
        Cell::Names(s.left_out.clone()),
    ]
}

fn load(b: &BackfillSummary) -> [Cell; 5] {
    let to = b.target.iter().chain(&b.topic).cloned().collect();
    [
        Cell::Code(b.table.clone()),
        Cell::Names(to),
        Cell::Text(b.purpose.clone()),
        Cell::Num(b.rows),
        Cell::Names(b.after.clone()),
    ]
}
