#if PostgreSQL
import PostgreSQLTransport
import Repositories

extension RowWriter {
    // MARK: - Existing rows

    /// Looks rows up, and updates, removes or adds them.
    func change(_ rows: [Int]) async throws {
        var rows = rows
        var repeated: [Int] = []
        for _ in 0..<Self.maximumLookUpCount {
            let compared = write.kind.isUpsert ? write.columns.indices.filter { write.columns[$0].isCompared } : []
            let isRemoval = write.kind == .delete
            let found = try await statements.lookUp(
                rows, by: identity, comparing: Array(compared), lock: isRemoval ? .removal : .change)
            repeated += removeRepeated(&rows, found)
            let (new, existing) = try await decide(rows, found)
            if isRemoval { try await delete(existing) } else { try await update(existing) }
            // Rows that another transaction has added in the meantime are looked up again.
            rows = try await insert(new)
            if rows.isEmpty { break }
        }
        for row in rows { outcomes[row] = .failed(.duplicate(identity)) }
        for row in repeated { try await change([row]) }
    }

    /// Removes the rows whose existing row is that of an earlier one: their texts differ, but are the same for the collation of the column.
    private func removeRepeated(_ rows: inout [Int], _ found: RowLookUp) -> [Int] {
        guard identity.contains(where: { fields[$0]?.type == .text }), rows.count > 1 else { return [] }
        var keys: Set<RowValue> = []
        let isRepeated = rows.map { row in found.index(of: row).map { !keys.insert(found.key($0)).inserted } ?? false }
        let repeated = zip(rows, isRepeated).filter(\.1).map(\.0)
        if !repeated.isEmpty { rows = zip(rows, isRepeated).filter { !$0.1 }.map(\.0) }
        return repeated
    }

    /// A row and the key of the existing row.
    typealias ExistingRow = (row: Int, key: RowValue)

    /// Returns the rows to add and those to change, and gives the others their outcome.
    private func decide(_ rows: [Int], _ found: RowLookUp) async throws -> (new: [Int], existing: [ExistingRow]) {
        var new: [Int] = []
        var existing: [(row: Int, index: Int)] = []
        for row in rows {
            guard let index = found.index(of: row) else {
                if let failure = failureOfMissing(row) { outcomes[row] = .failed(failure) } else { new.append(row) }
                continue
            }
            if found.isInScope(index) {
                existing.append((row, index))
            } else if case .upsert(let unique, _) = write.kind, !write.keepsScope {
                outcomes[row] = .failed(.duplicate(unique))
            } else {
                outcomes[row] = .failed(.notFound)
            }
        }
        let permitted = try await permittedRows(existing.map { ($0.row, found.key($0.index)) })
        var changed: [ExistingRow] = []
        for (row, index) in existing {
            let key = found.key(index)
            let expected = original.version(row: row)
            let isConflict = expected != nil && found.version(index).map { $0 != expected } == true
            if write.kind.isUpsert {
                if isConflict {
                    outcomes[row] = .failed(.conflict)
                    continue
                }
                if found.isEqual(index) {
                    outcomes[row] = .unchanged(key)
                    continue
                }
            }
            if permitted?.contains(row) == false {
                outcomes[row] = .failed(.notFound)
            } else if isConflict {
                outcomes[row] = .failed(.conflict)
            } else {
                changed.append((row, key))
            }
        }
        return (new, changed)
    }

    /// Returns the failure of a row that does not exist, or nil for one that is to be added.
    private func failureOfMissing(_ row: Int) -> RowError? {
        guard write.kind.isUpsert else { return .notFound }
        return write.insertionError(row: row) ?? (write.permitsInsertion(row: row) ? nil : .notFound)
    }

    /// Returns the rows that are in the scope after the write, or nil for all.
    private func permittedRows(_ existing: [ExistingRow]) async throws -> Set<Int>? {
        guard write.keepsScope, write.kind != .delete else { return nil }
        let names = write.scope.fieldNames.sorted()
        guard write.columns.contains(where: { $0.isUpdated && names.contains($0.name) }) else { return nil }
        let values = try await statements.values(of: names, keys: existing.map(\.key))
        return Set(
            existing.filter { row, key in
                write.permitsUpdate(row: row) { values[key]?[$0] ?? .null }
            }.map(\.row))
    }

    private func update(_ rows: [ExistingRow]) async throws {
        try await write(rows) {
            try await self.statements.update($0.map(\.row), keys: $0.map(\.key))
        } outcome: {
            .updated($0)
        }
    }

