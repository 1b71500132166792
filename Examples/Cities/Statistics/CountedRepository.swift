import Repositories
import Synchronization

/// The number of queries of each table since the start.
final class QueryCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// The number of queries by the name of the table.
    var all: [String: Int] { counts.withLock { $0 } }

    /// Counts one query.
    func count(_ table: String) {
        counts.withLock { $0[table, default: 0] += 1 }
    }
}

/// A repository that counts the queries of another one, a hit runs none, and records its writes.
///
/// The worker of bulk operations uses the repository below it.
struct CountedRepository: RepositoryWrapper {
    let wrapped: any Repository
    private let counts: QueryCounts
    private let writes: WriteTrace

    init(_ base: any Repository, counts: QueryCounts, writes: WriteTrace) {
        (wrapped, self.counts, self.writes) = (base, counts, writes)
    }

    var fields: FieldSet { wrapped.fields }

    func rows(_ query: RowQuery) async throws -> RowBatch {
        counts.count(fields.table)
        return try await wrapped.rows(query)
    }

    func count(_ selection: Selection) async throws -> Int {
        counts.count(fields.table)
        return try await wrapped.count(selection)
    }

    func apply(_ write: RowWrite) async throws -> WriteResult {
        try await writes.recording { try await wrapped.apply(write) }
    }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        try await writes.recording { try await wrapped.applyAll(selection, setting: row, limit: maximum) }
    }
}
