import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension CacheEngine {
    /// Answers from one run of the handler, which concurrent requests of the key share.
    ///
    /// - Parameters:
    ///   - read: The request.
    ///   - completionCount: How many flights of the key had ended when the store was asked.
    ///   - next: The handler.
    /// - Returns: The reply.
    /// - Throws: What the handler throws.
    func make(_ read: Read, since completionCount: Int, next: Next) async throws -> Reply {
        let snapshot = await read.store.snapshot(known: read.mark)
        guard settings.singleFlight.isEnabled else {
            return try await run(read, turn: nil, since: snapshot, next: next)
        }
        switch flights.enter(read.flightKey, at: snapshot, now: elapsed()) {
        case .pass, nil:
            return try await run(read, turn: nil, since: snapshot, next: next)
        case .lead(let turn):
            // A flight that ended between the look-up and now has stored what this request did not see.
            if flights.completionCount(of: read.flightKey) != completionCount {
                let place = turn.place
                guard let found = await fresh(read).entry else {
                    return try await lead(read, turn: turn, since: snapshot, next: next)
                }
                turn.complete(with: found, since: nil, storedAfter: place)
                return hit(found, read)
            }
            return try await lead(read, turn: turn, since: snapshot, next: next)
        case .wait(let ticket):
            // A request with a stale response to serve does not wait.
            if let entry = read.stale, settings.stale.allowsWhileRevalidating(entry, at: runtime.timeSource.now) {
                flights.leave(ticket)
                return stale(entry, read)
            }
            switch try await outcome(for: ticket) {
            case .entry(let entry):
                return collapsed(entry, read)
            case .turn(let turn):
                return try await run(read, turn: turn, since: await read.store.snapshot(), next: next)
            case .timedOut, .cancelled:
                return try await run(read, turn: nil, since: await read.store.snapshot(), next: next)
            }
        }
    }

    /// Runs the handler for one request, and for those that wait for it.
    ///
    /// - Parameters:
    ///   - read: The request.
    ///   - turn: The request's turn in a flight, or nil when no request waits for it.
    ///   - snapshot: Where the order of purges stood before the run; nil when the response is not to be stored.
    ///   - next: The handler.
    /// - Returns: The reply.
    /// - Throws: What the handler throws, unless a stale response takes its place.
    func run(_ read: Read, turn: FlightTurn?, since snapshot: PurgeSnapshot?, next: Next) async throws -> Reply {
        let stopwatch = runtime.clock.stopwatch()
        let tracked = policy.tracksBody ? read.exchange.body.tracked() : nil
        var exchange = read.exchange
        if let tracked { exchange.body = tracked.body }
        let prepared = exchange
        do {
            let reply = try await observer.measure(.handler) {
                try await CacheNesting.running(store.identity, read.key) { try await next(prepared) }
            }
            if let entry = read.stale, reply.isServerFailure,
                settings.stale.allowsIfError(entry, at: runtime.timeSource.now)
            {
                await completeWithStale(read, turn)
                return stale(entry, read, isForwarded: true, forwardStatus: reply.status.code)
            }
            // What answers HEAD may be without a body and without what only GET computes.
            guard !read.isHead else {
                return finished(reply, .forwarded(read.reason, detail: .head), read.outcome, key: read.key)
            }
            return try await keep(
                reply, of: read, turn: turn, since: snapshot, reads: tracked?.reads, computationTime: stopwatch())
        } catch {
            // The handler failed, or the body while it was collected.
            guard let entry = read.stale, !(error is CancellationError),
                settings.stale.allowsIfError(entry, at: runtime.timeSource.now)
            else { throw error }
            observer.failed(.staleIfError, key: read.key, error)
            await completeWithStale(read, turn)
            return stale(entry, read, isForwarded: true)
        }
    }

    /// Gives waiters the stale entry that is stored now, if it may still take the place of an error.
    ///
    /// It is looked up again: the entry that this request found may have been purged since, and a waiter that came after the purge
    /// must not be given it.
    private func completeWithStale(_ read: Read, _ turn: FlightTurn?) async {
        guard let turn else { return }
        let place = turn.place
        guard let entry = await lookUp(read).entry,
            entry.isFresh(at: runtime.timeSource.now)
                || settings.stale.allowsIfError(entry, at: runtime.timeSource.now)
        else { return turn.end() }
        turn.complete(with: entry, since: nil, storedAfter: place)
    }

    private func outcome(for ticket: FlightTicket) async throws -> FlightOutcome {
        try await observer.measure(.wait) {
            guard let limit = settings.singleFlight.waitLimit else { return try await flights.outcome(for: ticket) }
            let (flights, clock) = (flights, runtime.clock)
            let timer = Task {
                guard (try? await clock.sleep(for: limit)) != nil else { return }
                flights.resolve(ticket, with: .timedOut)
            }
            defer { timer.cancel() }
            return try await flights.outcome(for: ticket)
        }
    }

    /// What the store has under the key of a request now and may serve to it.
    func lookUp(_ read: Read, in store: StoreAccess? = nil, skippingMemory: Bool = false) async -> StoreLookup {
        let store = store ?? read.store
        var found = skippingMemory ? await store.lookUpBehindFront(read.key) : await store.lookUp(read.key)
        if let entry = found.entry, !mayServe(entry, to: read.exchange) { found.entry = nil }
        return found
    }

    /// What the store has under the key of a request now, if it is fresh.
    func fresh(_ read: Read, in store: StoreAccess? = nil, skippingMemory: Bool = false) async -> StoreLookup {
        var found = await lookUp(read, in: store, skippingMemory: skippingMemory)
        if found.entry?.isFresh(at: runtime.timeSource.now) != true { found.entry = nil }
        return found
    }
}

extension Reply {
    /// Whether the status is one that a stale response may stand in for (RFC 5861 section 4).
    var isServerFailure: Bool {
        [500, 502, 503, 504].contains(status.code)
    }
}