    private func delete(_ rows: [ExistingRow]) async throws {
        try await write(rows) {
            try await self.statements.delete(keys: $0.map(\.key))
        } outcome: {
            .deleted($0)
        }
    }

    /// Writes rows at once. If one breaks a rule, both halves are written, down to the row.
    private func write(
        _ rows: [ExistingRow], _ statement: ([ExistingRow]) async throws -> Void, outcome: (RowValue) -> RowOutcome
    ) async throws {
        guard !rows.isEmpty else { return }
        guard let error = try await statements.attempt({ try await statement(rows) }) else {
            for (row, key) in rows { outcomes[row] = outcome(key) }
            return
        }
        guard rows.count > 1 else {
            outcomes[rows[0].row] = .failed(try await statements.rowError(error, rows[0].row))
            return
        }
        let middle = rows.count / 2
        try await write(Array(rows[..<middle]), statement, outcome: outcome)
        try await write(Array(rows[middle...]), statement, outcome: outcome)
    }

    // MARK: - New rows

    /// Adds rows.
    ///
    /// - Returns: The rows of an upsert that exist, because another transaction has added them.
    /// - Throws: Errors that are not about single rows.
    func insert(_ rows: [Int]) async throws -> [Int] {
        // Rows without a key have another statement.
        let given = rows.filter { statements.hasKey($0) }
        guard !given.isEmpty, given.count < rows.count else { return try await insert(rows, isChecked: false) }
        let assigned = rows.filter { !statements.hasKey($0) }
        return try await insert(given, isChecked: false) + insert(assigned, isChecked: false)
    }

    /// Adds rows, all with or all without a key.
    ///
    /// - Parameters:
    ///   - rows: The rows.
    ///   - isChecked: Whether rows with unique values of existing rows have been removed.
    /// - Returns: The rows of an upsert that exist.
    /// - Throws: Errors that are not about single rows.
    private func insert(_ rows: [Int], isChecked: Bool) async throws -> [Int] {
        guard !rows.isEmpty else { return [] }
        var keys: [RowValue] = []
        let error = try await statements.attempt {
            keys = try await statements.insert(rows)
        }
        guard let error else {
            for (row, key) in zip(rows, keys) { outcomes[row] = .created(key) }
            return []
        }
        if error.isDuplicate, !isChecked {
            let (rest, taken) = try await removeTaken(rows)
            return try await taken + insert(rest, isChecked: true)
        }
        guard rows.count == 1 else {
            let middle = rows.count / 2
            return try await insert(Array(rows[..<middle]), isChecked: isChecked)
                + insert(Array(rows[middle...]), isChecked: isChecked)
        }
        let failure = try await statements.rowError(error, rows[0])
        if write.kind.isUpsert, error.isDuplicate {
            // PostgreSQL names one of the indexes only, and orders the columns of an index in its own way.
            guard try await statements.matches(rows, by: identity).isEmpty else { return rows }
        }
        if failure == .duplicate([fields.key.name]), !statements.hasKey(rows[0]), !hasAdvancedSequence {
            hasAdvancedSequence = true
            try await statements.advanceSequence()
            return try await insert(rows, isChecked: true)
        }
        outcomes[rows[0]] = .failed(failure)
        return []
    }

    /// Fails the rows that have unique values of existing rows.
    ///
    /// - Returns: The other rows, and the rows of an upsert that exist.
    private func removeTaken(_ rows: [Int]) async throws -> (rest: [Int], taken: [Int]) {
        var groups: [Int: [String]] = [:]
        for group in fields.uniqueGroups where !isIdentity(group) {
            guard group.allSatisfy({ name in write.columns.contains { $0.name == name } }) else { continue }
            for row in try await statements.matches(rows.filter { groups[$0] == nil }, by: group).keys {
                groups[row] = group
            }
        }
        // Last: a row that another transaction adds meanwhile has the identity as soon as it has other values.
        let existing = write.kind.isUpsert ? try await statements.matches(rows, by: identity) : [:]
        for (row, group) in groups where existing[row] == nil { outcomes[row] = .failed(.duplicate(group)) }
        return (rows.filter { groups[$0] == nil && existing[$0] == nil }, rows.filter { existing[$0] != nil })
    }

    /// Whether a group of unique fields identifies the rows of an upsert.
    private func isIdentity(_ group: [String]) -> Bool {
        write.kind.isUpsert && Set(group) == Set(identity)
    }
}

extension RowWrite.Kind {
    /// Whether rows are added or updated.
    var isUpsert: Bool {
        if case .upsert = self { true } else { false }
    }
}
#endif
