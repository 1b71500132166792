import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// Has a stale answer made anew, or finds that somebody does it.
    ///
    /// - Returns: Whether the stale answer may be given; otherwise this request makes the new one.
    func refresh(_ entry: CacheEntry, _ read: Read, next: Next) -> Bool {
        guard !flights.isRunning(read.key, at: runtime.timeSource.now.nanoseconds) else { return true }
        guard let handler = next.detached else { return false }
        // When there is no room in the background, the next request finds the answer stale too.
        startRefresh(of: entry, read, handler)
        return true
    }

    /// Has a fresh answer made anew in the background, the more likely the nearer its end is.
    func refreshEarly(_ entry: CacheEntry, _ read: Read, next: Next, at moment: Timestamp) {
        guard settings.stale.refreshesEarly(entry, at: moment, random: runtime.random()),
            let handler = next.detached, !flights.isRunning(read.key, at: moment.nanoseconds)
        else { return }
        startRefresh(of: entry, read, handler)
    }

    private func startRefresh(of entry: CacheEntry, _ read: Read, _ handler: @escaping Handler) {
        // Entered here, so that others do not take up room in the background for the same.
        let now = runtime.timeSource.now.nanoseconds
        guard case .lead(let turn) = flights.enter(read.key, mark: nil, at: now, mayWait: false) else { return }
        // Nobody waits for it: there is no limit for all operations together.
        let read = Read(
            exchange: read.exchange, key: read.key, isHead: read.isHead, store: store, reason: read.reason,
            stale: read.stale)
        runtime.background.run { [self] in
            let mark = await store.purgeMark()
            // A run that ended between the look-up and now has stored what this request did not see.
            let place = turn.place
            if let found = await fresh(read).entry, found.storedAt > entry.storedAt {
                return turn.complete(with: found, since: mark, storedAfter: place)
            }
            do {
                try await refresh(entry, read, turn: turn, mark: mark, handler)
            } catch {
                observer.failed("cache refresh failed", key: read.key, error)
            }
        }
    }

    private func refresh(
        _ entry: CacheEntry,
        _ read: Read,
        turn: FlightTurn,
        mark: PurgeMark?,
        _ handler: Handler
    ) async throws {
        let elapsed = runtime.clock.stopwatch()
        let exchange = read.exchange.forBackground
        let reply = try await observer.measure(.handler) { try await handler(exchange) }
        // An error does not take the place of an answer that may still be given instead of it.
        if reply.isServerFailure, settings.stale.allowsIfError(entry, at: runtime.timeSource.now) { return }
        switch await draft(of: reply, to: read, mark: mark, computationTime: elapsed()) {
        case .failure(let refusal):
            // The present answer is not for everyone, so neither is the old one any more.
            if refusal.reason.isLasting { await store.purge([.key(read.key)], mode: .hard) }
            turn.end(passingUntil: nil)
            observer.refreshed(key: read.key, stored: false, because: refusal.reason)
        case .success(let draft):
            let collected = try await reply.body.collect(upTo: settings.maximumBodySize)
            guard collected.trailers == nil, draft.isComplete(collected.buffer) else {
                let reason: RefusalReason = collected.trailers == nil ? .incomplete : .trailers
                return observer.refreshed(key: read.key, stored: false, because: reason)
            }
            let place = turn.place
            let (entry, isStored) = await store(draft, body: collected.buffer)
            turn.complete(with: entry, since: mark, storedAfter: isStored ? place : nil)
            observer.refreshed(key: read.key, stored: isStored, because: isStored ? nil : .store)
        }
    }
}

extension Exchange {
    private static let conditions: [HTTPField.Name] = [
        .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince,
    ]

    /// The same request for a handler that runs when the request has been answered: with a memo of its own, without a body,
    /// which has gone with the connection, as GET, because what answers HEAD is not stored, and without what the client says of
    /// ranges and of the answer it has, because the answer is for others.
    fileprivate var forBackground: Exchange {
        var request = request
        request.method = .get
        for name in Self.conditions { request.headerFields[name] = nil }
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
