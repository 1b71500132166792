/// Why a repository refused an operation as a whole. Nothing was changed.
public enum RepositoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A set-based write would have changed more rows than its maximum.
    case tooManyRows(count: Int, maximum: Int)
    /// The row of a set-based write is invalid or breaks a rule of the database, or a write breaks a rule that the database
    /// checks at the end of the transaction.
    case row(RowError)
    /// The write itself is invalid, for example because its rows have an unknown field.
    case invalidWrite(String)

    /// A message for a developer.
    public var description: String {
        switch self {
        case .tooManyRows(let count, let maximum):
            "the write would change \(count) rows, and the maximum is \(maximum)"
        case .row(let error): "\(error)"
        case .invalidWrite(let message): message
        }
    }
}
