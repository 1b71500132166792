import HTTPPipeline
import HTTPTypes
import KeyConstructor

/// The recipient of the handler's response.
enum Serving {
    /// A client waits for the response.
    case client(Next)
    /// No client waits: the response replaces an entry.
    case background(Handler, replacing: CacheEntry)
}

/// The path of a request without a fresh entry, from top to bottom: coalesce, lock across machines, run the handler, store and
/// publish.
///
/// A refresh in the background takes the same path from the second step on.
struct MissHandler<Rules: CachingRules> {
    let engine: CacheEngine<Rules>
    let request: ReadRequest
    let serving: Serving

    private var isRefresh: Bool { if case .background = serving { true } else { false } }

    // MARK: Coalesce

    /// Shares one handler run with the concurrent requests of the key.
    ///
    /// - Parameter completionCount: The number of flights of the key that had published when the store was asked.
    /// - Returns: The outcome of the request.
    /// - Throws: Any error that the handler throws.
    func coalesce(since completionCount: Int) async throws -> MissOutcome {
        // Only a response to GET that may be stored can be shared.
        guard !request.isHead, !request.forbidsStoring else { return try await runAlone(since: nil) }
        let snapshot = await request.store.snapshot(known: request.mark)
        guard engine.settings.singleFlight.isEnabled, !snapshot.isUnknown else {
            return try await runAlone(since: snapshot)
        }
        switch engine.flights.join(request.flightKey, at: snapshot, now: engine.elapsed()) {
        case .pass:
            return try await runAlone(since: snapshot)
        case .lead(let leadership):
            // A flight that ended after the look-up has stored a response that this request did not see.
            if engine.flights.completionCount(of: request.flightKey) != completionCount,
                let entry = await lookAgain(leadership, in: request.store).entry
            {
                return .hit(entry)
            }
            return try await lockAcrossMachines(leadership)
        case .wait(let ticket):
            // A request with a stale response to serve does not wait.
            if let entry = request.stale, engine.allowsWhileRevalidating(entry) {
                engine.flights.leave(ticket)
                return .stale(entry)
            }
            switch try await outcome(for: ticket, joinedAt: snapshot) {
            case .entry(let entry) where engine.rules.mayServe(entry, to: request.exchange):
                return .collapsed(entry)
            case .promoted(let leadership):
                leadership.renew(await request.store.snapshot(fallback: snapshot.mark))
                return try await runHandler(leadership)
            case .entry, .timedOut:
                return try await runAlone(since: await request.store.snapshot(fallback: snapshot.mark))
            }
        }
    }

    private func outcome(
        for ticket: FlightTicket, joinedAt snapshot: PurgeSnapshot
    ) async throws -> FlightTable.Outcome {
        let flights = engine.flights
        return try await engine.observer.measure(.wait) {
            guard let limit = engine.settings.singleFlight.waitLimit else {
                return try await flights.outcome(for: ticket, joinedAt: snapshot)
            }
            let clock = engine.runtime.clock
            let timer = Task {
                guard (try? await clock.sleep(for: limit)) != nil else { return }
                flights.resolve(ticket, with: .timedOut)
            }
            defer { timer.cancel() }
            return try await flights.outcome(for: ticket, joinedAt: snapshot)
        }
    }

    /// Looks up the key once more, and publishes a fresh entry to the waiters.
    private func lookAgain(_ leadership: Leadership, in store: StoreAccess) async -> StoreLookup {
        await leadership.lookAgain {
            guard case .background(_, replacing: let entry) = serving else {
                return await engine.lookUpFresh(request, in: store)
            }
            // The tier in memory has the entry that is being replaced.
            var found = await engine.lookUpFresh(request, in: store, skippingMemory: true)
            if let later = found.entry, later.storedAt <= entry.storedAt { found.entry = nil }
            return found
        }
    }

    // MARK: Lock across machines

