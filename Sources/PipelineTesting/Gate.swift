import ConcurrencySupport
import Synchronization

/// A gate that holds tasks until a test opens it, for handlers that take as long as the test requires.
public final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var lastNumber = 0
        var arrivals = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Creates a closed gate.
    public init() {}

    /// Waits until the gate is open.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    public func pass() async throws {
        let (number, watchers) = state.withLock { state in
            state.lastNumber += 1
            state.arrivals += 1
            let arrivals = state.arrivals
            let ready = state.watchers.filter { $0.count <= arrivals }.map(\.continuation)
            state.watchers.removeAll { $0.count <= arrivals }
            return (state.lastNumber, ready)
        }
        for watcher in watchers { watcher.resume() }
        try await waitCancellably { continuation in
            state.withLock { state in
                guard !state.isOpen else { return .success(()) }
                state.waiting[number] = continuation
                return nil
            }
        } removing: {
            self.state.withLock { $0.waiting.removeValue(forKey: number) }
        }
    }

    /// The number of tasks that have reached the gate so far.
    public var arrivalCount: Int { state.withLock { $0.arrivals } }

    /// Waits until a number of tasks have reached the gate, including those that have passed it.
    public func waitForArrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.arrivals < count else { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Opens the gate for waiting tasks and for those that arrive later.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Closes the gate for tasks that arrive later.
    public func close() {
        state.withLock { $0.isOpen = false }
    }
}
