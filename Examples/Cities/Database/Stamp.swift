import GRDB
import HTTPPipeline

/// The row of `stamps` that says when the data changed last.
enum Stamp {
    private static let name = "updated_at"

    /// The stored stamp, in microseconds since 1970.
    static func value(in db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT value FROM stamps WHERE name = ?", arguments: [name]) ?? 0
    }

    /// Stores and returns a later stamp: the present moment, or the next number when the clock has not moved on or was
    /// set back.
    @discardableResult
    static func advance(in db: Database, timeSource: any TimeSource) throws -> Int64 {
        let stamp = max(timeSource.now.nanoseconds / 1000, try value(in: db) + 1)
        try db.execute(
            sql: "INSERT INTO stamps VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            arguments: [name, stamp]
        )
        return stamp
    }
}
