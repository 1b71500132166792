import Synchronization

/// What was computed once for a request and may be used again before it ends.
///
/// A value belongs to an owner, an object compared by identity, and to the exchange it was computed for: a key constructor keeps
/// its key here, so that the middleware for entity tags and the one for cached responses evaluate its bits once. A middleware
/// between them that changes the exchange makes it another one, with another value. Of concurrent callers one computes and the
/// others wait for it.
///
/// A ``Pipeline`` forgets all values when a handler has run for an unsafe method, because what they were computed from may
/// have changed. A computation that was under way then still answers those who already wait, and nobody after them.
public final class RequestMemo: Sendable {
    /// A class, so that looking at one copies nothing.
    private final class Entry: Sendable {
        // The owner is kept alive: a freed object's address could be given to another owner within the request.
        let owner: any AnyObject & Sendable
        let revision: Int
        let value: any AnyObject & Sendable

        init(owner: any AnyObject & Sendable, revision: Int, value: any AnyObject & Sendable) {
            self.owner = owner
            self.revision = revision
            self.value = value
        }

        func `is`(of owner: ObjectIdentifier, revision: Int) -> Bool {
            ObjectIdentifier(self.owner) == owner && self.revision == revision
        }
    }

    private let entries = Mutex<[Entry]>([])
    private let lastRevision: Atomic<Int>
    private let storeNanoseconds = Atomic<Int64>(0)
    private let slowStores = Mutex<[any SlowStore]>([])

    /// Creates an empty memo.
    public convenience init() {
        self.init(lastRevision: 0)
    }

    /// Creates the memo of a request whose exchange has had revisions up to this one.
    init(lastRevision: Int) {
        self.lastRevision = Atomic(lastRevision)
    }

    /// The value that `owner` computed for this exchange; computed now if there is none.
    ///
    /// `compute` runs under a lock of this value, so it must not ask for the same value again. It may ask for others.
    ///
    /// - Parameters:
    ///   - owner: Whose value it is. An owner has values of one type.
    ///   - exchange: What it is computed for.
    ///   - compute: Computes it.
    /// - Returns: The value.
    @inlinable
    public func value<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange,
        compute: () -> Value
    ) -> Value {
        entry(of: owner, for: exchange).value(compute: compute)
    }

    /// The value that `owner` computed for this exchange; computed now if there is none.
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
    @inlinable
    public func value<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange,
        compute: () async throws -> Value
    ) async throws -> Value {
        try await entry(of: owner, for: exchange).value(compute: compute)
    }

    /// A number that no exchange of this request has.
    func makeRevision() -> Int {
        lastRevision.add(1, ordering: .relaxed).newValue
    }

    /// Forgets every value.
    public func removeAll() {
        entries.withLock { $0.removeAll(keepingCapacity: true) }
    }

    /// The time that the request has waited for stores outside the process, which it does only for so long, whatever it asks them.
    package var storeTime: Duration { .nanoseconds(storeNanoseconds.load(ordering: .relaxed)) }

    /// Adds to ``storeTime``.
    package func addStoreTime(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        storeNanoseconds.wrappingAdd(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000, ordering: .relaxed)
    }

    /// Takes note of a store that has answered, but so late that there may be no time left for what comes after it.
    package func addSlowStore(_ store: any SlowStore) {
        slowStores.withLock { $0.append(store) }
    }

    /// Tells the slow stores, once, that there was no time left.
    ///
    /// - Returns: Whether there are any.
    package func blameSlowStores() -> Bool {
        let stores = slowStores.withLock { stores in
            defer { stores = [] }
            return stores
        }
        for store in stores { store.usedUpTime() }
        return !stores.isEmpty
    }

    @inlinable
    func entry<Value: Sendable>(of owner: any AnyObject & Sendable, for exchange: Exchange) -> MemoEntry<Value> {
        let entry = object(of: owner, for: exchange) ?? insert(MemoEntry<Value>(), of: owner, for: exchange)
        precondition(type(of: entry) == MemoEntry<Value>.self, "an owner has values of one type")
        return unsafeDowncast(entry, to: MemoEntry<Value>.self)
    }

    @usableFromInline
    func object(of owner: any AnyObject & Sendable, for exchange: Exchange) -> (any AnyObject & Sendable)? {
        let owner = ObjectIdentifier(owner)
        return entries.withLock { entries in
            for index in entries.indices where entries[index].is(of: owner, revision: exchange.revision) {
                return entries[index].value
            }
            return nil
        }
    }

    /// Hands `body` what ``object(of:for:)`` returns, under the lock and without counting a reference.
    func withObject(of owner: ObjectIdentifier, revision: Int, _ body: (AnyObject) -> Void) {
        entries.withLock { entries in
            for index in entries.indices where entries[index].is(of: owner, revision: revision) {
                return body(entries[index].value)
            }
        }
    }

    /// Adds an entry unless somebody else has added one meanwhile; returns the one that is there then.
    @usableFromInline
    func insert(
        _ value: any AnyObject & Sendable,
        of owner: any AnyObject & Sendable,
        for exchange: Exchange
    ) -> any AnyObject & Sendable {
        entries.withLock { entries in
            let found = entries.first { $0.is(of: ObjectIdentifier(owner), revision: exchange.revision) }
            if let found { return found.value }
            entries.append(Entry(owner: owner, revision: exchange.revision, value: value))
            return value
        }
    }
}
