/// An operation on a store outside the process that the cache ended or did not start.
public struct StoreFailure: Error, Hashable {
    private enum Reason: Hashable {
        case timedOut(Duration)
        case skipped
        case noTime
    }

    private let reason: Reason

    /// Returns the failure of an operation that did not end within its time limit.
    public static func timedOut(_ limit: Duration) -> StoreFailure { StoreFailure(reason: .timedOut(limit)) }
    /// The circuit breaker is open because the store has failed repeatedly.
    public static let skipped = StoreFailure(reason: .skipped)

    /// The request has used up its time for store operations.
    public static let noTime = StoreFailure(reason: .noTime)

    /// Whether the operation was not started.
    var isOmission: Bool { self == .skipped || self == .noTime }
}

extension StoreFailure: CustomStringConvertible {
    /// The reason, for logs.
    public var description: String {
        switch reason {
        case .timedOut(let limit): "timed out after \(limit)"
        case .noTime: "the request has no time left for store operations"
        case .skipped: "circuit breaker is open"
        }
    }
}
