public import Repositories
import Synchronization

/// A repository in memory for tests, with the behavior that ``RepositorySuite`` checks.
///
/// It checks the unique groups of its fields, but no references. Reading takes time proportional to the number of all rows.
public final class MemoryRepository: Repository {
    /// The fields of the rows.
    public let fields: FieldSet

    let state = Mutex(MemoryRows())

    /// Creates a repository.
    ///
    /// - Parameters:
    ///   - fields: The fields of the rows.
    ///   - rows: The first rows, as for `RowWrite.Kind.create`.
    /// - Throws: `RepositoryError` if a row is invalid.
    public init(_ fields: FieldSet, rows: RowBatch? = nil) throws {
        self.fields = fields
        guard let rows else { return }
        if let failure = try write(RowWrite(.create, rows)).failures.first { throw RepositoryError.row(failure.error) }
    }

    /// Returns the rows of a query.
    ///
    /// - Throws: `SelectionError` for a query that does not fit the fields.
    public func rows(_ query: RowQuery) async throws -> RowBatch {
        let selection = try query.completeSelection(in: fields)
        let order = query.completeOrder(in: fields).compactMap { term in
            fields.index(of: term.field).map { (index: $0, isDescending: term.isDescending) }
        }
        let selected = state.withLock { $0.selected(by: selection, fields) }
        let sorted = selected.sorted { left, right in
            for (index, isDescending) in order {
                let comparison = left[index].orderWithNull(to: right[index])
                if comparison != 0 { return (comparison < 0) != isDescending }
            }
            return false
        }
        let columns = query.columns(in: fields)
        let indexes = columns.compactMap { fields.index(of: $0) }
        let page = sorted.dropFirst(query.offset).prefix(query.limit ?? .max)
        return RowBatch(columns: columns, rows: page.map { row in indexes.map { row[$0] } })
    }

    /// Returns the number of rows that a selection selects.
    ///
    /// - Throws: `SelectionError` for a selection that does not fit the fields.
    public func count(_ selection: Selection) async throws -> Int {
        let selection = try selection.validated(against: fields)
        return state.withLock { $0.selected(by: selection, fields).count }
    }

    /// Writes single rows in one transaction.
    ///
    /// - Throws: `RepositoryError` for a write that does not fit the fields, and `SelectionError` for such a scope.
    public func apply(_ write: RowWrite) async throws -> WriteResult {
        try self.write(write)
    }

    private func write(_ write: RowWrite) throws -> WriteResult {
        let prepared = try PreparedWrite(write, in: fields)
        return state.withLock { state in
            let before = state
            let outcomes = (0..<write.rows.rowCount).map { row in
                prepared.error(row: row).map { .failed($0) }
                    ?? state.write(row, of: prepared, version: write.version(row: row), fields)
            }
            let result = WriteResult(outcomes, isAtomic: write.isAtomic)
            if write.isAtomic, result.failedCount > 0 { state = before }
            return result
        }
    }

    /// Updates or deletes all selected rows.
    ///
    /// - Throws: `RepositoryError` for an invalid row and for more than `maximum` rows, and `SelectionError`.
    public func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        let selection = try selection.validated(against: fields)
        let values = try row.map { try PreparedWrite.values(setting: $0, in: fields) }
        return try state.withLock { state in
            let selected = state.selected(by: selection, fields)
            if let maximum, selected.count > maximum {
                throw RepositoryError.tooManyRows(count: selected.count, maximum: maximum)
            }
            let before = state
            for old in selected {
                state.remove(old[fields.keyIndex], fields)
                guard let values else { continue }
                var new = old
                for (name, value) in values { if let index = fields.index(of: name) { new[index] = value } }
                new.incrementVersion(fields)
                if let group = state.conflict(new, fields) {
                    state = before
                    throw RepositoryError.row(.duplicate(group))
                }
                state.insert(new, fields)
            }
            return selected.count
        }
    }
}

extension RowValue {
    /// Returns the order of two values of a field, in which null is less than every other value.
    func orderWithNull(to other: RowValue) -> Int {
        switch (isNull, other.isNull) {
        case (true, true): 0
        case (true, false): -1
        case (false, true): 1
        case (false, false): order(to: other) ?? 0
        }
    }
}
