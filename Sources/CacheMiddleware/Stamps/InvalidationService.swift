import ConcurrencySupport
import HTTPPipeline
import Logging
import Synchronization

/// Invalidates cached responses after a write to the data they depend on has been committed.
///
/// ```swift
/// let invalidations = InvalidationService(in: store, runtime: runtime)
/// try await database.write { ... }
/// await invalidations.invalidate([.tag("city:\(id)"), .tag("cities")], touching: [updatedAt])
/// ```
///
/// A call after the commit is never too early: a request that starts before the call may get the old response, but nothing that it
/// stores is found after the call has returned. A call before the commit could let a request store the old data under a new key.
///
/// The write has taken place, so an invalidation does not fail. While the store is unreachable, it is retried in the background until
/// the store accepts it; in the meantime this process serves no entry that the purges select, and no key with the old stamps.
public final class InvalidationService: Sendable {
    private struct State {
        /// The stamps that must be touched, each with the number of its latest failure.
        var stamps: [ObjectIdentifier: (stamp: VersionStamp, number: Int)] = [:]
        var failureCount = 0
        var isRetrying = false
    }

    private let access: StoreAccess
    private let runtime: CacheRuntime
    private let warnings: WarningLimiter
    private let state = Mutex(State())

    /// Creates a service.
    ///
    /// - Parameters:
    ///   - store: The store that is purged.
    ///   - settings: The time limit of an invalidation, ``CacheSettings/storeTimeout``, and the settings of the circuit breaker.
    ///   - runtime: The clock, the logger and the background work.
    public init(
        in store: any CacheStore, settings: CacheSettings = .standard, runtime: CacheRuntime = CacheRuntime()
    ) {
        let observer = CacheObserver(name: settings.name, runtime: runtime)
        access = StoreAccess(store, settings: settings, runtime: runtime, observer: observer)
        warnings = WarningLimiter(clock: runtime.clock)
        self.runtime = runtime
    }

    /// Purges entries and touches stamps. Call it once for each write, after its commit.
    ///
    /// It returns when the store has confirmed the invalidation, has failed, or has taken longer than the time limit.
    ///
    /// - Parameters:
    ///   - selections: The entries to purge.
    ///   - mode: Whether entries are removed or become stale.
    ///   - stamps: The stamps to replace.
    public func invalidate(
        _ selections: [PurgeSelection] = [], mode: PurgeMode = .hard, touching stamps: [VersionStamp] = []
    ) async {
        await withDiscardingTaskGroup { group in
            for stamp in stamps { group.addTask { await self.touch(stamp) } }
            if !selections.isEmpty { group.addTask { await self.access.withNewTime().purge(selections, mode: mode) } }
        }
    }

    private func touch(_ stamp: VersionStamp) async {
        // A client that disconnects must not prevent it.
        await Task {
            do {
                try await stamp.touch()
            } catch {
                touchLater(stamp, because: error)
            }
        }.value
    }

    private func touchLater(_ stamp: VersionStamp, because error: any Error) {
        let isFirst = state.withLock { state in
            state.failureCount += 1
            state.stamps[ObjectIdentifier(stamp)] = (stamp, state.failureCount)
            defer { state.isRetrying = true }
            return !state.isRetrying
        }
        if let omitted = warnings.admit("touch") {
            runtime.logger.warning(
                "touching a version stamp failed; retrying in the background",
                metadata: ["error": "\(error)", "omitted": "\(omitted)"])
        }
        guard isFirst else { return }
        let isStarted = runtime.background.run { await self.retryTouches() }
        guard !isStarted else { return }
        state.withLock { $0.isRetrying = false }
        runtime.logger.error("touching a version stamp failed; responses may be outdated until they expire")
    }

    /// Touches the stamps until none is left or the application shuts down.
    private func retryTouches() async {
        await retry(pausingUpTo: .milliseconds(500), on: runtime.clock, while: { continuesRetrying() }) {
            var round = RetryRound.succeeded
            for (identity, pending) in state.withLock({ $0.stamps }) {
                do {
                    try await pending.stamp.touch()
                    state.withLock { if $0.stamps[identity]?.number == pending.number { $0.stamps[identity] = nil } }
                } catch {
                    round = .failed
                }
            }
            return round
        }
    }

    private func continuesRetrying() -> Bool {
        state.withLock { state in
            // Decided under the lock, so that no touch fails between the last check and the end of retrying.
            state.isRetrying = !state.stamps.isEmpty
            return state.isRetrying
        }
    }
}
