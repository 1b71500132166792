public import HTTPPipeline
import Synchronization

/// An ``IdempotencyStore`` in the memory of the process. A restart forgets its records.
///
/// It starts no timers: expired records are removed when others are started.
public final class MemoryIdempotencyStore: IdempotencyStore {
    private let state: Mutex<IdempotencyRecords>
    private let timeSource: any TimeSource

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - limits: The limits of its records.
    ///   - timeSource: The clock.
    public init(limits: IdempotencyLimits = IdempotencyLimits(), timeSource: any TimeSource = SystemTimeSource()) {
        state = Mutex(IdempotencyRecords(limits: limits))
        self.timeSource = timeSource
    }

    /// Starts a record, or returns what is known about it.
    ///
    /// - Throws: ``IdempotencyStoreFull``.
    /// - Complexity: Amortized O(1), and O(number of running requests) at the limits.
    public func begin(
        _ id: IdempotencyRecordID, fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes
    ) async throws -> IdempotencyOutcome {
        let now = timeSource.now
        return try state.withLock { try $0.begin(id, fingerprint, for: lifetimes, at: now) }
    }

    /// Adds the response to a started record.
    @discardableResult
    public func finish(_ token: IdempotencyToken, with reply: StoredReply) async throws -> Bool {
        let now = timeSource.now
        return state.withLock { $0.finish(token, with: reply, at: now) }
    }

    /// Removes a started record.
    public func abandon(_ token: IdempotencyToken) async throws {
        state.withLock { $0.abandon(token) }
    }

    /// The number of records, and of their bytes.
    var usage: (recordCount: Int, byteCount: Int) { state.withLock { ($0.total.recordCount, $0.total.byteCount) } }
}
