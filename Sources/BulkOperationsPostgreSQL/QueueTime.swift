#if PostgreSQL
import HTTPPipeline
import HTTPSemantics
import PostgreSQLTransport

/// The time of a queue: that of the database, which all machines share, or that of a test.
struct QueueTime: Sendable {
    /// The clock of a test, or nil for that of the database.
    let source: (any TimeSource)?

    /// The time in nanoseconds as SQL. The first parameter of the statement is ``parameter``.
    ///
    /// The database computes it once for each time it occurs, so that it can be compared with an index.
    static let sql = "(SELECT coalesce($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint))"

    /// The value of the first parameter of statements with ``sql``.
    var parameter: PostgreSQLValue { source.map { .integer($0.now.nanoseconds) } ?? .null }
}

extension PostgreSQLValue {
    /// Creates an integer.
    static func integer(_ value: Int) -> PostgreSQLValue { .integer(Int64(value)) }

    /// Creates a text, or NULL for nil.
    static func text(optional value: String?) -> PostgreSQLValue { value.map { .text($0) } ?? .null }
}
#endif
