import ConcurrencySupport
public import HTTPPipeline
import Synchronization

/// A clock that a test advances. A sleeping task wakes when the clock reaches its deadline, without waiting in real
/// time.
public final class ManualClock: Clock {
    /// A point in time of the clock: the time since its start.
    public struct Instant: InstantProtocol {
        /// The time since the clock's start.
        public var offset: Duration

        /// Creates an instant from the time since the clock's start.
        public init(offset: Duration) {
            self.offset = offset
        }

        /// Returns the instant `duration` later.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }

        /// Returns the duration from this instant to another.
        public func duration(to other: Instant) -> Duration { other.offset - offset }

        /// Returns whether `left` is earlier than `right`.
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var lastNumber = 0
        var sleepers: [Int: Sleeper] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Creates a clock that shows zero.
    public init() {}

    /// The time that the clock shows.
    public var now: Instant { state.withLock { $0.now } }

    /// The resolution of the clock: zero.
    public var minimumResolution: Duration { .zero }

    /// The number of sleeping tasks.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Suspends the task until the clock reaches an instant.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await waitCancellably { continuation in
            let (result, watchers) = state.withLock {
                state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
                if deadline <= state.now { return (.success(()), []) }
                state.sleepers[number] = Sleeper(deadline: deadline, continuation: continuation)
                let count = state.sleepers.count
                let ready = state.watchers.filter { $0.count <= count }.map(\.continuation)
                state.watchers.removeAll { $0.count <= count }
                return (nil, ready)
            }
            for watcher in watchers { watcher.resume() }
            return result
        } removing: {
            self.state.withLock { $0.sleepers.removeValue(forKey: number)?.continuation }
        }
    }

    /// Waits until at least a number of tasks sleep.
    public func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.sleepers.count < count else { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Advances the clock and wakes the tasks whose deadline it reaches.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}

/// A wall clock that a test controls.
public final class ManualTimeSource: TimeSource {
    private let moment: Mutex<Timestamp>

    /// Creates a clock that shows `start`.
    public init(_ start: Timestamp = Timestamp(nanoseconds: 1_000_000_000_000_000_000)) {
        moment = Mutex(start)
    }

    /// The time that the clock shows.
    public var now: Timestamp { moment.withLock { $0 } }

    /// Moves the clock forward.
    public func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }
}
