import Repositories

/// The items of a part of a chunk: the valid rows, and the problems of the others.
struct ChunkItems {
    private(set) var rows: RowBatch
    /// The index in the operation of each row's item.
    private(set) var indexes: [Int]
    /// The physical line of each row's item, or an empty array if it is unknown.
    private(set) var lines: [Int]
    /// The expected version of each row, or nil if no item has one.
    private(set) var versions: [Int64?]?
    private(set) var failures: [ItemFailure]

    /// Reads a part.
    ///
    /// - Throws: `JSONSyntaxError` and `CSVError` for bytes that the upload has not accepted.
    init(_ part: ChunkPart, of request: OperationRequest, in fields: FieldSet) throws {
        let chunk = part.chunk
        let items = (part.items.lowerBound + chunk.firstIndex)..<(part.items.upperBound + chunk.firstIndex)
        switch request.format {
        case .json:
            let reading = try RowJSONReader(fields, options: request.jsonOptions(fields)).readArray(chunk.bytes)
            rows = reading.rows
            indexes = reading.indexes.map { $0 + chunk.firstIndex }
            lines = []
            versions = reading.versions
            failures = reading.problems.map {
                ItemFailure(index: $0.index + chunk.firstIndex, code: "invalid", errors: $0.errors)
            }
        case .csv(let source):
            guard
                let reading = try source.read(chunk, options: request.csvOptions(fields, source.parameters), fields)
            else { throw CSVError.noRows }
            rows = reading.rows
            (indexes, lines, versions) = (reading.indexes, reading.lines, reading.versions)
            failures = reading.failures.map { row in
                ItemFailure(
                    index: row.index, line: row.line, code: row.problems.first?.code.rawValue ?? "invalid",
                    errors: row.errors)
            }
        }
        if versions?.contains(where: { $0 != nil }) != true { versions = nil }
        failures.removeAll { !items.contains($0.index) }
        keep(indexes.indices.filter { items.contains(indexes[$0]) })
        for (field, value) in request.bound { bind(field, to: value) }
    }

    /// The index in the operation of a row's item, and its line if it is known.
    func position(of row: Int) -> (index: Int, line: Int?) {
        (indexes[row], lines.isEmpty ? nil : lines[row])
    }

    /// Gives all rows the value that the path implies.
    private mutating func bind(_ field: String, to value: RowValue) {
        var kept: [Int] = []
        for row in 0..<rows.rowCount {
            guard let given = rows.value(row: row, field: field), given != value else {
                kept.append(row)
                continue
            }
            let (index, line) = position(of: row)
            let errors = FieldErrors(field: field, "This field must have the key of the parent.")
            failures.append(ItemFailure(index: index, line: line, code: "invalid", errors: errors))
        }
        keep(kept)
        rows = rows.setting(field, to: value)
    }

    private mutating func keep(_ kept: [Int]) {
        guard kept.count < rows.rowCount else { return }
        rows = rows.selecting(rows: kept)
        indexes = kept.map { indexes[$0] }
        if !lines.isEmpty { lines = kept.map { lines[$0] } }
        versions = versions.map { versions in kept.map { versions[$0] } }
    }
}

extension OperationRequest {
    /// The options of a reader of items in JSON.
    func jsonOptions(_ fields: FieldSet) -> RowJSONReader.Options {
        var options = RowJSONReader.Options(isPartial: isPartial)
        options.reportsUnknownMembers = true
        options.readsKey = readsKey(fields)
        options.readsVersions = kind.hasVersions && fields.version != nil
        options.suppliedFields = Set(bound.keys)
        options.itemsAreKeys = kind.itemsAreKeys
        return options
    }

    /// The options of a reader of items in CSV.
    func csvOptions(_ fields: FieldSet, _ parameters: CSVSource.Parameters) -> CSVRowReader.Options {
        var options = CSVRowReader.Options(isPartial: isPartial)
        parameters.apply(to: &options)
        options.readsKey = readsKey(fields)
        options.readsVersions = kind.hasVersions && fields.version != nil
        options.suppliedFields = Set(bound.keys)
        // Only the keys matter, so a file that was exported can be sent as it is.
        if kind.itemsAreKeys { options.ignoresUnknownColumns = true }
        return options
    }

    /// Whether items need not have all fields.
    private var isPartial: Bool {
        switch kind {
        case .create, .replace: false
        case .update, .delete, .upsert, .get: true
        }
    }

    private func readsKey(_ fields: FieldSet) -> Bool {
        switch kind {
        case .create: false
        case .update, .replace, .delete, .get: true
        case .upsert(let unique, _): unique.contains(fields.key.name)
        }
    }
}

extension OperationRequest.Kind {
    /// Whether the items are keys.
    var itemsAreKeys: Bool { self == .delete || self == .get }

    /// Whether items can have the version that a row is expected to have.
    var hasVersions: Bool { self != .create && self != .get }
}
