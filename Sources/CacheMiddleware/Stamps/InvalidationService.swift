import ConcurrencySupport
import HTTPPipeline
import KeyConstructor
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
        var stamps: [CacheKey: (stamp: VersionStamp, number: Int)] = [:]
        var failureCount = 0
        var isRetrying = false
    }

    /// The maximum number of stamps whose touches are retried.
    private static let limit = 1024

    private let access: StoreAccess
    private let runtime: CacheRuntime
    private let warnings: WarningLimiter
    private let state = Mutex(State())

    /// Creates a service.
    ///
    /// - Parameters:
    ///   - store: The store that is purged.
    ///   - settings: The time limit of purges, ``CacheSettings/storeTimeout``, and the settings of the circuit breaker. A
    ///     ``VersionStamp`` has its own.
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
        let (isRecorded, isFirst) = state.withLock { state in
            state.failureCount += 1
            // Stamps of one name in one store are the same stamp.
            guard state.stamps.count < Self.limit || state.stamps[stamp.key] != nil else { return (false, false) }
            state.stamps[stamp.key] = (stamp, state.failureCount)
            defer { state.isRetrying = true }
            return (true, !state.isRetrying)
        }
        if let omitted = warnings.admit("touch") {
            runtime.logger.warning(
                isRecorded
                    ? "touching a version stamp failed; retrying in the background"
                    : "touching a version stamp failed; too many are being retried",
                metadata: ["error": "\(error)", "omitted": "\(omitted)"])
        }
        guard isFirst else { return }
        // Without room among the background work it still has to be retried.
        if !runtime.background.run({ await self.retryTouches() }) { Task { await retryTouches() } }
    }

    /// Touches the stamps until none is left or the application shuts down.
    private func retryTouches() async {
        await retry(pausingUpTo: .milliseconds(500), on: runtime.clock, while: { continuesRetrying() }) {
            let pending = state.withLock { $0.stamps }
            // A slow store must not delay each by the time of all others.
            await withDiscardingTaskGroup { group in
                for (key, (stamp, number)) in pending {
                    group.addTask {
                        guard (try? await stamp.touch()) != nil else { return }
                        self.state.withLock { if $0.stamps[key]?.number == number { $0.stamps[key] = nil } }
                    }
                }
            }
            return .succeeded
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
