import Repositories

/// The rows of a ``MemoryRepository``, with an index for each group of unique fields.
struct MemoryRows {
    /// The rows by key, each with a value for every field of the set.
    private var rows: [RowValue: [RowValue]] = [:]
    /// The keys of the rows by the fields and values of a unique group.
    private var unique: [[String]: [[RowValue]: RowValue]] = [:]
    private var lastKey: Int64 = 0

    func selected(by selection: Selection, _ fields: FieldSet) -> [[RowValue]] {
        rows.values.filter { row in selects(selection, row, fields) }
    }

    private func selects(_ selection: Selection, _ row: [RowValue], _ fields: FieldSet) -> Bool {
        selection.evaluate { name in fields.index(of: name).map { row[$0] } ?? .null } == true
    }

    mutating func insert(_ row: [RowValue], _ fields: FieldSet) {
        let key = row[fields.keyIndex]
        rows[key] = row
        if case .integer(let number) = key { lastKey = max(lastKey, number) }
        for group in fields.uniqueGroups {
            if let values = row.values(of: group, fields) { unique[group, default: [:]][values] = key }
        }
    }

    mutating func remove(_ key: RowValue, _ fields: FieldSet) {
        guard let row = rows.removeValue(forKey: key) else { return }
        for group in fields.uniqueGroups {
            if let values = row.values(of: group, fields) { unique[group]?[values] = nil }
        }
    }

    /// Returns the names of the unique fields in which another row has the same values as a row that is not there yet.
    func conflict(_ row: [RowValue], _ fields: FieldSet) -> [String]? {
        fields.uniqueGroups.first { group in
            row.values(of: group, fields).map { unique[group]?[$0] != nil } ?? false
        }
    }
}

// MARK: - Writing

extension MemoryRows {
    /// Writes one row.
    ///
    /// - Complexity: O(number of cells of the row), and for an upsert by fields that are not a unique group O(number of
    ///   all rows).
    mutating func write(_ row: Int, of write: PreparedWrite, version: Int64?, _ fields: FieldSet) -> RowOutcome {
        switch write.kind {
        case .create:
            return create(row, of: write, fields)
        case .upsert(let names, _):
            guard let key = key(matching: names, row, of: write, fields), let old = rows[key] else {
                return create(row, of: write, fields)
            }
            guard selects(write.scope, old, fields) else {
                return .failed(write.keepsScope ? .notFound : .duplicate(names))
            }
            return update(old, row, of: write, version: version, fields)
        case .update, .replace, .delete:
            guard let key = write.key(row: row), let old = rows[key], selects(write.scope, old, fields) else {
                return .failed(.notFound)
            }
            if write.kind != .delete { return update(old, row, of: write, version: version, fields) }
            guard old.hasVersion(version, fields) else { return .failed(.conflict) }
            remove(key, fields)
            return .deleted(key)
        }
    }

    private func key(matching names: [String], _ row: Int, of write: PreparedWrite, _ fields: FieldSet) -> RowValue? {
        let values = names.map { name in write.rows.value(row: row, field: name) ?? .null }
        if fields.uniqueGroups.contains(names) { return unique[names]?[values] }
        return rows.first { $0.value.values(of: names, fields) == values }?.key
    }

    private mutating func create(_ row: Int, of write: PreparedWrite, _ fields: FieldSet) -> RowOutcome {
        if let error = write.insertionError(row: row) { return .failed(error) }
        guard write.permitsInsertion(row: row) else { return .failed(.notFound) }
        var new = [RowValue](repeating: .null, count: fields.fields.count)
        for (column, description) in write.columns.enumerated() {
            let cell = write.insertedCell(row: row, column: column)
            if let index = fields.index(of: description.name) { new[index] = write.rows.value(of: cell) ?? .null }
        }
        if let index = fields.versionIndex, let version = write.firstVersion { new[index] = .integer(version) }
        if new[fields.keyIndex].isNull { new[fields.keyIndex] = .integer(lastKey + 1) }
        if let group = conflict(new, fields) { return .failed(.duplicate(group)) }
        insert(new, fields)
        return .created(new[fields.keyIndex])
    }

    private mutating func update(
        _ old: [RowValue], _ row: Int, of write: PreparedWrite, version: Int64?, _ fields: FieldSet
    ) -> RowOutcome {
        guard old.hasVersion(version, fields) else { return .failed(.conflict) }
        guard
            write.permitsUpdate(row: row, existing: { name in fields.index(of: name).map { old[$0] } ?? .null })
        else { return .failed(.notFound) }
        let key = old[fields.keyIndex]
        var new = old
        var isDifferent = false
        for (column, description) in write.columns.enumerated() where description.isUpdated {
            guard let value = write.rows.value(of: write.rows[row, column]),
                let index = fields.index(of: description.name)
            else { continue }
            if description.isCompared, value != old[index] { isDifferent = true }
            new[index] = value
        }
        if case .upsert = write.kind, !isDifferent { return .unchanged(key) }
        new.incrementVersion(fields)
        remove(key, fields)
        if let group = conflict(new, fields) {
            insert(old, fields)
            return .failed(.duplicate(group))
        }
        insert(new, fields)
        return .updated(key)
    }
}

extension [RowValue] {
    /// Returns the values of a unique group, or nil if one is null.
    func values(of group: [String], _ fields: FieldSet) -> [RowValue]? {
        let values = group.compactMap { name in fields.index(of: name).map { self[$0] } }
        return values.contains(.null) ? nil : values
    }

    func hasVersion(_ version: Int64?, _ fields: FieldSet) -> Bool {
        guard let version, let index = fields.versionIndex else { return true }
        return self[index] == .integer(version)
    }

    mutating func incrementVersion(_ fields: FieldSet) {
        guard let index = fields.versionIndex, case .integer(let version) = self[index] else { return }
        self[index] = .integer(version &+ 1)
    }
}