    /// Runs the handler under the lock of the key in the shared store, if there is one, or returns the response of another machine.
    ///
    /// - Returns: The outcome of the request.
    /// - Throws: Any error that the handler throws.
    func lockAcrossMachines(_ leadership: Leadership) async throws -> MissOutcome {
        guard let duration = engine.settings.singleFlight.lockDuration, duration > .zero else {
            return try await isRefresh
                ? lookAgainAndRun(leadership, in: request.store) : runHandler(leadership)
        }
        let lock = SharedLock(of: request.flightKey, in: engine.store, background: engine.runtime.background)
        let elapsed = engine.runtime.clock.stopwatch()
        var store = request.store
        while true {
            switch await lock.acquire(for: duration, in: store) {
            case .locked:
                // Another machine may have stored the response just before it released the lock.
                return try await lock.releasing { try await lookAgainAndRun(leadership, in: store) }
            case .unknown(let isAsked):
                // A failing lock does not delay the response. A store that was asked may have acquired it.
                return try await lock.releasing(if: isAsked) {
                    try await isRefresh ? lookAgainAndRun(leadership, in: store) : runHandler(leadership)
                }
            case .refused:
                // The machine with the lock stores the response; until then the stale one is served.
                if case .background(_, replacing: let entry) = serving {
                    leadership.giveUp()
                    return .stale(entry)
                }
                if elapsed() >= duration {
                    leadership.renew(await store.snapshot(fallback: leadership.snapshot?.mark))
                    return try await runHandler(leadership)
                }
                // Waiting for a machine does not count as waiting for the store.
                store = store.withNewTime()
                try await engine.runtime.clock.sleep(for: SharedLock.pollInterval * (0.5 + engine.runtime.random()))
                if let entry = await lookAgain(leadership, in: store).entry { return .collapsed(entry) }
            }
        }
    }

    private func lookAgainAndRun(_ leadership: Leadership, in store: StoreAccess) async throws -> MissOutcome {
        let found = await lookAgain(leadership, in: store)
        if let entry = found.entry { return .hit(entry) }
        leadership.renew(await store.snapshot(known: found.mark, fallback: leadership.snapshot?.mark))
        return try await runHandler(leadership)
    }

    // MARK: Run the handler

    /// Runs the handler for this request, without waiters.
    ///
    /// - Parameter snapshot: The order of purges before the run; nil when the response is not stored.
    /// - Returns: The outcome of the request.
    /// - Throws: Any error that the handler throws.
    func runAlone(since snapshot: PurgeSnapshot?) async throws -> MissOutcome {
        try await runHandler(Leadership(withoutWaitersSince: snapshot))
    }

    private func runHandler(_ leadership: Leadership) async throws -> MissOutcome {
        let stopwatch = engine.runtime.clock.stopwatch()
        do {
            // Collecting the body is part of the run, because a handler may produce it during that time.
            return try await CacheNesting.running(engine.store.identity, request.key) {
                let (reply, reads) = try await engine.observer.measure(.handler) { try await handlerReply() }
                if reply.isServerFailure, let entry = request.stale, engine.allowsIfError(entry) {
                    await publishStale(leadership)
                    return .staleIfError(entry, status: reply.status.code)
                }
                // A response to HEAD may lack what only GET computes.
                guard !request.isHead else { return .notStored(reply, .head) }
                return try await storeAndPublish(reply, leadership, reads, computationTime: stopwatch())
            }
        } catch {
            // The handler failed, or the body while it was collected.
            guard !isRefresh, let entry = request.stale, !(error is CancellationError), engine.allowsIfError(entry)
            else {
                leadership.giveUp()
                throw error
            }
            engine.observer.failed(.staleIfError, key: request.key, error)
            await publishStale(leadership)
            return .staleIfError(entry, status: nil)
        }
    }

    /// Forwards the request, or validates the stale entry if the rules can.
    private func handlerReply() async throws -> (reply: Reply, reads: BodyReads?) {
        let exchange = isRefresh ? request.exchange.forBackground : request.exchange
        guard !request.isHead, let stale = request.stale, engine.rules.validation(of: stale, for: exchange) != nil,
            // Looked up again: an entry that was purged since must not be stored once more.
            let entry = await engine.lookUp(request, in: request.store, skippingMemory: isRefresh).entry,
            let validation = engine.rules.validation(of: entry, for: exchange)
        else { return try await forward(exchange) }
        let validated = try await forward(validation)
        if let updated = engine.rules.response(updating: entry, with: validated.reply) {
            return (updated, validated.reads)
        }
        // The condition was the cache's: a 304 that does not confirm the entry is no response to the client.
        return validated.reply.status == .notModified ? try await forward(exchange) : validated
    }

