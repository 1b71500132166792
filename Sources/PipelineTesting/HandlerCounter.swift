import Synchronization

/// A counter that tasks can share, for example for the number of handler runs.
public final class HandlerCounter: Sendable {
    private let state = Atomic<Int>(0)

    /// Creates a counter at 0.
    public init() {}

    /// The current count.
    public var count: Int { state.load(ordering: .sequentiallyConsistent) }

    /// Adds one and returns the new count.
    @discardableResult
    public func increment() -> Int {
        state.add(1, ordering: .sequentiallyConsistent).newValue
    }
}
