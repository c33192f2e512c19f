//! Names of the closed enums of report.json.

#[cfg(test)]
use super::inventory;
use super::labels;
use crate::assess::model::*;
use crate::diag::Severity;
use crate::plan::model::{Cleanup, Confidence, FactStatus, Fallback, ResidualReason, TopicRole};
use crate::rel::{OnDelete, WriteClass};

labels!(Outcome {
    Planned "planned" "計画済み";
    Assumed "with assumptions" "前提付き";
    Control "control (dropped)" "制御用 (不要)";
    Residual "residual" "残件";
    Unparsed "unparsed" "解析不能";
});

labels!(WriteClass {
    ReplaceAll "replace all" "全件入替";
    ReplacePeriod "replace period" "期間入替";
    Upsert "upsert" "更新または追加";
    KeepFirst "keep first" "初回値保持";
    Append "append" "追記";
    Delta "delta" "差分加算";
    Queue "queue" "キュー";
    Freeze "freeze" "凍結";
});

labels!(ResidualReason {
    OrderDependent "order dependent" "行の順序に依存";
    SelfRead "reads its own target" "書込先を自ら参照";
    CommitVisibleIntermediate "states in between are visible" "途中状態が見える";
    OpaqueDynamicSql "opaque dynamic SQL" "文面不明の動的 SQL";
    UnknownCallee "unknown callee" "呼出先が不明";
    EarlyExit "early exit" "ループの途中終了";
    AutonomousTransaction "autonomous transaction" "自律トランザクション";
    DbLink "database link" "DB リンク";
    SideEffect "side effect" "副作用";
    PackageState "package state" "パッケージ状態";
    NonDeterministic "not deterministic" "非決定的";
    WrappedSource "wrapped source" "ラップ済みソース";
    UnsupportedByEngine "no engine can run it" "エンジン未対応";
    FreezeOnPurpose "frozen on purpose" "意図的な凍結";
    PeriodNotUnderstood "period not understood" "期間条件が不明";
    NoKey "no key" "キーなし";
    NotLowered "not lifted yet" "未対応の構文";
    UnknownObject "unknown object" "未知のオブジェクト";
    Unreachable "not reached" "到達しない";
});

labels!(Fallback {
    StatefulFunction "keyed stateful function, by hand" "キー付き状態関数を手書き";
    MicroBatch "scheduled micro-batch on the engine" "エンジン上の定期マイクロバッチ";
    StaysInOracle "stays in Oracle" "Oracle に残す";
});

labels!(CommitPattern {
    Never "never" "なし";
    AtEnd "at the end" "最後に 1 回";
    BetweenSteps "between steps" "ステップごと";
    EveryNRows "every N rows" "N 行ごと";
    InLoop "every turn of a loop" "ループの毎回";
});

labels!(RerunClass {
    Idempotent "idempotent" "冪等";
    Duplicates "duplicates" "重複する";
    Loses "loses rows" "欠落する";
    Unknown "not known" "不明";
});

labels!(RerunCause {
    Replaces "replaces what it wrote" "前回分を入れ替える";
    ByKey "writes by key" "キーで書き込む";
    Overwrites "deletes, or sets values anew" "削除または値の上書きのみ";
    Inserts "inserts again, unless a key refuses the rows" "キー違反がなければ再度追加する";
    AddsUp "adds to old values" "既存値に加算する";
    Marks "marks what is done" "処理済みの印を付ける";
    HidesErrors "a handler hides errors" "例外処理がエラーを隠す";
    PartialCommits "commits before it is done" "完了前にコミットする";
    NotUnderstood "statement not understood" "文の意味が不明";
});

labels!(ProofVerdict {
    Proved "proved" "等価";
    Refuted "refuted" "不一致";
    NotProvable "not provable" "検証不能";
});

labels!(JobVerdict {
    Planned "planned" "計画済み";
    Assumed "with assumptions" "前提付き";
    Partial "partial" "一部のみ";
    Residual "residual" "残件";
    Unparsed "unparsed" "解析不能";
});

labels!(ScheduleSource {
    DbmsScheduler "DBMS_SCHEDULER" "DBMS_SCHEDULER";
    DbmsJob "DBMS_JOB" "DBMS_JOB";
    DictionaryExport "export" "エクスポート";
    Crontab "crontab" "crontab";
    ShellScript "shell script" "シェルスクリプト";
    JobList "job list" "ジョブ一覧";
    ProjectFile "project file" "プロジェクトファイル";
    Inferred "inferred: nobody calls it" "推定 (呼出元なし)";
});

labels!(SideEffectKind {
    File "file" "ファイル";
    Mail "mail" "メール";
    Network "network" "ネットワーク";
    Lock "lock or pause" "ロック・待機";
    Message "queue or alert" "キュー・通知";
    Output "terminal output" "端末出力";
    DbLink "database link" "DB リンク";
    Job "submits jobs" "ジョブ登録";
    Control "logging or tracking" "ログ・実行管理";
    Other "other" "その他";
});

/// What replaces a side effect.
pub(in crate::emit::report) struct Replacement(pub SideEffectKind);

