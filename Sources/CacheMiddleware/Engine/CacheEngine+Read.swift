import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension CacheEngine {
    /// Answers GET and HEAD.
    ///
    /// - Throws: What the handler throws.
    func read(_ exchange: Exchange, next: Next) async throws -> Reply {
        guard storesAnything else { return try await pass(exchange, next: next, because: .timeout) }
        if let reason = policy.bypass(exchange) { return try await pass(exchange, next: next, because: reason) }
        // What needs not be waited for is not called as if it had to.
        var made = observer.isMeasuring ? nil : self.key.synchronousKey(for: exchange)
        if made == nil { made = await key(for: exchange) }
        guard let key = made else { return try await pass(exchange, next: next, because: .key) }
        var read = Read(exchange: exchange, key: key, isHead: exchange.request.method == .head)
        if settings.honorsNoCache, exchange.request.headerFields.contains(.cacheControl),
            CacheControl(exchange.request.headerFields).contains("no-cache")
        {
            read.reason = .request
            return try await run(read, turn: nil, mark: store.purgeMark(), next: next)
        }
        let completionCount = flights.completionCount
        let entry =
            if let memory = store.memory, !observer.isMeasuring {
                memory.entry(for: key)
            } else {
                await entry(for: key)
            }
        if let entry {
            let now = runtime.timeSource.now
            if entry.isFresh(at: now) {
                if settings.stale.earlyRefresh > 0 { refreshEarly(entry, read, next: next, at: now) }
                return hit(entry, key: key, isHead: read.isHead, at: now)
            }
            read.reason = .stale
            if settings.stale.allowsWhileRevalidating(entry, at: now), refresh(entry, read, next: next) {
                return stale(entry, key: key, isHead: read.isHead, at: now)
            }
            read.stale = entry
        }
        // Only an answer to GET is for others.
        guard !read.isHead else { return try await run(read, turn: nil, mark: nil, next: next) }
        return try await make(read, since: completionCount, next: next)
    }

    /// The stored entry; in a store outside the process the look-up is measured.
    func entry(for key: CacheKey) async -> CacheEntry? {
        await observer.measure(.lookup) { await store.entry(for: key) }
    }

    private func key(for exchange: Exchange) async -> CacheKey? {
        do {
            return try await observer.measure(.key) { try await key.key(for: exchange) }
        } catch {
            observer.keyFailed(error)
            return nil
        }
    }

    private func pass(_ exchange: Exchange, next: Next, because reason: RefusalReason) async throws -> Reply {
        finished(try await next(exchange), .forwarded(.bypass, detail: reason), .bypass)
    }
}
