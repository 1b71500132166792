import HTTPSemantics
import Synchronization

/// Locks by name, waited for in the order of arrival. A name that nobody holds takes no memory.
final class ResourceLocks: Sendable {
    /// The locks of this process: middleware of several routes may update one resource.
    static let shared = ResourceLocks()

    /// The names that the present task holds, or held.
    @TaskLocal static var held: [ByteText: HeldLock] = [:]

    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct State {
        /// Those who wait for each name that is held.
        var waiting: [ByteText: LockQueue<Waiter>] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// How many names are held.
    var count: Int { state.withLock { $0.waiting.count } }

    /// How many wait for a name.
    func waiterCount(for name: ByteText) -> Int { state.withLock { $0.waiting[name]?.count ?? 0 } }

    /// Runs `body` while nobody else holds the name.
    ///
    /// - Throws: What `body` throws, and `CancellationError` when the task is cancelled while it waits.
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
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait(for: name, $0, number: number) }
        } onCancel: {
            cancel(number, for: name)
        }
    }

    private func wait(for name: ByteText, _ waiter: Waiter, number: Int) {
        let immediate = state.withLock { state -> Result<Void, any Error>? in
            // Cancelled before this point the handler found nobody to cancel.
            if Task.isCancelled { return .failure(CancellationError()) }
            guard state.waiting[name] != nil else {
                state.waiting[name] = LockQueue()
                return .success(())
            }
            state.waiting[name]?.append(waiter, number: number)
            return nil
        }
        if let immediate { waiter.resume(with: immediate) }
    }

    private func cancel(_ number: Int, for name: ByteText) {
        let cancelled = state.withLock { $0.waiting[name]?.remove(number) }
        cancelled?.resume(throwing: CancellationError())
    }

    /// Hands the lock to the next who waits, or frees the name.
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
