import Synchronization

/// The time that a store may still take of one request, which its operations share: a store that is slow each time does not hold a
/// request longer than one that does not answer at all.
final class StoreBudget: Sendable {
    private let limit: Duration
    private let spent = Atomic<Int64>(0)

    init(_ limit: Duration) {
        self.limit = limit
    }

    /// The time that is left.
    var remaining: Duration {
        max(.zero, limit - .nanoseconds(spent.load(ordering: .relaxed)))
    }

    /// Takes note of time that was spent.
    func spend(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        spent.wrappingAdd(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000, ordering: .relaxed)
    }
}
