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

/// A repository that counts the queries of another one: a hit runs none.
struct CountedRepository: Repository {
    private let base: any Repository
    private let counts: QueryCounts

    init(_ base: any Repository, counts: QueryCounts) {
        (self.base, self.counts) = (base, counts)
    }

    var fields: FieldSet { base.fields }

    func rows(_ query: RowQuery) async throws -> RowBatch {
        counts.count(fields.table)
        return try await base.rows(query)
    }

    func count(_ selection: Selection) async throws -> Int {
        counts.count(fields.table)
        return try await base.count(selection)
    }

    func apply(_ write: RowWrite) async throws -> WriteResult { try await base.apply(write) }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        try await base.applyAll(selection, setting: row, limit: maximum)
    }
}
