import Synchronization

/// What was computed once for a request and may be used again before it ends.
///
/// A value belongs to an owner, an object compared by identity, and to the route and path parameters it was computed for: a
/// key constructor keeps its key here, so that the middleware for entity tags and the one for cached responses evaluate its
/// bits once. Of concurrent callers one computes and the others wait for it.
///
/// A ``Pipeline`` forgets all values when a handler has run for an unsafe method, because what they were computed from may
/// have changed. A computation that was under way then still answers those who already wait, and nobody after them.
public final class RequestMemo: Sendable {
    private let entries = Mutex<[any MemoEntryProtocol]>([])

    /// Creates an empty memo.
    public init() {}

    /// The value that `owner` computed for the exchange's route and path parameters; computed now if there is none.
    ///
    /// `compute` runs under a lock of this value, so it must not ask for the same value again. It may ask for others.
    ///
    /// - Parameters:
    ///   - owner: Whose value it is. An owner has values of one type.
    ///   - exchange: What it is computed for.
    ///   - compute: Computes it.
    /// - Returns: The value.
    public func value<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange,
        compute: () -> Value
    ) -> Value {
        entry(of: owner, for: exchange).value(compute: compute)
    }

    /// The value that `owner` computed for the exchange's route and path parameters; computed now if there is none.
    ///
    /// When a computation fails its caller gets the error and the next of those who wait computes. A caller that is cancelled
    /// while it waits stops waiting, and the others go on.
    ///
    /// - Parameters:
    ///   - owner: Whose value it is. An owner has values of one type.
    ///   - exchange: What it is computed for.
    ///   - compute: Computes it.
    /// - Returns: The value.
    /// - Throws: What `compute` throws, and `CancellationError` when this caller is cancelled while it waits.
    public func value<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange,
        compute: () async throws -> Value
    ) async throws -> Value {
        try await entry(of: owner, for: exchange).value(compute: compute)
    }

    /// Forgets every value.
    public func removeAll() {
        entries.withLock { $0.removeAll(keepingCapacity: true) }
    }

    private func entry<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange
    ) -> MemoEntry<Value> {
        entries.withLock { entries in
            for entry in entries where entry.owner === owner && entry.isFor(exchange) {
                precondition(entry.valueType == Value.self, "an owner has values of one type")
                return unsafeDowncast(entry, to: MemoEntry<Value>.self)
            }
            let entry = MemoEntry<Value>(owner: owner, exchange: exchange)
            entries.append(entry)
            return entry
        }
    }
}
