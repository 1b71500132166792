import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// Decides whether and how a response is stored.
    ///
    /// - Parameters:
    ///   - reply: The handler's response.
    ///   - request: The request.
    ///   - reads: Whether the handler read a request body that no field announced.
    ///   - computationTime: How long the handler took.
    /// - Returns: The entry without its body, or the reason not to store the response.
    func draft(
        of reply: Reply, to request: ReadRequest, _ reads: BodyReads?, computationTime: Duration
    ) async -> Result<EntryDraft, Refusal> {
        let exchange = request.exchange
        if let reason = rules.rejection(of: reply, to: exchange) { return .failure(Refusal(reason)) }
        let lifetime: Duration?
        do {
            lifetime = try await rules.lifetime(of: reply, to: exchange)
        } catch {
            observer.failed(.lifetime, key: request.key, error)
            return .failure(Refusal(.lifetimeFailed))
        }
        let validationPeriod = rules.validationPeriod(of: reply, to: exchange)
        if let lifetime, lifetime <= .zero, validationPeriod <= .zero { return .failure(Refusal(.lifetime)) }
        guard let tags = rules.tags(of: reply, to: exchange) else { return .failure(Refusal(.tags)) }
        return .success(
            EntryDraft(
                reply: reply, key: rules.storageKey(request.key, of: reply, to: exchange), store: request.store,
                lifetime: lifetime.map(shortened), validationPeriod: validationPeriod, tags: tags,
                path: exchange.request.path.map(CacheEntry.normalizedPath), reads: reads,
                computationTime: computationTime
            )
        )
    }

    /// Stores a drafted entry.
    ///
    /// - Parameters:
    ///   - draft: The entry without its body.
    ///   - body: The body.
    ///   - mark: The store's mark before the handler ran; nil stores nothing.
    /// - Returns: The entry, and whether it was stored.
    func store(
        _ draft: EntryDraft, body: ByteBuffer, unlessPurgedSince mark: PurgeMark?
    ) async -> (entry: CacheEntry, isStored: Bool) {
        let now = runtime.timeSource.now
        let fields = draft.reply.headerFields.stored(
            withoutCookies: !settings.storesSetCookie, without: settings.unstoredFields, at: now)
        let freshUntil = draft.lifetime.map { now + $0 }
        let retention = rules.stalePolicy(for: fields, settings: settings.stale).retention
        let entry = CacheEntry(status: draft.reply.status, headerFields: fields, body: body, storedAt: now) {
            $0.freshUntil = freshUntil
            $0.expiresAt = freshUntil.map { $0 + max(retention, draft.validationPeriod) }
            $0.tags = draft.tags
            $0.path = draft.path
            $0.computationTime = draft.computationTime
            $0.isThrownError = draft.reply.thrownError != nil
        }
        guard let mark else { return (entry, false) }
        return (entry, await draft.store.store(entry, for: draft.key, unlessPurgedSince: mark))
    }

    private func shortened(_ lifetime: Duration) -> Duration {
        guard settings.lifetimeJitter > 0 else { return lifetime }
        return lifetime * (1 - min(1, settings.lifetimeJitter) * runtime.random())
    }
}
