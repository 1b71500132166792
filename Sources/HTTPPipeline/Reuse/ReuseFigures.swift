import Synchronization

/// The number of requests that an adapter answered from the bytes of earlier responses, and the reasons why others were not.
///
/// Event loops add to it in batches.
package final class ReuseFigures: Sendable {
    /// The figures at one time.
    package struct Values: Sendable, Hashable {
        /// The number of requests that were answered.
        package var answered = 0
        /// The number of responses that are kept.
        package var responses = 0
        /// The memory of the responses that are kept, without bodies that they share with the store.
        package var bytes = 0
        /// The number of other requests by reason, in the order of `ReuseRefusal.allCases`.
        package var refused = [Int](repeating: 0, count: ReuseRefusal.allCases.count)

        package init() {}
    }

    private struct State {
        var values = Values()
        var isUsed = false
    }

    private let state = Mutex(State())

    package init() {}

    /// The figures, or nil if no adapter reports any.
    package var values: Values? { state.withLock { $0.isUsed ? $0.values : nil } }

    /// Records that an adapter reports figures.
    package func open() {
        state.withLock { $0.isUsed = true }
    }

    /// Adds the changes since the last call.
    package func add(_ change: Values) {
        state.withLock { state in
            state.values.answered += change.answered
            state.values.responses += change.responses
            state.values.bytes += change.bytes
            for index in change.refused.indices { state.values.refused[index] += change.refused[index] }
        }
    }
}
