/// Why an operation of a store outside the process came to nothing, when the store itself did not say it.
public struct StoreFailure: Error, Hashable {
    private enum Reason: Hashable {
        case timedOut(Duration)
        case skipped
        case noTime
    }

    private let reason: Reason

    /// The operation took too long.
    public static func timedOut(_ limit: Duration) -> StoreFailure { StoreFailure(reason: .timedOut(limit)) }
    /// The store has failed before and is left alone for a while.
    public static let skipped = StoreFailure(reason: .skipped)

    /// The store was not asked, because what was asked before has taken all the time of the request.
    public static let noTime = StoreFailure(reason: .noTime)

    /// Whether the store was not asked at all.
    var isOmission: Bool { self == .skipped || self == .noTime }
}

extension StoreFailure: CustomStringConvertible {
    /// What happened, for logs.
    public var description: String {
        switch reason {
        case .timedOut(let limit): "the store did not answer within \(limit)"
        case .noTime: "the request has no time left for the store"
        case .skipped: "the store has failed repeatedly and is left alone for a while"
        }
    }
}
