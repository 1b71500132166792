/// A change of single rows, as a value that a ``Repository`` carries out in one transaction.
public struct RowWrite: Sendable {
    /// What happens with each row.
    public enum Kind: Sendable, Hashable {
        /// Adds the row. Fields without a value get their default. The repository assigns an integer key that is not given.
        case create
        /// Sets the given fields of the row with the key.
        case update
        /// Sets all fields that clients write of the row with the key. Those without a value get their default.
        case replace
        /// Removes the row with the key.
        case delete
        /// Adds the row, or sets fields of the row with the same values in some unique fields.
        ///
        /// `uniqueBy` has the names of those fields; each row must have a value for each that is not null. `updating` has
        /// the names of the fields to set in an existing row, or is nil for all given fields. An existing row that has
        /// all these values already is left as it is, and its outcome is ``RowOutcome/unchanged(_:)``.
        case upsert(uniqueBy: [String], updating: [String]? = nil)
    }

    /// What happens with each row.
    public var kind: Kind

    /// The rows. For updates, replacements and deletions they have the key.
    public var rows: RowBatch

    /// The rows that may be updated, replaced or deleted. Others are not found. It restricts new rows only if ``keepsScope`` is true.
    public var scope: Selection

    /// Whether a row also fails, as not found, if it would be outside of the scope after the write. False by default.
    public var keepsScope = false

    /// Whether a failed row keeps all rows from being written.
    public var isAtomic: Bool

    /// The expected version of each row, or nil for any. A row with another version fails with a conflict. Versions do
    /// not apply to new rows.
    public var versions: [Int64?]?

    /// Is called in the transaction of the write, after its rows, with their outcomes. What it throws undoes the write. It is not called for
    /// an atomic write with a failed row, nor by repositories without transactions.
    public var completion: (@Sendable (WriteResult, any RepositoryTransaction) throws -> Void)?

    /// Creates a write.
    ///
    /// - Parameters:
    ///   - kind: What happens with each row.
    ///   - rows: The rows.
    ///   - scope: The rows that may be updated, replaced or deleted.
    ///   - isAtomic: Whether a failed row keeps all rows from being written.
    ///   - versions: The expected version of each row, or nil for any.
    public init(
        _ kind: Kind, _ rows: RowBatch, scope: Selection = .all, isAtomic: Bool = true, versions: [Int64?]? = nil
    ) {
        self.kind = kind
        self.rows = rows
        self.scope = scope
        self.isAtomic = isAtomic
        self.versions = versions
    }

    /// Returns the expected version of a row, or nil for any.
    public func version(row: Int) -> Int64? {
        guard let versions, row < versions.count else { return nil }
        return versions[row]
    }
}

/// A transaction of a repository. Code that knows the database casts it to the type that has the connection.
public protocol RepositoryTransaction {}
