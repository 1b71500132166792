/// What happened with one row of a write.
public enum RowOutcome: Sendable, Hashable {
    /// The row was added. The value is its key.
    case created(RowValue)
    /// The row was updated or replaced. The value is its key.
    case updated(RowValue)
    /// The row had all values already. The value is its key.
    case unchanged(RowValue)
    /// The row was removed. The value is its key.
    case deleted(RowValue)
    /// The row was not written.
    case failed(RowError)
    /// The row was not written because another row of an atomic write failed.
    case skipped

    /// The key of the row, or nil if it was not written.
    public var key: RowValue? {
        switch self {
        case .created(let key), .updated(let key), .unchanged(let key), .deleted(let key): key
        case .failed, .skipped: nil
        }
    }

    /// The failure, or nil if there was none.
    public var error: RowError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

/// What happened with each row of a write.
public struct WriteResult: Sendable, Hashable {
    /// The outcome of each row in the order of the rows.
    public let outcomes: [RowOutcome]

    /// The number of added rows.
    public private(set) var createdCount = 0
    /// The number of updated and replaced rows.
    public private(set) var updatedCount = 0
    /// The number of rows that had all values already.
    public private(set) var unchangedCount = 0
    /// The number of removed rows.
    public private(set) var deletedCount = 0
    /// The number of rows that failed.
    public private(set) var failedCount = 0

    /// Creates a result from the outcomes of all rows.
    ///
    /// - Parameters:
    ///   - outcomes: The outcome of each row.
    ///   - isAtomic: Whether a failure keeps all rows from being written. Then the other rows count as skipped if one
    ///     failed.
    public init(_ outcomes: [RowOutcome], isAtomic: Bool = false) {
        let isUndone = isAtomic && outcomes.contains { $0.error != nil }
        self.outcomes = isUndone ? outcomes.map { $0.error == nil ? .skipped : $0 } : outcomes
        for outcome in self.outcomes {
            switch outcome {
            case .created: createdCount += 1
            case .updated: updatedCount += 1
            case .unchanged: unchangedCount += 1
            case .deleted: deletedCount += 1
            case .failed: failedCount += 1
            case .skipped: break
            }
        }
    }

    /// Whether a row was added, changed or removed.
    public var hasChanges: Bool { createdCount + updatedCount + deletedCount > 0 }

    /// The indexes and failures of the rows that failed.
    public var failures: [(row: Int, error: RowError)] {
        outcomes.enumerated().compactMap { row, outcome in outcome.error.map { (row, $0) } }
    }
}
