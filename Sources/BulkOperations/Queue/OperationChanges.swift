import Synchronization

/// Wakes tasks of one process when an operation has changed: workers that wait for chunks, and responses that show progress.
///
/// On PostgreSQL, changes of other processes are announced while the queue runs as a service. Otherwise, and on SQLite, they are found by
/// looking, so every wait has a limit.
public final class OperationChanges: Sendable {
    private struct State {
        var revision = 0
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Creates an object without waiting tasks.
    public init() {}

    /// The number of changes so far.
    public var revision: Int { state.withLock(\.revision) }

    /// Wakes all waiting tasks.
    public func notify() {
        let waiters = state.withLock { state in
            state.revision += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Waits until there was a change after a revision, the time is over, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - revision: The revision that the caller knows.
    ///   - limit: The maximum time.
    public func wait(after revision: Int, upTo limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { try? await Task.sleep(for: limit) }
            group.addTask { await self.wait(after: revision) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(after revision: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.revision == revision, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
