import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension CacheEngine {
    /// Why a request was not answered without waiting for anything.
    enum FirstLook {
        /// The cache is not to be used.
        case pass(RefusalReason)
        /// The store has no fresh answer.
        case miss(CacheKey, stale: CacheEntry?, completionCount: Int)
        /// The store's tier in memory has no answer.
        case missedMemory(CacheKey)
        /// Key or store have to be waited for.
        case waiting
    }

    /// Answers GET and HEAD from a store in memory, if nothing has to be waited for: most requests need no more.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - isHead: Whether it is HEAD.
    ///   - next: What the cache wraps.
    ///   - look: Is told why there is no answer. It is no part of the result, which would be copied once more with it.
    /// - Returns: The answer, or nil.
    func immediateReply(to exchange: Exchange, isHead: Bool, next: Next, otherwise look: inout FirstLook) -> Reply? {
        guard storesAnything else {
            look = .pass(.timeout)
            return nil
        }
        if let reason = policy.bypass(exchange) {
            look = .pass(reason)
            return nil
        }
        guard isImmediate, let memory = store.front,
            let key = observer.time(.key, { key.synchronousKey(for: exchange) })
        else { return nil }
        let completionCount = flights.completionCount(of: key)
        guard let entry = observer.time(.lookup, { memory.entry(for: key) }) else {
            guard store.memory != nil else {
                look = .missedMemory(key)
                return nil
            }
            look = .miss(key, stale: nil, completionCount: completionCount)
            return nil
        }
        let now = runtime.timeSource.now
        guard entry.isFresh(at: now) else {
            look = .miss(key, stale: entry, completionCount: completionCount)
            return nil
        }
        if settings.stale.earlyRefresh > 0 {
            refreshEarly(entry, Read(exchange: exchange, key: key, isHead: isHead, store: store), next: next, at: now)
        }
        return hit(entry, key: key, isHead: isHead, at: now)
    }

    /// Answers GET and HEAD that were not answered at once.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - isHead: Whether it is HEAD.
    ///   - look: Why it was not answered at once.
    ///   - next: What the cache wraps.
    /// - Returns: The reply.
    /// - Throws: What the handler throws.
    func read(_ exchange: Exchange, isHead: Bool, after look: FirstLook, next: Next) async throws -> Reply {
        switch look {
        case .pass(let reason):
            return try await pass(exchange, next: next, because: reason)
        case .miss(let key, let entry, let completionCount):
            let read = Read(exchange: exchange, key: key, isHead: isHead, store: store.forRequest(exchange))
            return try await miss(read, stale: entry, since: completionCount, next: next)
        case .waiting:
            let store = store.forRequest(exchange)
            guard let key = await key(for: exchange) else {
                return try await pass(exchange, next: next, because: .key)
            }
            var read = Read(exchange: exchange, key: key, isHead: isHead, store: store)
            if settings.honorsNoCache, exchange.request.headerFields.contains(.cacheControl),
                CacheControl(exchange.request.headerFields).contains("no-cache")
            {
                read.reason = .request
                return try await run(read, turn: nil, mark: store.purgeMark(), next: next)
            }
            return try await self.look(read, next: next) { await store.lookUp(key) }
        case .missedMemory(let key):
            let store = store.forRequest(exchange)
            let read = Read(exchange: exchange, key: key, isHead: isHead, store: store)
            return try await self.look(read, next: next) { await store.lookUpBehindFront(key) }
        }
    }

    /// Answers from a store that has to be waited for; in a store outside the process the look-up is measured.
    private func look(_ read: Read, next: Next, _ lookUp: () async -> StoreLookup) async throws -> Reply {
        let completionCount = flights.completionCount(of: read.key)
        let found = await observer.measure(.lookup, lookUp)
        let now = runtime.timeSource.now
        guard let entry = found.entry, entry.isFresh(at: now) else {
            var read = read
            read.mark = found.mark
            return try await miss(read, stale: found.entry, since: completionCount, next: next)
        }
        if settings.stale.earlyRefresh > 0 { refreshEarly(entry, read, next: next, at: now) }
        return hit(entry, key: read.key, isHead: read.isHead, at: now)
    }

    /// Answers when there is no fresh answer in the store.
    private func miss(
        _ read: Read,
        stale entry: CacheEntry?,
        since completionCount: Int,
        next: Next
    ) async throws -> Reply {
        var read = read
        if let entry {
            let now = runtime.timeSource.now
            read.reason = .stale
            if settings.stale.allowsWhileRevalidating(entry, at: now), refresh(entry, read, next: next) {
                return stale(entry, key: read.key, isHead: read.isHead, at: now)
            }
            read.stale = entry
        }
        // Only an answer to GET is for others.
        guard !read.isHead else { return try await run(read, turn: nil, mark: nil, next: next) }
        return try await make(read, since: completionCount, next: next)
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
