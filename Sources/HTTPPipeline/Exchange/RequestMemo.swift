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
    /// The first element of the list.
    private let first = Mutex<MemoNode?>(nil)
    private let lastRevision: Atomic<Int>

    /// Creates an empty memo.
    public convenience init() {
        self.init(lastRevision: 0)
    }

    /// Creates the memo of a request whose exchange has reached a revision.
    init(lastRevision: Int) {
        self.lastRevision = Atomic(lastRevision)
    }

    deinit {
        // Otherwise each element would release the next one from within its own release.
        first.withLock { first in
            while let node = first {
                first = node.next
                node.next = nil
            }
        }
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

    /// Returns an owner's value for an exchange if no waiting is needed for it.
    ///
    /// - Parameters:
    ///   - owner: The owner. All of its values have one type.
    ///   - exchange: The exchange to compute the value for.
    ///   - compute: Computes the value, or returns nil if that requires waiting. It runs as that of the other functions.
    /// - Returns: The value; nil if `compute` returned nil, or another task is computing the value and may be waiting.
    @inlinable
    package func immediateValue<Value: Sendable>(
        of owner: any AnyObject & Sendable, for exchange: Exchange, compute: () -> Value?
    ) -> Value? {
        entry(of: owner, for: exchange).immediateValue(compute: compute)
    }

    /// Returns a revision that no exchange of this request has yet.
    func makeRevision() -> Int {
        lastRevision.add(1, ordering: .relaxed).newValue
    }

    /// Removes every computed value.
    public func removeAll() {
        first.withLock { first in
            var kept: MemoNode?
            while let node = first {
                first = node.next
                node.next = nil
                guard node.revision == Self.everyRevision else { continue }
                node.next = kept
                kept = node
            }
            first = kept
        }
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
        let node =
            node(of: owner, revision: Self.everyRevision)
            ?? insert(MemoObject(make(), owner: owner, revision: Self.everyRevision), of: owner)
        return unsafeDowncast(node, to: MemoObject.self).object
    }

    /// The revision of objects that belong to every exchange of the request.
    private static let everyRevision = -1

    @inlinable
    func entry<Value: Sendable>(of owner: any AnyObject & Sendable, for exchange: Exchange) -> MemoEntry<Value> {
        let revision = exchange.revision
        let node =
            node(of: owner, revision: revision)
            ?? insert(MemoEntry<Value>(owner: owner, revision: revision), of: owner)
        precondition(type(of: node) == MemoEntry<Value>.self, "all values of an owner must have one type")
        return unsafeDowncast(node, to: MemoEntry<Value>.self)
    }

    @usableFromInline
    func node(of owner: any AnyObject & Sendable, revision: Int) -> MemoNode? {
        first.withLock { $0?.first(of: ObjectIdentifier(owner), revision: revision) }
    }

    /// Calls `body` with the element of an owner, under the lock.
    func withNode(of owner: ObjectIdentifier, revision: Int, _ body: (MemoNode) -> Void) {
        first.withLock { first in
            if let node = first?.first(of: owner, revision: revision) { body(node) }
        }
    }

    /// Adds an element unless another task has added one. Returns the element that exists afterwards.
    @usableFromInline
    func insert(_ node: MemoNode, of owner: any AnyObject & Sendable) -> MemoNode {
        first.withLock { first in
            if let found = first?.first(of: ObjectIdentifier(owner), revision: node.revision) { return found }
            node.next = first
            first = node
            return node
        }
    }
}
