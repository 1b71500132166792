/// How far the value of a ``MemoEntry`` is.
///
/// It does not depend on the type of the value: a lock of a generic type has its type looked up by each request that makes one.
@usableFromInline
enum MemoProgress: Sendable {
    case empty
    case computing(waiting: [Waiter])
    case computed

    /// What one who asked for the value does.
    @usableFromInline
    enum Turn: Sendable {
        case read
        case compute
    }

    /// One who waits for a turn.
    @usableFromInline
    struct Waiter: Sendable {
        let id: WaiterID
        let continuation: CheckedContinuation<Turn, any Error>
    }

    /// What there is to do for somebody who asks now, or nil when that one has to wait.
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

    /// Takes note that the value is there, and returns all who wait for it.
    mutating func finish() -> [Waiter] {
        defer { self = .computed }
        guard case .computing(let waiting) = self else { return [] }
        return waiting
    }

    /// Takes note that the computation failed, and returns who computes next.
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

/// Tells one who waits from the others.
@usableFromInline
final class WaiterID: Sendable {}
