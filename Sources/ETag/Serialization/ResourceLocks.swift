import ConcurrencySupport
import HTTPSemantics
import Synchronization

/// Named locks that are acquired in the order of arrival. A name that no task holds takes no memory.
final class ResourceLocks: Sendable {
    /// The locks of this process, which are shared because middleware of several routes may update one resource.
    static let shared = ResourceLocks()

    /// The names that the current task holds, or has held.
    @TaskLocal static var held: [ByteText: HeldLock] = [:]

    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct State {
        /// The waiters for each held name.
        var waiting: [ByteText: LockQueue<Waiter>] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// The number of held names.
    var count: Int { state.withLock { $0.waiting.count } }

    /// Returns the number of waiters for a name.
    func waiterCount(for name: ByteText) -> Int { state.withLock { $0.waiting[name]?.count ?? 0 } }

    /// Runs `body` while no other caller holds the name.
    ///
    /// - Throws: Errors of `body`, and `CancellationError` if the task is cancelled while it waits.
    func withLock<Result>(_ name: ByteText, _ body: () async throws -> Result) async throws -> Result {
        try await acquire(name)
        defer { release(name) }
        return try await body()
    }

    private func acquire(_ name: ByteText) async throws {
        let number = state.withLock { state -> Int? in
            guard state.waiting[name] != nil else {
                state.waiting[name] = LockQueue()
                return nil
            }
            state.lastNumber += 1
            return state.lastNumber
        }
        guard let number else { return }
        try await waitCancellably { continuation in
            state.withLock { state in
                guard state.waiting[name] != nil else {
                    state.waiting[name] = LockQueue()
                    return .success(())
                }
                state.waiting[name]?.append(continuation, number: number)
                return nil
            }
        } removing: {
            self.state.withLock { $0.waiting[name]?.remove(number) }
        }
    }

    /// Passes the lock to the next waiter, or frees the name.
    private func release(_ name: ByteText) {
        let next = state.withLock { state -> Waiter? in
            guard let next = state.waiting[name]?.popFirst() else {
                state.waiting[name] = nil
                return nil
            }
            return next
        }
        next?.resume()
    }
}

/// A flag for whether an acquired lock is still held.
final class HeldLock: Sendable {
    private let isReleased = Atomic(false)

    var isHeld: Bool { !isReleased.load(ordering: .acquiring) }

    func release() {
        isReleased.store(true, ordering: .releasing)
    }
}
