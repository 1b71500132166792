public import CacheMiddleware
import ConcurrencySupport
import NIOCore
import RedisTransport
import Synchronization

extension RedisStore {
    /// Purges the selected entries, in constant time.
    ///
    /// - Returns: nil, because the entries are not counted.
    /// - Throws: `RedisError`. The purge is then retried.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        purgeLedger.withLock { $0 }?.add()
        let purge = Purge(selection: selection.normalized, mode: mode)
        guard !purge.selection.isEmpty else { return nil }
        do {
            // A caller that is cancelled does not wait for the result, so the purge is retried in any case.
            try await withTaskCancellationHandler {
                try await apply(purge)
            } onCancel: {
                retryLater(purge)
            }
        } catch {
            retryLater(purge)
            throw error
        }
        return nil
    }

    // MARK: Preparation

    /// Whether the server is verified and no failed purges are left, so that operations can start at once.
    var isPrepared: Bool { isVerified && hasNoBacklog }

    private var hasNoBacklog: Bool { isBacklogEmpty.load(ordering: .acquiring) }

    private var isVerified: Bool { trustedEpoch.load(ordering: .acquiring) != 0 }

    /// Runs an operation after verifying the server and applying failed purges, within the timeout of one command.
    func prepared<Value: Sendable>(
        since start: ContinuousClock.Instant, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if isPrepared { return try await operation() }
        return try await client.withRemainingTime(since: start) { [self] in
            try await prepare()
            // After a timeout no caller waits, and the arguments may be outdated.
            try Task.checkCancellation()
            return try await operation()
        }
    }

    private func prepare() async throws {
        try await verifyServerIfNeeded()
        while !hasNoBacklog {
            // Concurrent operations share one task.
            let task = clearing.withLock { clearing in
                if let task = clearing { return task }
                let task = Task {
                    defer { self.clearing.withLock { $0 = nil } }
                    try await clearBacklog()
                }
                clearing = task
                return task
            }
            try await task.value
        }
    }

    private func clearBacklog() async throws {
        for (purge, number) in backlog.withLock({ $0.purges }) {
            try await apply(purge)
            changeBacklog { $0.remove(purge, number: number) }
        }
    }

    private func changeBacklog<Value>(_ change: (inout PurgeBacklog) -> Value) -> Value {
        backlog.withLock { backlog in
            defer { isBacklogEmpty.store(backlog.isEmpty, ordering: .releasing) }
            return change(&backlog)
        }
    }

    /// Adds a purge to the backlog and retries it until it succeeds.
    private func retryLater(_ purge: Purge) {
        let isFirst = changeBacklog { backlog in
            backlog.add(purge)
            return backlog.continuesRetrying(false)
        }
        guard isFirst else { return }
        Task { [weak self] in
            await retry(
                pausingUpTo: .milliseconds(500), on: .continuous,
                while: { self?.backlog.withLock { $0.continuesRetrying(true) } ?? false }
            ) {
                do {
                    try await self?.prepare()
                    return .succeeded
                } catch let error as RedisError where error == .shutDown {
                    return .stopped
                } catch {
                    return .failed
                }
            }
        }
    }

    private func verifyServerIfNeeded() async throws {
        guard !isVerified else { return }
        try await verifyServer()
    }

    /// Confirms the server's epoch, and that it accepts writes.
    ///
    /// - Throws: `RedisError`. If the server rejects writes, the connection is closed.
    func verifyServer() async throws {
        guard case .bytes(let name) = try await client.send(beginning, isIdempotent: true),
            let epoch = name.getInteger(at: name.readerIndex, as: UInt64.self)
        else { throw RedisError.unexpectedReply }
        trustedEpoch.store(epoch, ordering: .releasing)
    }

    private func apply(_ purge: Purge) async throws {
        guard isVerified else {
            return try await client.withRemainingTime(since: .now) { [self] in
                try await verifyServerIfNeeded()
                try await apply(purge)
            }
        }
        let (selection, mode) = (purge.selection, purge.mode)
        var keys = [clockKey, purgesKey]
        if case .key(let key) = selection, mode == .hard { keys.append(entryKey(key)) }
        _ = try await StoreScripts.purge.run(
            on: client,
            keys: keys,
            arguments: [
                mode == .hard ? "h" : "s",
                .bytes(PurgeLabels.label(of: selection)),
                .integer(Int64(settings.purgeLimit)),
                .text(channel),
                .bytes(StoreChange(selection: selection, mode: mode).encoded),
            ],
            isIdempotent: true
        )
    }
}
