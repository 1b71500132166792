import Synchronization

/// Values that are computed once per request.
///
/// A value belongs to an owner, an object compared by identity, and to the exchange it was computed for. A key constructor keeps its
/// key here, so that `ETagMiddleware` and `CacheResponseMiddleware` evaluate its bits once. A middleware between them that changes
/// the exchange gets a value of its own. When several tasks ask for a value, one computes it and the others wait.
///
/// A ``Pipeline`` removes all values when the handler of an unsafe method has run, because their inputs may have changed. A
/// computation that is running then serves only the tasks that already wait for it.
public final class RequestMemo: Sendable {
    /// A class, so that reading an entry copies nothing.
    private final class Entry: Sendable {
        // Retained: the address of a freed owner could be reused by another one during the request.
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

    /// Creates an empty memo.
    public convenience init() {
        self.init(lastRevision: 0)
    }

    /// Creates the memo of a request whose exchange has reached a revision.
    init(lastRevision: Int) {
        self.lastRevision = Atomic(lastRevision)
    }

    /// Returns an owner's value for an exchange, and computes it if necessary.
    ///
    /// `compute` runs under a lock of this value, so it must not ask for the same value again. It may ask for others.
    ///
    /// - Parameters:
    ///   - owner: The owner. All of its values have one type.
    ///   - exchange: The exchange to compute the value for.
    ///   - compute: Computes the value.
    /// - Returns: The value.
    @inlinable
    public func value<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange,
        compute: () -> Value
    ) -> Value {
        entry(of: owner, for: exchange).value(compute: compute)
    }

    /// Returns an owner's value for an exchange, and computes it if necessary.
    ///
    /// When a computation fails, its caller gets the error and the next waiter computes. A waiter that is cancelled stops waiting; the
    /// others are not affected.
    ///
    /// - Parameters:
    ///   - owner: The owner. All of its values have one type.
    ///   - exchange: The exchange to compute the value for.
    ///   - compute: Computes the value.
    /// - Returns: The value.
    /// - Throws: The error of `compute`, and `CancellationError` when the caller is cancelled while it waits.
    @inlinable
    public func value<Value: Sendable>(
        of owner: any AnyObject & Sendable,
        for exchange: Exchange,
        compute: () async throws -> Value
    ) async throws -> Value {
        try await entry(of: owner, for: exchange).value(compute: compute)
    }

    /// Returns a revision that no exchange of this request has yet.
    func makeRevision() -> Int {
        lastRevision.add(1, ordering: .relaxed).newValue
    }

    /// Removes every computed value.
    public func removeAll() {
        entries.withLock { $0.removeAll { $0.revision != Self.everyRevision } }
    }

    /// Returns the object that an owner keeps for the whole request; created on first use.
    ///
    /// Unlike a computed value it belongs to every exchange of the request, and ``removeAll()`` keeps it.
    ///
    /// - Parameters:
    ///   - owner: The owner. It has objects of one type.
    ///   - make: Creates the object. It may be called although another task creates it at the same time; all callers get one object.
    /// - Returns: The object.
    package func requestObject(
        of owner: any AnyObject & Sendable, make: () -> any AnyObject & Sendable
    ) -> any AnyObject & Sendable {
        object(of: owner, revision: Self.everyRevision) ?? insert(make(), of: owner, revision: Self.everyRevision)
    }

    /// The revision of objects that belong to every exchange of the request.
    private static let everyRevision = -1

    @inlinable
    func entry<Value: Sendable>(of owner: any AnyObject & Sendable, for exchange: Exchange) -> MemoEntry<Value> {
        let revision = exchange.revision
        let entry = object(of: owner, revision: revision) ?? insert(MemoEntry<Value>(), of: owner, revision: revision)
        precondition(type(of: entry) == MemoEntry<Value>.self, "all values of an owner must have one type")
        return unsafeDowncast(entry, to: MemoEntry<Value>.self)
    }

    @usableFromInline
    func object(of owner: any AnyObject & Sendable, revision: Int) -> (any AnyObject & Sendable)? {
        let owner = ObjectIdentifier(owner)
        return entries.withLock { entries in
            for index in entries.indices where entries[index].is(of: owner, revision: revision) {
                return entries[index].value
            }
            return nil
        }
    }

    /// Calls `body` with the result of ``object(of:revision:)``, under the lock and without retaining it.
    func withObject(of owner: ObjectIdentifier, revision: Int, _ body: (AnyObject) -> Void) {
        entries.withLock { entries in
            for index in entries.indices where entries[index].is(of: owner, revision: revision) {
                return body(entries[index].value)
            }
        }
    }

    /// Adds an entry unless another task has added one. Returns the value of the entry that exists afterwards.
    @usableFromInline
    func insert(
        _ value: any AnyObject & Sendable,
        of owner: any AnyObject & Sendable,
        revision: Int
    ) -> any AnyObject & Sendable {
        entries.withLock { entries in
            let found = entries.first { $0.is(of: ObjectIdentifier(owner), revision: revision) }
            if let found { return found.value }
            entries.append(Entry(owner: owner, revision: revision, value: value))
            return value
        }
    }
}