impl super::Label for Replacement {
    fn label(&self, lang: super::Lang) -> &'static str {
        let (en, ja) = match self.0 {
            SideEffectKind::File => (
                "a consumer of the result topic writes the file; files that come in are shipped to a topic",
                "結果トピックの消費者がファイルを書く。入力ファイルはトピックへ転送する",
            ),
            SideEffectKind::Mail | SideEffectKind::Network => (
                "a consumer of the result topic, idempotent by key",
                "結果トピックの消費者 (キーで冪等) に移す",
            ),
            SideEffectKind::Lock => (
                "not needed: one stream job writes a table",
                "不要: 表ごとに書き手は 1 つのストリームジョブ",
            ),
            SideEffectKind::Message => ("a topic", "トピックに置き換える"),
            SideEffectKind::Output => ("the engine's log", "エンジンのログ"),
            SideEffectKind::DbLink => (
                "change capture of the other database",
                "相手データベースの変更データ取得",
            ),
            SideEffectKind::Job => (
                "not needed: streams run all the time",
                "不要: ストリームは常時動作する",
            ),
            SideEffectKind::Control => (
                "metrics and check-points of the engine",
                "エンジンのメトリクスとチェックポイント",
            ),
            SideEffectKind::Other => ("decide one by one", "個別に判断する"),
        };
        match lang {
            super::Lang::En => en,
            super::Lang::Ja => ja,
        }
    }
}

labels!(FindingClass {
    MustFix "must fix" "要対応";
    BehavesDifferently "behaves differently" "動作が異なる";
    Performance "performance" "性能";
    OutOfScope "out of scope" "対象外";
});

labels!(Severity {
    Info "info" "情報";
    Warning "warning" "警告";
    Error "error" "エラー";
});

labels!(TableKind {
    Table "table" "表";
    External "external table" "外部表";
    View "view" "ビュー";
    Temporary "temporary table" "一時表";
    Unknown "not in the input" "入力に定義なし";
});

labels!(TopicRole {
    Cdc "changes of a table" "表の変更";
    File "lines of files" "ファイルの行";
    Result "result" "結果";
    DeadLetter "rejected records" "不良レコード";
    Control "control events" "制御イベント";
    SchemaHistory "schema history" "スキーマ履歴";
    Heartbeat "heartbeat" "ハートビート";
    Transaction "transaction metadata" "トランザクション情報";
});

labels!(Cleanup {
    Delete "by age" "期限で削除";
    Compact "by key" "キーで圧縮";
});

labels!(OnDelete {
    Delete "row goes" "行を削除";
    Keep "row stays" "行を残す";
});

labels!(Confidence {
    Certain "certain" "確実";
    Likely "likely" "ほぼ確実";
    Review "review" "要確認";
    Manual "manual" "手作業";
});

labels!(FactStatus {
    Proved "proved" "証明済み";
    Assumed "assumed" "前提";
    Failed "failed" "不成立";
});

labels!(EffortKind {
    ReviewPlanned "review planned writes" "計画済み書込の確認";
    ConfirmAssumption "confirm an assumption" "前提の確認";
    BuildResidual "build a residual" "残件の実装";
    RepairInput "repair the input" "入力の補修";
    LoadTable "load and verify a table" "表の初期ロードと検証";
    Cutover "parallel run and cutover of a job" "ジョブの並行稼働と切替";
});

labels!(OtherReason {
    Unreached "no job reaches it" "どのジョブからも到達しない";
    Trigger "in a trigger" "トリガー内";
    Script "in a script that no job runs" "ジョブが実行しないスクリプト内";
    Replaced "replaced by a later definition" "後の定義で置き換えられる";
});

labels!(MissingKind {
    Table "table or view" "表・ビュー";
    Routine "routine" "手続き・関数";
    JobTarget "target of a job" "ジョブの起動対象";
});

labels!(Hint {
    NoQueries "Name the readers' queries in ora2stream.toml ([[queries]]): the Cassandra keys are then chosen for them, with their reasons." "参照クエリを ora2stream.toml の [[queries]] に書くと、それに合わせて Cassandra のキーを選び、理由を示します。";
    NoStatistics "Add an export of DBA_TABLES and DBA_TAB_COLUMNS (CSV): loads, partitions and state are then sized." "DBA_TABLES と DBA_TAB_COLUMNS の CSV を加えると、初期ロード・パーティション・状態の規模を見積もれます。";
    NoSchedule "Add the schedule (DBMS_SCHEDULER scripts, crontab, job list as CSV) or [schedule] entry_points: jobs were inferred from code that nobody calls." "スケジュール (DBMS_SCHEDULER、crontab、ジョブ一覧 CSV) または [schedule] entry_points を加えてください。今回のジョブは呼出元のないコードから推定しました。";
});

labels!(FileStatus {
    Parsed "read" "読込済み";
    PartlyParsed "read, with errors" "一部エラーあり";
    Companion "schedule, dictionary, data" "スケジュール・辞書・データ";
    Skipped "not SQL" "SQL 以外";
    Unreadable "could not be read" "読込不能";
});

labels!(UnitStatus {
    Parsed "read" "読込済み";
    PartlyParsed "read, with errors" "一部エラーあり";
    Opaque "recognised, not understood" "認識のみ";
    Wrapped "wrapped" "ラップ済み";
    Unparsed "unparsed" "解析不能";
});

labels!(ColumnEdgeKind {
    Copy "copy" "そのまま";
    Computed "calculated" "計算";
    Aggregate "aggregated" "集計";
    Filter "condition or join" "条件・結合";
});
