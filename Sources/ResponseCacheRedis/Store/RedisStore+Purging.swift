public import CacheMiddleware
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
        let item = PurgeBacklog.Item(selection: selection.normalized, mode: mode)
        guard !item.selection.isEmpty else { return nil }
        do {
            // A caller that is cancelled does not wait for the result, so the purge is retried in any case.
            try await withTaskCancellationHandler {
                try await apply(item)
            } onCancel: {
                retryLater(item)
            }
        } catch {
            retryLater(item)
            throw error
        }
        return nil
    }

    // MARK: Preparation

    /// Whether the server is verified and no failed purges are left, so that operations can start at once.
    var isPrepared: Bool { isVerified && backlog.isEmpty }

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
        while !backlog.isEmpty {
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
        for (item, number) in backlog.all {
            try await apply(item)
            backlog.remove([item: number])
        }
    }

    /// Adds a purge to the backlog and retries it until it succeeds.
    private func retryLater(_ item: PurgeBacklog.Item) {
        guard backlog.add(item) else { return }
        Task { [weak self, backlog] in
            while !backlog.isRetryDone() {
                try? await Task.sleep(for: Self.retryPause)
                guard let self else { return }
                do {
                    try await prepare()
                } catch let error as RedisError where error == .shutDown {
                    return
                } catch {}
            }
        }
    }

    private static let retryPause: Duration = .milliseconds(500)

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

    private func apply(_ purge: PurgeBacklog.Item) async throws {
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
