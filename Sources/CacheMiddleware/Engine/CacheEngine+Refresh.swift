import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// Starts a refresh of a stale entry unless one is running.
    ///
    /// - Returns: Whether the stale entry may be served; otherwise this request makes the new response.
    func refresh(_ entry: CacheEntry, _ read: Read, next: Next) -> Bool {
        guard !flights.isRunning(read.flightKey, now: elapsed()) else { return true }
        guard let handler = next.detached else { return false }
        // Without room in the background the next request finds the entry stale too.
        startRefresh(of: entry, read, handler)
        return true
    }

    /// Starts a refresh of a fresh entry, the more likely the nearer its end is.
    func refreshEarly(_ entry: CacheEntry, _ read: Read, next: Next, at moment: Timestamp) {
        guard settings.stale.refreshesEarly(entry, at: moment, random: runtime.random()),
            let handler = next.detached, !flights.isRunning(read.flightKey, now: elapsed())
        else { return }
        startRefresh(of: entry, read, handler)
    }

    private func startRefresh(of entry: CacheEntry, _ read: Read, _ handler: @escaping Handler) {
        // Entered here, so that other requests do not take up room in the background for the same.
        guard case .lead(let turn) = flights.enter(read.flightKey, at: nil, now: elapsed()) else { return }
        var read = read
        // No request waits for it: there is no limit for all operations together.
        read.store = store
        let refresh = read
        runtime.background.run { [self] in
            do {
                try await leadRefresh(of: entry, refresh, turn, handler)
            } catch {
                observer.failed(.refresh, key: refresh.key, error)
            }
        }
    }

    /// Refreshes an entry unless that has been done, or another machine does it.
    private func leadRefresh(
        of entry: CacheEntry, _ read: Read, _ turn: FlightTurn, _ handler: Handler
    ) async throws {
        let owner = Self.lockOwner()
        var lock: CacheKey?
        if let duration = lockDuration {
            switch await store.acquireLock(for: read.flightKey, owner: owner, duration: duration) {
            // The machine that has the lock stores the response; until then the stale one is served.
            case .refused: return
            case .locked, .unknown(isAsked: true): lock = read.flightKey
            case .unknown(isAsked: false): break
            }
        }
        try await releasing(lock, owner) {
            let snapshot = await store.snapshot()
            // A run that ended since the look-up, here or on another machine, has stored what this request did not see.
            let place = turn.place
            if let found = await fresh(read, skippingMemory: true).entry, found.storedAt > entry.storedAt {
                return turn.complete(with: found, since: nil, storedAfter: place)
            }
            try await CacheNesting.running(store.identity, read.key) {
                try await refresh(entry, read, turn: turn, since: snapshot, handler)
            }
        }
    }

    private func refresh(
        _ entry: CacheEntry,
        _ read: Read,
        turn: FlightTurn,
        since snapshot: PurgeSnapshot,
        _ handler: Handler
    ) async throws {
        let stopwatch = runtime.clock.stopwatch()
        let exchange = read.exchange.forBackground
        let reply = try await observer.measure(.handler) { try await handler(exchange) }
        // An error does not take the place of a response that may still be given instead of it.
        if reply.isServerFailure, settings.stale.allowsIfError(entry, at: runtime.timeSource.now) { return }
        switch await draft(of: reply, to: read, since: snapshot, nil, computationTime: stopwatch()) {
        case .failure(let refusal):
            // The present response is not for everyone, so neither is the old one any more.
            if refusal.reason.isLasting { await store.purge([.key(read.key)], mode: .hard) }
            turn.end(passingUntil: nil)
            observer.refreshed(key: read.key, stored: false, because: refusal.reason)
        case .success(let draft):
            let collected = try await reply.body.collect(upTo: settings.maximumBodySize)
            let isWhole = reply.body.contentLength.map { $0 == collected.buffer.readableBytes } ?? true
            guard collected.trailers == nil, isWhole, draft.isComplete(collected.buffer) else {
                let reason: RefusalReason = collected.trailers == nil ? .incomplete : .trailers
                return observer.refreshed(key: read.key, stored: false, because: reason)
            }
            let place = turn.place
            let (entry, isStored) = await store(draft, body: collected.buffer)
            turn.complete(with: entry, since: snapshot, storedAfter: isStored ? place : nil)
            observer.refreshed(key: read.key, stored: isStored, because: isStored ? nil : .store)
        }
    }
}

extension Exchange {
    private static let ofOneClient: [HTTPField.Name] = [
        .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .cacheControl,
    ]

    /// The same request for a handler that runs after the request was answered: with a memo of its own; without a body, which
    /// has gone with the connection; as GET, because a response to HEAD is not stored; and without what one client says of ranges,
    /// of the response that it has and of caches, because the response is for others.
    fileprivate var forBackground: Exchange {
        var request = request
        request.method = .get
        for name in Self.ofOneClient { request.headerFields[name] = nil }
        var copy = Exchange(
            request: request, route: route, pathParameters: pathParameters, remoteAddress: remoteAddress,
            userID: userID, language: language, format: format
        )
        copy.attributes = attributes
        copy.memoizesByDefault = memoizesByDefault
        if case .buffer(let buffer) = body.content { copy.body = RequestBody(buffer) }
        return copy
    }
}
