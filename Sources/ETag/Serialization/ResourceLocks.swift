import Synchronization

/// Locks by name, waited for in the order of arrival. A name that nobody holds takes no memory.
final class ResourceLocks: Sendable {
    /// The locks of this process: middleware of several routes may update one resource.
    static let shared = ResourceLocks()

    /// The names that the present task holds, or held.
    @TaskLocal static var held: [String: HeldLock] = [:]

    private struct Waiter {
        let id: WaiterID
        let continuation: CheckedContinuation<Void, any Error>
    }

    private final class WaiterID: Sendable {}

    /// Those who wait for each name that is held.
    private let waiting = Mutex<[String: [Waiter]]>([:])

    /// How many names are held.
    var count: Int { waiting.withLock { $0.count } }

    /// How many wait for a name.
    func waiterCount(for name: String) -> Int { waiting.withLock { $0[name]?.count ?? 0 } }

    /// Runs `body` while nobody else holds the name.
    ///
    /// - Throws: What `body` throws, and `CancellationError` when the task is cancelled while it waits.
    func withLock<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        try await acquire(name)
        defer { release(name) }
        return try await body()
    }

    private func acquire(_ name: String) async throws {
        let isFree = waiting.withLock { waiting in
            guard waiting[name] == nil else { return false }
            waiting[name] = []
            return true
        }
        guard !isFree else { return }
        let id = WaiterID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(for: name, Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            cancel(id, for: name)
        }
    }

    private func wait(for name: String, _ waiter: Waiter) {
        let immediate = waiting.withLock { waiting -> Result<Void, any Error>? in
            // Cancelled before this point the handler found nobody to cancel.
            if Task.isCancelled { return .failure(CancellationError()) }
            guard waiting[name] != nil else {
                waiting[name] = []
                return .success(())
            }
            waiting[name]?.append(waiter)
            return nil
        }
        if let immediate { waiter.continuation.resume(with: immediate) }
    }

    private func cancel(_ id: WaiterID, for name: String) {
        let cancelled = waiting.withLock { waiting -> Waiter? in
            guard let index = waiting[name]?.firstIndex(where: { $0.id === id }) else { return nil }
            return waiting[name]?.remove(at: index)
        }
        cancelled?.continuation.resume(throwing: CancellationError())
    }

    /// Hands the lock to the next who waits, or frees the name.
    private func release(_ name: String) {
        let next = waiting.withLock { waiting -> Waiter? in
            guard waiting[name]?.isEmpty == false else {
                waiting[name] = nil
                return nil
            }
            return waiting[name]?.removeFirst()
        }
        next?.continuation.resume()
    }
}
