public import Repositories

/// What happened with the items of a part of a chunk.
public struct ChunkOutcome: Sendable, Hashable {
    /// What happened with an item that succeeded.
    public struct Success: Sendable, Hashable {
        /// What happened.
        public enum Kind: UInt8, Sendable, Hashable, CaseIterable {
            case created, updated, unchanged, deleted, read
        }

        /// The index of the item in the operation.
        public var index: Int
        /// What happened.
        public var kind: Kind
        /// The key of the row.
        public var key: RowValue

        /// Creates the outcome of one item.
        public init(index: Int, _ kind: Kind, key: RowValue) {
            (self.index, self.kind, self.key) = (index, kind, key)
        }
    }

    /// The items that succeeded, in order.
    public var successes: [Success] = []
    /// The items that failed, in order.
    public var failures: [ItemFailure] = []
    /// The rows that were read, as JSON.
    public var rows: String?

    /// Creates the outcome of no items.
    public init() {}

    /// Adds the numbers of items to counts.
    public func add(to counts: inout BulkOperation.Counts) {
        for success in successes {
            switch success.kind {
            case .created: counts.created += 1
            case .updated: counts.updated += 1
            case .unchanged: counts.unchanged += 1
            case .deleted: counts.deleted += 1
            case .read: counts.read += 1
            }
        }
        counts.failed += failures.count
    }
}

/// An item that failed.
public struct ItemFailure: Sendable, Hashable, Codable {
    /// The index of the item in the operation.
    public var index: Int
    /// The physical line on which the item begins, for CSV.
    public var line: Int?
    /// The kind of the failure, such as `invalid` or `duplicate`.
    public var code: String
    /// The name of the field, if the failure is about one field.
    public var field: String?
    /// The messages by field, or by `non_field_errors`.
    public var errors: [String: [String]]

    /// Creates a failure.
    public init(index: Int, line: Int? = nil, code: String, errors: FieldErrors) {
        (self.index, self.line, self.code) = (index, line, code)
        self.errors = [:]
        for entry in errors.entries { self.errors[entry.field] = entry.messages }
        let field = errors.entries.first?.field
        self.field = field == FieldErrors.nonFieldName ? nil : field
    }
}
