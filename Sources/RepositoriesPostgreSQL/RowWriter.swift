#if PostgreSQL
import PostgreSQLTransport
import Repositories

/// Carries out a write in a transaction, with statements about many rows, and finds the rows that fail.
final class RowWriter {
    /// The maximum number of rows of a statement. It bounds the memory of both sides.
    static let maximumRowCount = 10_000
    /// The number of times that an upsert looks for rows which other transactions add at the same time.
    static let maximumLookUpCount = 5

    let original: RowWrite
    let write: PreparedWrite
    let statements: RowStatements
    let fields: FieldSet
    /// The names of the fields that identify an existing row.
    let identity: [String]
    var outcomes: [RowOutcome?]
    var hasAdvancedSequence = false

    init(_ original: RowWrite, _ write: PreparedWrite, _ statements: RowStatements) {
        self.original = original
        self.write = write
        self.statements = statements
        fields = statements.fields
        outcomes = Array(repeating: nil, count: write.rows.rowCount)
        identity = if case .upsert(let unique, _) = write.kind { unique } else { [statements.fields.key.name] }
    }

    /// Writes all rows, and returns their outcomes.
    ///
    /// - Throws: Errors that are not about single rows. The transaction has to be rolled back then.
    func run() async throws -> [RowOutcome] {
        let sequence = RowSequence(write.rows, by: write.kind == .create ? insertionOrder : identity)
        for level in try await levels(of: validRows()) {
            for chunk in sequence.sorted(level).chunks { try await carryOut(chunk) }
        }
        return outcomes.map { $0 ?? .failed(RowErrors.brokenRule) }
    }

    /// The fields by which new rows are ordered: those in which they may have values of another row.
    private var insertionOrder: [String] {
        let groups = fields.uniqueGroups.filter { group in
            group.allSatisfy { name in write.columns.contains { $0.name == name } }
        }
        return groups.first { $0 != [fields.key.name] } ?? [fields.key.name]
    }

    /// Returns the rows that have valid values, and gives the others their outcome.
    private func validRows() -> [Int] {
        (0..<write.rows.rowCount).filter { row in
            var failure = write.error(row: row)
            switch write.kind {
            case .create:
                failure = failure ?? write.insertionError(row: row)
                if failure == nil, !write.permitsInsertion(row: row) { failure = .notFound }
            case .update, .replace, .delete:
                // PostgreSQL has no text with a null character, so no row has such a key.
                let key = write.key(row: row)
                let isPossible = if case .text(let text)? = key { !text.utf8.contains(0) } else { key != nil }
                if failure == nil, !isPossible { failure = .notFound }
            case .upsert: break
            }
            outcomes[row] = failure.map { .failed($0) }
            return failure == nil
        }
    }

    // MARK: - Levels

    /// The groups of unique fields that a write of existing rows changes.
    private var changedGroups: [[String]] {
        guard write.kind != .create, write.kind != .delete else { return [] }
        let updated = Set(write.columns.filter(\.isUpdated).map(\.name))
        return fields.uniqueGroups.filter { !updated.isDisjoint(with: $0) }
    }

    private func levels(of rows: [Int]) async throws -> [[Int]] {
        guard rows.count > 1 else { return rows.isEmpty ? [] : [rows] }
        let changed = changedGroups
        guard !changed.isEmpty else { return RowLevels(rows, write, identity: identity, fields).levels }
        let names = Set(changed.joined()).sorted()
        var lookUps: [RowLookUp] = []
        var lookUpOfRow: [Int: Int] = [:]
        for chunk in RowSequence(write.rows, by: identity).sorted(rows).chunks {
            for row in chunk { lookUpOfRow[row] = lookUps.count }
            lookUps.append(
                try await statements.lookUp(chunk, by: identity, comparing: [], reading: names, lock: .removal))
        }
        return RowLevels(rows, write, identity: identity, changed: changed, fields) { row in
            lookUpOfRow[row].map { lookUps[$0] }
        }.levels
    }

    private func carryOut(_ rows: [Int]) async throws {
        switch write.kind {
        case .create: _ = try await insert(rows)
        case .upsert(let unique, _):
            if isUpsertedAtOnce(rows, unique), try await upsert(rows, by: unique) { return }
            try await change(rows)
        case .update, .replace, .delete: try await change(rows)
        }
    }

    // MARK: - Upserts

    /// Returns whether one statement with a conflict clause does the same as looking the rows up first.
    private func isUpsertedAtOnce(_ rows: [Int], _ unique: [String]) -> Bool {
        guard fields.uniqueGroups.contains(where: { Set($0) == Set(unique) }), write.scope == .all,
            original.versions == nil, changedGroups.isEmpty
        else { return false }
        let updated = write.columns.indices.filter { write.columns[$0].isUpdated }
        let hasKey = statements.hasKey(rows[0])
        return rows.allSatisfy { row in
            updated.allSatisfy { write.rows[row, $0] != .absent } && statements.hasKey(row) == hasKey
                && write.insertionError(row: row) == nil
        }
    }

    /// Adds or updates rows, or returns false if one of them breaks a rule. Then none is written.
    private func upsert(_ rows: [Int], by unique: [String]) async throws -> Bool {
        var written: [(key: RowValue, isNew: Bool)] = []
        let error = try await statements.attempt { written = try await statements.upsert(rows, by: unique) }
        guard error == nil else { return false }
        if written.count == rows.count {
            for (row, (key, isNew)) in zip(rows, written) { outcomes[row] = isNew ? .created(key) : .updated(key) }
            return true
        }
        let isNew = Dictionary(written.map { ($0.key, $0.isNew) }) { first, _ in first }
        for (row, key) in try await statements.matches(rows, by: unique) {
            outcomes[row] = isNew[key].map { $0 ? .created(key) : .updated(key) } ?? .unchanged(key)
        }
        return true
    }
}

extension [Int] {
    /// The rows in parts of the size of a statement.
    fileprivate var chunks: [[Int]] {
        stride(from: 0, to: count, by: RowWriter.maximumRowCount).map {
            Array(self[$0..<Swift.min($0 + RowWriter.maximumRowCount, count)])
        }
    }
}
#endif