    private func forward(_ exchange: Exchange) async throws -> (reply: Reply, reads: BodyReads?) {
        switch serving {
        case .client(let next):
            guard engine.rules.tracksBody, let tracked = exchange.body.tracked() else {
                return (try await next(exchange), nil)
            }
            var exchange = exchange
            exchange.body = tracked.body
            return (try await next(exchange), tracked.reads)
        case .background(let handler, replacing: _):
            return (try await handler(exchange), nil)
        }
    }

    /// Gives waiters the stale entry that is in the store now, if it may still be served instead of an error.
    ///
    /// It is looked up again: a purge may have removed the entry that this request found, and a waiter that joined after the purge
    /// must not receive it.
    private func publishStale(_ leadership: Leadership) async {
        guard !isRefresh, leadership.hasFlight else { return leadership.giveUp() }
        let found = await leadership.lookAgain {
            var found = await engine.lookUp(request, in: request.store)
            if let entry = found.entry, !engine.isFresh(entry), !engine.allowsIfError(entry) { found.entry = nil }
            return found
        }
        if found.entry == nil { leadership.giveUp() }
    }

    // MARK: Store and publish

    private func storeAndPublish(
        _ reply: Reply, _ leadership: Leadership, _ reads: BodyReads?, computationTime: Duration
    ) async throws -> MissOutcome {
        guard !request.forbidsStoring else { return refuse(reply, leadership, because: .requestNoStore) }
        let draft: EntryDraft
        switch await engine.draft(of: reply, to: request, reads, computationTime: computationTime) {
        case .success(let made): draft = made
        case .failure(let refusal):
            // The response is no longer shareable, so neither is the entry that it replaces.
            if isRefresh, refusal.reason.isLasting { await engine.store.purge([.key(request.key)], mode: .hard) }
            return refuse(reply, leadership, because: refusal.reason)
        }
        let limit = engine.settings.maximumBodySize
        let length = reply.body.contentLength
        if length == nil, !isRefresh { return stream(reply, leadership, draft) }
        if let length, length > limit { return refuse(reply, leadership, because: .tooLarge) }
        let body = try await reply.body.collect(upTo: limit)
        var reply = reply
        reply.body = body.body
        if let reason = draft.rejection(of: body, announced: length) {
            return refuse(reply, leadership, because: reason)
        }
        let isStored = await leadership.publish { mark in
            await engine.store(draft, body: body.buffer, unlessPurgedSince: mark)
        }
        return isStored ? .stored(reply, lifetime: draft.lifetime) : .notStored(reply, .store)
    }

    /// Streams the body to the client and stores it once it has ended.
    private func stream(_ reply: Reply, _ leadership: Leadership, _ draft: EntryDraft) -> MissOutcome {
        // Runs beside a flight would collect the same body several times, and server-sent events do not end.
        guard leadership.hasFlight || !engine.settings.singleFlight.isEnabled, !reply.isEventStream else {
            return refuse(reply, leadership, because: .streaming)
        }
        // Waiters without a limit do not wait for the end of a stream.
        if engine.settings.singleFlight.waitLimit == nil { leadership.giveUp(passingUntil: passEnd) }
        var streaming = reply
        streaming.body = ReplyBody(.stream(TeeBody(reply.body, of: request.key, draft, leadership, engine)))
        return .notStored(streaming, .streaming)
    }

    private func refuse(_ reply: Reply, _ leadership: Leadership, because reason: RefusalReason) -> MissOutcome {
        leadership.giveUp(passingUntil: reason.isLasting && !isRefresh ? passEnd : nil)
        return .notStored(reply, reason)
    }

    private var passEnd: Duration { engine.elapsed() + SingleFlight.passDuration }
}

extension Reply {
    /// Whether a stale response may be served instead of this one (RFC 5861 section 4).
    fileprivate var isServerFailure: Bool {
        [500, 502, 503, 504].contains(status.code)
    }

    /// Whether the body is a stream of server-sent events.
    fileprivate var isEventStream: Bool {
        headerFields.value(of: .contentType)?.utf8.startsIgnoringCase(with: "text/event-stream") ?? false
    }
}
