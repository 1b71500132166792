import Synchronization

/// What was computed once for a request and may be used again before it ends.
///
/// Values belong to an owner, an object compared by identity: a key constructor keeps its key here, so that the
/// middleware for entity tags and the one for cached responses evaluate its bits once. A ``Pipeline`` forgets all
/// of them when a handler has run for an unsafe method, because what they were computed from may have changed.
public final class RequestMemo: Sendable {
    private struct Entry: Sendable {
        // The owner is kept alive: a freed object's address could be given to another owner within the request.
        let owner: any AnyObject & Sendable
        let value: any Sendable
    }

    private let entries = Mutex<[Entry]>([])

    /// Creates an empty memo.
    public init() {}

    /// The value that `owner` stored, when there is one of this type. O(number of owners in this request).
    public func value<Value: Sendable>(of owner: AnyObject, as type: Value.Type = Value.self) -> Value? {
        entries.withLock { entries in
            for entry in entries where entry.owner === owner {
                if let value = entry.value as? Value { return value }
            }
            return nil
        }
    }

    /// Keeps `value` for `owner` until the request ends or ``removeAll()``. A value stored before is replaced.
    public func store(_ value: some Sendable, of owner: any AnyObject & Sendable) {
        entries.withLock { entries in
            entries.removeAll { $0.owner === owner }
            entries.append(Entry(owner: owner, value: value))
        }
    }

    /// Forgets every value.
    public func removeAll() {
        entries.withLock { $0.removeAll(keepingCapacity: true) }
    }
}
