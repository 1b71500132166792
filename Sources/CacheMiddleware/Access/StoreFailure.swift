/// Why an operation of a store came to nothing.
enum StoreFailure: Error, CustomStringConvertible {
    /// The operation took too long.
    case timedOut(Duration)
    /// The store has failed before and is left alone for a while.
    case skipped

    var description: String {
        switch self {
        case .timedOut(let limit): "the store did not answer within \(limit)"
        case .skipped: "the store has failed repeatedly and is left alone for a while"
        }
    }
}
