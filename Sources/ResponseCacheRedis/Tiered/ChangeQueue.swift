import CacheMiddleware
import DequeModule
import Dispatch
import Synchronization

/// Applies the changes that other instances publish to a memory tier, in order, on its own dispatch queue.
///
/// A purge of many entries takes time, and the event loop that receives it also serves requests. A change may also remove entries that
/// were stored after it was received, which is safe. After a change `MemoryStore` rejects entries that were looked up before it.
///
/// The queue is bounded. If it overflows, the tier is emptied instead, which supersedes all queued changes.
final class ChangeQueue: Sendable {
    /// Runs closures asynchronously, one at a time.
    typealias Executor = @Sendable (@escaping @Sendable () -> Void) -> Void

    fileprivate enum Step {
        case purge(StoreChange)
        case empty
        /// Starts using the tier, unless the subscription has ended.
        case listen(subscription: Int)
    }

    fileprivate struct State {
        var steps: Deque<Step> = []
        /// The size of the tags and URLs in `steps`.
        var byteCount = 0
        var isRunning = false
        /// The number of the current subscription.
        var subscription = 0
    }

    /// The maximum number of queued changes.
    static let limit = 4096
    /// The maximum size of their tags and URLs in bytes.
    static let byteLimit = 1 << 20

    private let memory: MemoryStore
    private let execute: Executor
    private let state = Mutex(State())
    private let listens = Atomic(false)

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - memory: The memory tier.
    ///   - execute: Runs the changes.
    init(for memory: MemoryStore, on execute: @escaping Executor) {
        self.memory = memory
        self.execute = execute
    }

    /// Creates a queue with its own dispatch queue, which does not compete with handlers for the cooperative pool.
    convenience init(for memory: MemoryStore) {
        let queue = DispatchQueue(label: "response-cache.changes", qos: .userInitiated)
        self.init(for: memory) { queue.async(execute: $0) }
    }

    /// Whether the tier may be used: a subscription is active, and the tier was emptied since it started.
    var isListening: Bool { listens.load(ordering: .acquiring) }

    /// Called when a subscription has started. Empties the tier, which may have missed changes, then starts using it.
    func begin() {
        restart(with: [.empty]) { [.listen(subscription: $0)] }
    }

    /// Called when a subscription has ended.
    ///
    /// - Parameter empties: Whether the tier is emptied.
    func end(empties: Bool) {
        restart(with: empties ? [.empty] : nil) { _ in [] }
    }

    /// Enqueues a change.
    ///
    /// - Complexity: O(1), except on overflow.
    func append(_ change: StoreChange) {
        let starts = state.withLock { state in
            state.steps.append(.purge(change))
            state.byteCount += change.selection.textByteCount
            if state.steps.count > Self.limit || state.byteCount > Self.byteLimit {
                // Emptying the tier supersedes all changes.
                let rest = state.steps.filter { if case .listen = $0 { true } else { false } }
                state.steps = [.empty]
                state.steps.append(contentsOf: rest)
                state.byteCount = 0
            }
            return state.starts()
        }
        if starts { execute { [self] in run() } }
    }

    private func restart(with steps: [Step]?, then rest: (Int) -> [Step]) {
        let starts = state.withLock { state in
            listens.store(false, ordering: .releasing)
            state.subscription += 1
            if let steps {
                state.steps = Deque(steps)
                state.byteCount = 0
            }
            state.steps.append(contentsOf: rest(state.subscription))
            return state.starts()
        }
        if starts { execute { [self] in run() } }
    }

    private func run() {
        while let step = state.withLock({ $0.next() }) {
            switch step {
            case .purge(let change): memory.purge(change.selection, mode: change.mode)
            case .empty: memory.purge(.everything, mode: .hard)
            case .listen(let subscription):
                state.withLock { state in
                    if state.subscription == subscription { listens.store(true, ordering: .releasing) }
                }
            }
        }
    }
}

extension ChangeQueue.State {
    /// Marks the queue as running if it has steps and is not running yet.
    ///
    /// - Returns: Whether the caller must start it.
    fileprivate mutating func starts() -> Bool {
        guard !isRunning, !steps.isEmpty else { return false }
        isRunning = true
        return true
    }

    fileprivate mutating func next() -> ChangeQueue.Step? {
        guard let step = steps.popFirst() else {
            isRunning = false
            return nil
        }
        if case .purge(let change) = step { byteCount -= change.selection.textByteCount }
        return step
    }
}
