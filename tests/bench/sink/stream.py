# The same work as a Spark Structured Streaming job: a topic into a table, as it is written by hand for this.
# Of every key the last record of a micro-batch counts; rows are absolute values with a write time of the batch, so
# that a batch which runs again changes nothing. It ends when all that was there is written, and tells how long that took
# after the session was up.
import json
import sys
import time

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

bootstrap, topic, table, point, checkpoint, figures = sys.argv[1:7]
debezium = table == "debezium"

host, port = point.split(":")
spark = (
    SparkSession.builder.appName(table)
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.cassandra.connection.host", host)
    .config("spark.cassandra.connection.port", port)
    .config("spark.cassandra.connection.localDC", "datacenter1")
    .config("spark.cassandra.output.consistency.level", "LOCAL_ONE")
    .config("spark.cassandra.output.batch.grouping.key", "replica_set")
    .config("spark.cassandra.output.concurrent.writes", "32")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
started = time.time()

kind = "STRING" if debezium else "DECIMAL(18,0)"
row = f"ID: {kind}, GRP: {kind}, AMOUNT: {'STRING' if debezium else 'DECIMAL(12,2)'}, AT: {'BIGINT' if debezium else 'STRING'}, NOTE: STRING"
schema = f"op STRING, after STRUCT<{row}>" if debezium else row.replace(": ", " ")
image = "v.after" if debezium else "v"
at = f"timestamp_millis({image}.AT)" if debezium else f"CAST({image}.AT AS TIMESTAMP)"


def write(batch, number):
    last = batch.groupBy("key").agg(F.max_by("value", "offset").alias("value"))
    rows = last.select(F.from_json("value", schema, {"mode": "FAILFAST"}).alias("v")).selectExpr(
        f"CAST({image}.ID AS BIGINT) AS id",
        f"CAST({image}.GRP AS INT) AS grp",
        f"CAST({image}.AMOUNT AS DECIMAL(12,2)) AS amount",
        f"{at} AS at",
        f"{image}.NOTE AS note",
    )
    stamp = str(1_700_000_000_000_000 + number * 1000)
    (
        rows.write.format("org.apache.spark.sql.cassandra")
        .mode("append")
        .options(keyspace="bench", table=table)
        .option("spark.cassandra.output.timestamp", stamp)
        .save()
    )


raw = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", bootstrap)
    .option("subscribe", topic)
    .option("startingOffsets", "earliest")
    .option("maxOffsetsPerTrigger", "200000")
    .option("kafka.isolation.level", "read_committed")
    .load()
    .where("value IS NOT NULL")
    .selectExpr("CAST(key AS STRING) AS key", "CAST(value AS STRING) AS value", "offset")
)
query = raw.writeStream.option("checkpointLocation", checkpoint).foreachBatch(write).trigger(availableNow=True).start()
query.awaitTermination()
with open(figures, "w", encoding="utf-8") as out:
    json.dump({"seconds": time.time() - started}, out)
spark.stop()
