/// The state of a ``MemoEntry`` and its waiters.
///
/// It is independent of the type of the value. A `Mutex` of a generic type would look up its type metadata in each request.
@usableFromInline
enum MemoProgress: Sendable {
    case empty
    case computing(waiting: [Waiter])
    case computed

    /// What a caller does next.
    @usableFromInline
    enum Turn: Sendable {
        case read
        case compute
    }

    /// A caller that waits for its turn.
    @usableFromInline
    struct Waiter: Sendable {
        let id: WaiterID
        let continuation: CheckedContinuation<Turn, any Error>
    }

    /// Returns what a new caller does, or nil when it has to wait.
    mutating func turn() -> Turn? {
        switch self {
        case .computed:
            return .read
        case .empty:
            self = .computing(waiting: [])
            return .compute
        case .computing:
            return nil
        }
    }

    mutating func add(_ waiter: Waiter) {
        guard case .computing(var waiting) = self else { return }
        self = .empty
        waiting.append(waiter)
        self = .computing(waiting: waiting)
    }

    mutating func remove(_ id: WaiterID) -> Waiter? {
        guard case .computing(var waiting) = self, let index = waiting.firstIndex(where: { $0.id === id }) else {
            return nil
        }
        let waiter = waiting.remove(at: index)
        self = .computing(waiting: waiting)
        return waiter
    }

    /// Records that the value has been computed. Returns the waiters.
    mutating func finish() -> [Waiter] {
        defer { self = .computed }
        guard case .computing(let waiting) = self else { return [] }
        return waiting
    }

    /// Records that the computation failed. Returns the waiter that computes next.
    mutating func passOn() -> Waiter? {
        guard case .computing(var waiting) = self, !waiting.isEmpty else {
            self = .empty
            return nil
        }
        let next = waiting.removeFirst()
        self = .computing(waiting: waiting)
        return next
    }
}

/// Identifies a waiter.
@usableFromInline
final class WaiterID: Sendable {}
