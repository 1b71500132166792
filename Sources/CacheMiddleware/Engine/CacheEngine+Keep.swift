import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// The reply with its body, stored if it may be.
    ///
    /// - Parameters:
    ///   - reply: The handler's answer to GET.
    ///   - read: The request.
    ///   - turn: Whom to give the answer to; ended in any case, for a stream when it has ended.
    ///   - snapshot: Where the order of purges stood when the handler began; nil when nothing is to be stored.
    ///   - reads: Whether the handler has read the request's body; nil when it has none.
    ///   - computationTime: How long the handler took.
    /// - Returns: The reply.
    /// - Throws: What the body throws while it is collected.
    func keep(
        _ reply: Reply,
        of read: Read,
        turn: FlightTurn?,
        since snapshot: PurgeSnapshot?,
        reads: BodyReads?,
        computationTime: Duration
    ) async throws -> Reply {
        guard !read.forbidsStoring else { return refused(reply, read, turn, because: .requestNoStore) }
        let draft: EntryDraft
        switch await self.draft(of: reply, to: read, since: snapshot, reads, computationTime: computationTime) {
        case .success(let made): draft = made
        case .failure(let refusal): return refused(reply, read, turn, because: refusal.reason)
        }
        guard let contentLength = reply.body.contentLength else {
            return streaming(reply, read, turn, draft)
        }
        guard contentLength <= settings.maximumBodySize else { return refused(reply, read, turn, because: .tooLarge) }
        let collected = try await reply.body.collect(upTo: settings.maximumBodySize)
        var reply = reply
        reply.body = collected.body
        guard collected.trailers == nil else { return refused(reply, read, turn, because: .trailers) }
        guard collected.buffer.readableBytes == contentLength, draft.isComplete(collected.buffer) else {
            return refused(reply, read, turn, because: .incomplete)
        }
        guard !draft.dependsOnBody else { return refused(reply, read, turn, because: .body) }
        let place = turn?.place
        let (entry, isStored) = await store(draft, body: collected.buffer)
        turn?.complete(with: entry, since: snapshot, storedAfter: isStored ? place : nil)
        var status = isStored ? CacheStatus.stored(read.reason) : .forwarded(read.reason, detail: .store)
        if isStored { status.timeToLive = draft.lifetime.map { Int($0.components.seconds) } }
        return finished(reply, status, read.outcome, key: read.key)
    }

    /// Stores what was drafted.
    ///
    /// - Returns: The entry, and whether the store took it.
    func store(_ draft: EntryDraft, body: ByteBuffer) async -> (entry: CacheEntry, isStored: Bool) {
        let now = runtime.timeSource.now
        let freshUntil = draft.lifetime.map { now + $0 }
        let entry = CacheEntry(
            status: draft.reply.status,
            headerFields: draft.reply.headerFields.stored(
                withoutCookies: !settings.storesSetCookie, without: settings.unstoredFields, at: now
            ),
            body: body,
            storedAt: now,
            freshUntil: freshUntil,
            expiresAt: freshUntil.map { $0 + settings.stale.retention },
            tags: draft.tags,
            path: draft.path,
            computationTime: draft.computationTime,
            isThrownError: draft.reply.thrownError != nil
        )
        guard let mark = draft.snapshot?.mark else { return (entry, false) }
        return (entry, await draft.store.store(entry, for: draft.key, unlessPurgedSince: mark))
    }

    /// What would be stored of a reply, or why nothing is.
    func draft(
        of reply: Reply,
        to read: Read,
        since snapshot: PurgeSnapshot?,
        _ reads: BodyReads?,
        computationTime: Duration
    ) async -> Result<EntryDraft, Refusal> {
        if let reason = policy.rejection(of: reply, to: read.exchange) { return .failure(Refusal(reason)) }
        let lifetime: Duration?
        do {
            let timeout = settings.statusTimeouts[reply.status.code] ?? timeout
            lifetime = try await timeout.duration(
                of: reply, to: read.exchange, settings: settings.timeout
            )
        } catch {
            observer.failed(.timeout, key: read.key, error)
            return .failure(Refusal(.timeoutFailed))
        }
        if let lifetime, lifetime <= .zero { return .failure(Refusal(.timeout)) }
        guard let tags = tags.tags(of: reply, to: read.exchange, omitted: { omitted($0, read.exchange) }) else {
            return .failure(Refusal(.tags))
        }
        return .success(
            EntryDraft(
                reply: reply, key: read.key, store: read.store, lifetime: lifetime.map(shortened), tags: tags,
                path: read.exchange.request.path.map(CacheEntry.normalizedPath), snapshot: snapshot,
                reads: reads, computationTime: computationTime
            )
        )
    }

    /// The reply as it is, of no use to those who wait.
    private func refused(_ reply: Reply, _ read: Read, _ turn: FlightTurn?, because reason: RefusalReason) -> Reply {
        turn?.end(passingUntil: reason.isLasting ? passEnd : nil)
        return finished(reply, .forwarded(read.reason, detail: reason), read.outcome, key: read.key)
    }

    /// The reply with a body that is stored when it has been sent.
    private func streaming(_ reply: Reply, _ read: Read, _ turn: FlightTurn?, _ draft: EntryDraft) -> Reply {
        // Of the runs that nobody waits for none is gathered, and nothing of what never ends.
        guard turn != nil || !settings.singleFlight.isEnabled, !reply.isEventStream else {
            return refused(reply, read, turn, because: .streaming)
        }
        // It may take long. With a limit those who wait have one of their own.
        if settings.singleFlight.waitLimit == nil { turn?.end(passingUntil: passEnd) }
        var reply = reply
        let body = reply.body
        reply.body = ReplyBody(.stream(TeeBody(body: body, draft: draft, engine: self, turn: turn)))
        return finished(reply, .forwarded(read.reason, detail: .streaming), read.outcome, key: read.key)
    }

    private var passEnd: Duration { elapsed() + Self.passDuration }

    private func shortened(_ lifetime: Duration) -> Duration {
        guard settings.lifetimeJitter > 0 else { return lifetime }
        return lifetime * (1 - min(1, settings.lifetimeJitter) * runtime.random())
    }
}

extension Reply {
    /// Whether the body is a stream of server-sent events.
    fileprivate var isEventStream: Bool {
        headerFields.value(of: .contentType)?.utf8.startsIgnoringCase(with: "text/event-stream") ?? false
    }
}
