// The tables of state/monitord.db. `PRAGMA user_version` is kSchemaVersion; a newer one is refused, an older one
// migrated after a copy (monitord.db.version-<n>). New tables come into being by themselves; kMigrations has the rest,
// from version i+1 to i+2 at place i.
#pragma once

namespace monitor {

inline constexpr int kSchemaVersion = 4;

inline constexpr const char* kSchema = R"sql(
-- Where reading goes on: one row per source partition. `watermarks` encodes the largest event time per model.
CREATE TABLE IF NOT EXISTS shard(topic TEXT, part INTEGER, next_offset INTEGER, last_offset INTEGER, last_hash INTEGER, lost INTEGER, watermarks BLOB,
                   PRIMARY KEY(topic, part)) WITHOUT ROWID;
-- One row per model, and one for "" that takes the rejects of no model: counters, watermark, versions, gross-fault detectors.
CREATE TABLE IF NOT EXISTS model(name TEXT PRIMARY KEY, state BLOB) WITHOUT ROWID;
-- Which step length and which baselines were in force from when on.
CREATE TABLE IF NOT EXISTS epoch(model TEXT, from_ns INTEGER, plan TEXT, PRIMARY KEY(model, from_ns)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS profile(digest TEXT PRIMARY KEY, json TEXT) WITHOUT ROWID;
-- Open panes, and steps that are being filled by closed panes.
CREATE TABLE IF NOT EXISTS pane(model TEXT, start_ns INTEGER, version TEXT, variant TEXT, digest TEXT, summary BLOB,
                  PRIMARY KEY(model, start_ns, version, variant)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS step(model TEXT, start_ns INTEGER, version TEXT, variant TEXT, end_ns INTEGER, digest TEXT, closed INTEGER, summary BLOB,
                  PRIMARY KEY(model, start_ns, version, variant)) WITHOUT ROWID;
-- One row per closed step: the window that ends with it, as the API answers it.
CREATE TABLE IF NOT EXISTS window(model TEXT, end_ns INTEGER, version TEXT, variant TEXT, start_ns INTEGER, json TEXT,
                    PRIMARY KEY(model, end_ns, version, variant)) WITHOUT ROWID;
-- `api` is the alert as the API shows it, `stored` as the alert book takes it back.
CREATE TABLE IF NOT EXISTS alert(id TEXT PRIMARY KEY, model TEXT, feature TEXT, version TEXT, variant TEXT, state TEXT, started_ns INTEGER, api TEXT, stored TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alert_by_time ON alert(started_ns);
CREATE TABLE IF NOT EXISTS incident(id TEXT PRIMARY KEY, open INTEGER, resolved_ns INTEGER, stored TEXT) WITHOUT ROWID;
-- state: 0 pending, 1 delivered, 2 dead, 3 held until somebody approves.
CREATE TABLE IF NOT EXISTS outbox(seq INTEGER PRIMARY KEY, id TEXT UNIQUE, target TEXT, type TEXT, content_type TEXT, body BLOB, created_ns INTEGER,
                    next_attempt_ns INTEGER, attempts INTEGER, last_error TEXT, state INTEGER);
CREATE TABLE IF NOT EXISTS retrain(id TEXT PRIMARY KEY, model TEXT, target TEXT, requested_ns INTEGER, api TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reject(seq INTEGER PRIMARY KEY, model TEXT, reason TEXT, time_ns INTEGER, topic TEXT, part INTEGER, offset INTEGER, payload BLOB, hint TEXT);
CREATE INDEX IF NOT EXISTS reject_by_reason ON reject(model, reason, seq);
-- Evidence of drift of all monitors of a model's variant, after its newest closed step.
CREATE TABLE IF NOT EXISTS evidence(model TEXT, variant TEXT, state BLOB, PRIMARY KEY(model, variant)) WITHOUT ROWID;
-- Labels of a model: `state` is the join's counters and names, `facts` what readers of the cohorts need, as JSON.
CREATE TABLE IF NOT EXISTS labels(model TEXT PRIMARY KEY, state BLOB, facts TEXT) WITHOUT ROWID;
-- Predictions of one step and the labels that have come for them.
CREATE TABLE IF NOT EXISTS cohort(model TEXT, start_ns INTEGER, version TEXT, variant TEXT, segment TEXT, end_ns INTEGER, counts BLOB,
                                  PRIMARY KEY(model, start_ns, version, variant, segment)) WITHOUT ROWID;
-- Prediction index: committed length of each segment file.
CREATE TABLE IF NOT EXISTS segment(name TEXT PRIMARY KEY, length INTEGER) WITHOUT ROWID;
-- Small things: counts of notifications and checkpoints.
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
)sql";

inline constexpr const char* kMigrations[kSchemaVersion - 1] = {
    // Segment files of version 1 held identities alone; duplicates are told anew from here on.
    "DELETE FROM segment;",
    // Version 3 adds the table of evidence alone.
    "",
    "ALTER TABLE reject ADD COLUMN hint TEXT;",
};

}  // namespace monitor
