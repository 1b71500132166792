import CacheMiddleware
import DequeModule
import Dispatch
import Synchronization

/// Applies the changes that other instances publish to a tier in memory, in their order, on a thread of its own.
///
/// A purge of many entries takes long, and the event loop that receives it has requests to serve. An entry that a change selects is
/// removed at latest when the changes before it have been applied, also if it came into memory since the change was received: that
/// removes more than was published, and never less. Afterwards `MemoryStore` refuses what was looked up before the change.
///
/// What waits is bounded. When it is too much, the tier is emptied instead, which takes the place of all of it.
final class ChangeQueue: Sendable {
    /// Runs what it is given later, one at a time.
    typealias Executor = @Sendable (@escaping @Sendable () -> Void) -> Void

    fileprivate enum Step {
        case purge(StoreChange)
        case empty
        /// The tier has missed nothing since a subscription began, unless that one has ended.
        case listen(subscription: Int)
    }

    fileprivate struct State {
        var steps: Deque<Step> = []
        /// The bytes of text in `steps`.
        var byteCount = 0
        var isRunning = false
        /// The number of the present subscription.
        var subscription = 0
    }

    /// The number of changes that wait at most.
    static let limit = 4096
    /// The number of bytes that their tags and URLs have at most.
    static let byteLimit = 1 << 20

    private let memory: MemoryStore
    private let execute: Executor
    private let state = Mutex(State())
    private let listens = Atomic(false)

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - memory: The tier that is changed.
    ///   - execute: Where it is changed.
    init(for memory: MemoryStore, on execute: @escaping Executor) {
        self.memory = memory
        self.execute = execute
    }

    /// Creates a queue with a thread of its own, which does not wait for a place in the pool that handlers run on.
    convenience init(for memory: MemoryStore) {
        let queue = DispatchQueue(label: "response-cache.changes", qos: .userInitiated)
        self.init(for: memory) { queue.async(execute: $0) }
    }

    /// Whether the tier has missed nothing: a subscription has begun, the tier was emptied since, and the subscription has not ended.
    var isListening: Bool { listens.load(ordering: .acquiring) }

    /// Called when a subscription has begun. Empties the tier, which may have missed changes, and then listens.
    func begin() {
        restart(with: [.empty]) { [.listen(subscription: $0)] }
    }

    /// Called when a subscription has ended.
    ///
    /// - Parameter empties: Whether the tier is emptied, or goes on with what it has.
    func end(empties: Bool) {
        restart(with: empties ? [.empty] : nil) { _ in [] }
    }

    /// Applies a change when those before it are applied. O(1).
    func append(_ change: StoreChange) {
        let starts = state.withLock { state in
            state.steps.append(.purge(change))
            state.byteCount += change.selection.textByteCount
            if state.steps.count > Self.limit || state.byteCount > Self.byteLimit {
                // Emptying the tier does all that any of them does.
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
    /// Whether a run has to be started, which is then noted.
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
