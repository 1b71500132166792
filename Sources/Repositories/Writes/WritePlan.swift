/// The columns that a write has after it is completed, and where they come from.
struct WritePlan {
    /// Where the cells of a column come from.
    enum Source: Equatable {
        /// A column of the given rows.
        case given(Int)
        /// The same cell in every row.
        case constant(Cell)
    }

    private(set) var columns: [PreparedWrite.Column] = []
    private(set) var sources: [Source] = []
    /// Whether the completed columns are the given ones.
    private(set) var isIdentity = false
    /// Whether the repository assigns keys that are not given.
    let assignsKey: Bool

    private let fields: FieldSet
    private let given: [String]

    /// - Throws: ``RepositoryError/invalidWrite(_:)``.
    init(_ write: RowWrite, in fields: FieldSet) throws(RepositoryError) {
        self.fields = fields
        given = write.rows.columns
        assignsKey = fields.key.type == .integer
        for (index, name) in given.enumerated() {
            guard fields[name] != nil else { throw .invalidWrite("the rows have an unknown field \"\(name)\"") }
            guard !given[..<index].contains(name) else {
                throw .invalidWrite("the rows have the field \"\(name)\" twice")
            }
        }
        if let versions = write.versions, versions.count != write.rows.rowCount {
            throw .invalidWrite("there are \(versions.count) expected versions for \(write.rows.rowCount) rows")
        }
        switch write.kind {
        case .delete:
            try requireKey()
            add(fields.key, isUpdated: false)
        case .update:
            try requireKey()
            addGiven { _ in true }
            addComputed(isNew: false)
        case .replace:
            try requireKey()
            addGiven { _ in true }
            for field in fields.fields where field.isWritable && !field.isKey { add(field, isUpdated: true) }
            addComputed(isNew: false)
        case .create:
            addGiven { _ in true }
            addDefaulted()
            addComputed(isNew: true)
        case .upsert(let unique, let updating):
            guard !unique.isEmpty else { throw .invalidWrite("an upsert needs at least one unique field") }
            for name in unique + (updating ?? []) where !given.contains(name) {
                throw .invalidWrite("the rows have no field \"\(name)\"")
            }
            addGiven { name in !unique.contains(name) && (updating?.contains(name) ?? true) }
            addDefaulted()
            addComputed(isNew: true)
        }
        isIdentity = columns.count == given.count && sources.enumerated().allSatisfy { $1 == .given($0) }
    }

    private func requireKey() throws(RepositoryError) {
        guard given.contains(fields.key.name) else {
            throw .invalidWrite("the rows have no field \"\(fields.key.name)\"")
        }
    }

    /// Adds a field unless it is there, with the given cells or else absent ones.
    private mutating func add(_ field: FieldDescription, isUpdated: Bool, isCompared: Bool = true) {
        guard !columns.contains(where: { $0.name == field.name }) else { return }
        let isUpdated = isUpdated && !field.isKey
        columns.append(
            .init(name: field.name, isUpdated: isUpdated, isCompared: isUpdated && isCompared, isKey: field.isKey))
        sources.append(given.firstIndex(of: field.name).map { .given($0) } ?? .constant(.absent))
    }

    /// Adds the given fields except those that only the server writes.
    private mutating func addGiven(isUpdated: (String) -> Bool) {
        for name in given {
            guard let field = fields[name], !field.isVersion, field.computation == nil else { continue }
            add(field, isUpdated: isUpdated(name))
        }
    }

    /// Adds the fields of new rows that have a default or must be given. A field that clients do not write and that has no
    /// default is left to the database.
    private mutating func addDefaulted() {
        for field in fields.fields where !field.isVersion && field.computation == nil {
            let isLeft = field.isKey ? assignsKey : !field.isWritable && field.defaultValue == nil
            if !isLeft { add(field, isUpdated: false) }
        }
    }

    /// Adds the fields that the server computes.
    private mutating func addComputed(isNew: Bool) {
        for field in fields.fields {
            switch field.computation {
            case .source(let source, _):
                guard let column = columns.first(where: { $0.name == source }) else { continue }
                add(field, isUpdated: column.isUpdated, isCompared: false)
            case .everyWrite: add(field, isUpdated: true, isCompared: false)
            case .creation: if isNew { add(field, isUpdated: false) }
            case nil: break
            }
        }
    }
}

extension RowBatch {
    /// Returns the rows with other columns and the same text.
    func rearranged(_ columns: [String], _ sources: [WritePlan.Source]) -> RowBatch {
        var batch = RowBatch(columns: columns, sharingTextOf: self, rowCapacity: rowCount)
        for row in 0..<rowCount {
            for source in sources {
                switch source {
                case .given(let column): batch.append(cell: self[row, column])
                case .constant(let cell): batch.append(cell: cell)
                }
            }
        }
        return batch
    }
}
