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
        let mark = await read.store.purgeMark(known: read.mark)
        guard settings.singleFlight.isEnabled else { return try await run(read, turn: nil, mark: mark, next: next) }
        switch flights.enter(read.key, mark: mark, at: runtime.timeSource.now.nanoseconds) {
        case .pass, nil:
            return try await run(read, turn: nil, mark: mark, next: next)
        case .lead(let turn):
            // A flight that ended between the look-up and now has stored what this request did not see.
            if flights.completionCount(of: read.key) != completionCount {
                let place = turn.place
                guard let found = await fresh(read).entry else {
                    return try await lead(read, turn: turn, mark: mark, next: next)
                }
                turn.complete(with: found, since: mark, storedAfter: place)
                return hit(found, key: read.key, isHead: read.isHead, at: runtime.timeSource.now)
            }
            return try await lead(read, turn: turn, mark: mark, next: next)
        case .wait(let ticket):
            // Whoever has a stale answer to give does not wait.
            if let entry = read.stale, settings.stale.allowsWhileRevalidating(entry, at: runtime.timeSource.now) {
                flights.leave(ticket)
                return stale(entry, key: read.key, isHead: read.isHead, at: runtime.timeSource.now)
            }
            switch try await outcome(for: ticket) {
            case .entry(let entry):
                var status = CacheStatus.forwarded(read.reason)
                status.isCollapsed = true
                let reply = reply(of: entry, isHead: read.isHead, at: runtime.timeSource.now)
                return finished(reply, status, .collapsed, key: read.key)
            case .turn(let turn):
                return try await run(read, turn: turn, mark: read.store.purgeMark() ?? mark, next: next)
            case .timedOut, .cancelled:
                return try await run(read, turn: nil, mark: read.store.purgeMark() ?? mark, next: next)
            }
        }
    }

    /// Runs the handler for one request, and for those who wait for it.
    ///
    /// - Parameters:
    ///   - read: The request.
    ///   - turn: The request's turn in a flight, or nil when nobody waits for it.
    ///   - mark: The store's place in the order of purges; nil when the answer is not to be stored.
    ///   - next: The handler.
    /// - Returns: The reply.
    /// - Throws: What the handler throws, unless a stale answer takes its place.
    func run(_ read: Read, turn: FlightTurn?, mark: PurgeMark?, next: Next) async throws -> Reply {
        let elapsed = runtime.clock.stopwatch()
        do {
            let reply = try await observer.measure(.handler) { try await next(read.exchange) }
            if let entry = read.stale, reply.isServerFailure,
                settings.stale.allowsIfError(entry, at: runtime.timeSource.now)
            {
                turn?.complete(with: entry, since: mark, storedAfter: nil)
                return stale(
                    entry, key: read.key, isHead: read.isHead, at: runtime.timeSource.now, isForwarded: true,
                    forwardStatus: reply.status.code
                )
            }
            // What answers HEAD may be without a body and without what only GET computes.
            guard !read.isHead else {
                return finished(reply, .forwarded(read.reason, detail: .head), read.outcome, key: read.key)
            }
            return try await keep(reply, of: read, turn: turn, mark: mark, computationTime: elapsed())
        } catch {
            // The handler failed, or the body while it was collected.
            guard let entry = read.stale, !(error is CancellationError),
                settings.stale.allowsIfError(entry, at: runtime.timeSource.now)
            else { throw error }
            observer.failed("handler failed, a stale answer is given", key: read.key, error)
            turn?.complete(with: entry, since: mark, storedAfter: nil)
            return stale(entry, key: read.key, isHead: read.isHead, at: runtime.timeSource.now, isForwarded: true)
        }
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

    /// What the store has under the key of the request now, if it is fresh.
    func fresh(_ read: Read, in store: StoreAccess? = nil) async -> StoreLookup {
        var found = await (store ?? read.store).lookUp(read.key)
        if found.entry?.isFresh(at: runtime.timeSource.now) != true { found.entry = nil }
        return found
    }
}

extension Reply {
    /// Whether the status is one that a stale answer may stand in for (RFC 5861 section 4).
    var isServerFailure: Bool {
        [500, 502, 503, 504].contains(status.code)
    }
}
