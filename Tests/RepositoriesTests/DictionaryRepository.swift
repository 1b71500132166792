import PipelineTesting
import Repositories
import Testing

/// The repository of the guide "Bring your own database": rows in a dictionary.
actor DictionaryRepository: Repository {
    /// A value for each field that has one.
    private typealias Row = [String: RowValue]

    let fields: FieldSet
    private var stored: [RowValue: Row] = [:]
    private var lastKey: Int64 = 0

    init(_ fields: FieldSet) { self.fields = fields }

    func rows(_ query: RowQuery) throws -> RowBatch {
        let selection = try query.completeSelection(in: fields)
        let order = query.completeOrder(in: fields)
        let sorted = stored.values.filter { selects(selection, $0) }.sorted { precedes($0, $1, order) }
        let columns = query.columns(in: fields)
        let page = sorted.dropFirst(query.offset).prefix(query.limit ?? .max)
        return RowBatch(columns: columns, rows: page.map { row in columns.map { row[$0] ?? .null } })
    }

    func count(_ selection: Selection) throws -> Int {
        let selection = try selection.validated(against: fields)
        return stored.values.count { selects(selection, $0) }
    }

    private func selects(_ selection: Selection, _ row: Row) -> Bool {
        selection.evaluate { row[$0] ?? .null } == true
    }

    private func precedes(_ left: Row, _ right: Row, _ order: [RowOrder]) -> Bool {
        for term in order {
            let (left, right) = (left[term.field] ?? .null, right[term.field] ?? .null)
            // Null is the smallest value.
            let comparison = left.order(to: right) ?? (right.isNull ? 1 : 0) - (left.isNull ? 1 : 0)
            if comparison != 0 { return (comparison < 0) != term.isDescending }
        }
        return false
    }

    func apply(_ write: RowWrite) throws -> WriteResult {
        let prepared = try PreparedWrite(write, in: fields)
        let before = stored
        var outcomes: [RowOutcome] = []
        for row in 0..<write.rows.rowCount {
            do throws(RowError) {
                if let error = prepared.error(row: row) { throw error }
                outcomes.append(try outcome(of: row, prepared, version: write.version(row: row)))
            } catch {
                outcomes.append(.failed(error))
            }
        }
        let result = WriteResult(outcomes, isAtomic: write.isAtomic)
        if write.isAtomic, result.failedCount > 0 { stored = before }
        return result
    }

    private func outcome(of row: Int, _ write: PreparedWrite, version: Int64?) throws(RowError) -> RowOutcome {
        if case .create = write.kind { return try create(row, write) }
        guard let old = existing(row, write) else {
            if case .upsert = write.kind { return try create(row, write) }
            throw .notFound
        }
        guard selects(write.scope, old) else {
            // A row outside of the scope exists for its unique fields only.
            if case .upsert(let unique, _) = write.kind, !write.keepsScope { throw .duplicate(unique) }
            throw .notFound
        }
        if let version, let field = fields.version, old[field.name] != .integer(version) { throw .conflict }
        let key = old[fields.key.name] ?? .null
        if write.kind == .delete {
            stored[key] = nil
            return .deleted(key)
        }
        guard write.permitsUpdate(row: row, existing: { old[$0] ?? .null }) else { throw .notFound }
        var (new, isEqual) = (old, true)
        for (index, column) in write.columns.enumerated() where column.isUpdated {
            // An absent cell keeps the value.
            guard let value = write.rows.value(of: write.rows[row, index]) else { continue }
            if column.isCompared, old[column.name] != value { isEqual = false }
            new[column.name] = value
        }
        if case .upsert = write.kind, isEqual { return .unchanged(key) }
        try replace(old, by: new)
        return .updated(key)
    }

    /// Returns the row that a row of a write is about.
    private func existing(_ row: Int, _ write: PreparedWrite) -> Row? {
        guard case .upsert(let unique, _) = write.kind else { return write.key(row: row).flatMap { stored[$0] } }
        return stored.values.first { old in
            unique.allSatisfy { old[$0] == write.rows.value(row: row, field: $0) }
        }
    }

    private func create(_ row: Int, _ write: PreparedWrite) throws(RowError) -> RowOutcome {
        if let error = write.insertionError(row: row) { throw error }
        guard write.permitsInsertion(row: row) else { throw .notFound }
        var new: Row = [:]
        for field in fields.fields { new[field.name] = .null }
        for (index, column) in write.columns.enumerated() {
            new[column.name] = write.rows.value(of: write.insertedCell(row: row, column: index)) ?? .null
        }
        if let field = fields.version, let version = write.firstVersion { new[field.name] = .integer(version) }
        if new[fields.key.name]?.isNull == true { new[fields.key.name] = .integer(lastKey + 1) }
        try check(new)
        return .created(insert(new))
    }

    /// Replaces a row and increments its version.
    private func replace(_ old: Row, by row: Row) throws(RowError) {
        var new = row
        if let name = fields.version?.name, case .integer(let version)? = old[name] {
            new[name] = .integer(version + 1)
        }
        stored[old[fields.key.name] ?? .null] = nil
        do throws(RowError) {
            try check(new)
        } catch {
            insert(old)
            throw error
        }
        insert(new)
    }

    /// Checks that no other row has the same values in unique fields.
    private func check(_ row: Row) throws(RowError) {
        for group in fields.uniqueGroups where !group.contains(where: { row[$0]?.isNull != false }) {
            guard !stored.values.contains(where: { other in group.allSatisfy { other[$0] == row[$0] } }) else {
                throw .duplicate(group)
            }
        }
    }

    @discardableResult
    private func insert(_ row: Row) -> RowValue {
        let key = row[fields.key.name] ?? .null
        stored[key] = row
        if case .integer(let number) = key { lastKey = max(lastKey, number) }
        return key
    }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) throws -> Int {
        let selection = try selection.validated(against: fields)
        let values = try row.map { try PreparedWrite.values(setting: $0, in: fields) }
        let selected = stored.values.filter { selects(selection, $0) }
        if let maximum, selected.count > maximum {
            throw RepositoryError.tooManyRows(count: selected.count, maximum: maximum)
        }
        let before = stored
        do throws(RowError) {
            for old in selected {
                guard let values else {
                    stored[old[fields.key.name] ?? .null] = nil
                    continue
                }
                try replace(old, by: old.merging(values.map { ($0.name, $0.value) }) { $1 })
            }
        } catch {
            stored = before
            throw RepositoryError.row(error)
        }
        return selected.count
    }
}

@Suite struct DictionaryRepositoryTests {
    @Test func `Behaves as every repository does`() async throws {
        try await RepositorySuite { fields in DictionaryRepository(fields) }.run()
    }
}
