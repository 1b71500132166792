import HTTPPipeline
import Synchronization

/// The time that one request spends waiting for stores outside the process.
///
/// The limit applies to all store operations of a request together. A slow operation may leave too little time for the next one, so
/// the budget remembers the stores of slow operations: the circuit breaker of such a store counts the failure.
final class StoreBudget: Sendable {
    private let nanoseconds = Atomic<Int64>(0)
    private let slowStores = Mutex<[StoreGuard]>([])

    /// The time spent so far.
    var spent: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }

    /// Adds the time of an operation.
    func spend(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        nanoseconds.wrappingAdd(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000, ordering: .relaxed)
    }

    /// Records that an operation of a store succeeded but was slow.
    func recordSlowOperation(of store: StoreGuard) {
        slowStores.withLock { $0.append(store) }
    }

    /// Reports a failure to the stores of slow operations, once, because no time was left for another operation.
    ///
    /// - Returns: Whether any store was slow.
    @discardableResult
    func reportExhaustion() -> Bool {
        let stores = slowStores.withLock { stores in
            defer { stores = [] }
            return stores
        }
        for store in stores { store.recordFailure() }
        return !stores.isEmpty
    }
}

extension Exchange {
    /// The budget of the request, shared by all copies of its exchange.
    var storeBudget: StoreBudget {
        let object = memo.requestObject(of: StoreBudgetOwner.shared) { StoreBudget() }
        return unsafeDowncast(object, to: StoreBudget.self)
    }
}

/// The identity of the budget among the objects of a request.
private final class StoreBudgetOwner: Sendable {
    static let shared = StoreBudgetOwner()
}
