/// Why an operation of a store outside the process came to nothing, when the store itself did not say it.
public struct StoreFailure: Error, Hashable {
    private enum Reason: Hashable {
        case timedOut(Duration)
        case skipped
    }

    private let reason: Reason

    /// The operation took too long.
    public static func timedOut(_ limit: Duration) -> StoreFailure { StoreFailure(reason: .timedOut(limit)) }
    /// The store has failed before and is left alone for a while.
    public static let skipped = StoreFailure(reason: .skipped)

    /// The store was not asked, because others have taken all the time of the request.
    static let noTime = timedOut(.zero)
}

extension StoreFailure: CustomStringConvertible {
    /// What happened, for logs.
    public var description: String {
        switch reason {
        case .timedOut(let limit): "the store did not answer within \(limit)"
        case .skipped: "the store has failed repeatedly and is left alone for a while"
        }
    }
}
