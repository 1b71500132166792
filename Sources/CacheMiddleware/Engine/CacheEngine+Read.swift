import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension CacheEngine {
    /// Why a request was not answered without waiting for anything.
    enum FirstLook {
        /// The cache is not to be used.
        case pass(RefusalReason)
        /// The store has no fresh entry.
        case miss(CacheKey, RequestTraits, stale: CacheEntry?, completionCount: Int)
        /// The store's tier in memory has no entry.
        case missedMemory(CacheKey, RequestTraits)
        /// Key or store have to be waited for.
        case waiting(RequestTraits)
        /// The request comes from inside the handler of a cache with the same key and store.
        case nested
    }

    /// Answers GET and HEAD from a store in memory, if nothing has to be waited for: most requests need no more.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - isHead: Whether it is HEAD.
    ///   - next: What the cache wraps.
    ///   - look: Set to why there is no reply. It is no part of the result, which would be copied once more with it.
    /// - Returns: The reply, or nil.
    func immediateReply(to exchange: Exchange, isHead: Bool, next: Next, otherwise look: inout FirstLook) -> Reply? {
        guard storesAnything else {
            look = .pass(.timeout)
            return nil
        }
        let traits = RequestTraits(exchange.request.headerFields)
        if let reason = policy.bypass(exchange, traits) {
            look = .pass(reason)
            return nil
        }
        guard isImmediate, let memory = store.immediateFront,
            let key = observer.time(.key, { key.synchronousKey(for: exchange) })
        else {
            look = .waiting(traits)
            return nil
        }
        guard !CacheNesting.isInside(store.identity, key) else {
            look = .nested
            return nil
        }
        let completionCount = flights.completionCount(of: key)
        guard let entry = observer.time(.lookup, { memory.entry(for: key) }), mayServe(entry, to: exchange) else {
            look =
                store.memory == nil
                ? .missedMemory(key, traits) : .miss(key, traits, stale: nil, completionCount: completionCount)
            return nil
        }
        let now = runtime.timeSource.now
        guard entry.isFresh(at: now) else {
            look = .miss(key, traits, stale: entry, completionCount: completionCount)
            return nil
        }
        if settings.stale.earlyRefresh > 0 {
            refreshEarly(entry, read(exchange, key, traits, isHead: isHead, in: store), next: next, at: now)
        }
        return hit(entry, key: key, for: exchange, traits, isHead: isHead, at: now)
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
    func answer(_ exchange: Exchange, isHead: Bool, after look: FirstLook, next: Next) async throws -> Reply {
        switch look {
        case .pass(let reason):
            return try await pass(exchange, next: next, because: reason)
        case .nested:
            return try await next(exchange)
        case .miss(let key, let traits, let entry, let completionCount):
            let read = read(exchange, key, traits, isHead: isHead, in: store.forRequest(exchange))
            return try await miss(read, stale: entry, since: completionCount, next: next)
        case .waiting(let traits):
            guard let key = await key(for: exchange) else {
                return try await pass(exchange, next: next, because: .key)
            }
            guard !CacheNesting.isInside(store.identity, key) else { return try await next(exchange) }
            var read = read(exchange, key, traits, isHead: isHead, in: store.forRequest(exchange))
            if settings.honorsNoCache, traits.hasCacheControl,
                CacheDirectives(exchange.request.headerFields).contains("no-cache")
            {
                read.reason = .request
                return try await run(read, turn: nil, since: read.store.snapshot(), next: next)
            }
            return try await answer(read, next: next) { await lookUp(read) }
        case .missedMemory(let key, let traits):
            let read = read(exchange, key, traits, isHead: isHead, in: store.forRequest(exchange))
            return try await answer(read, next: next) { await lookUp(read, skippingMemory: true) }
        }
    }

    /// Answers from a store that has to be waited for; in a store outside the process the look-up is measured.
    private func answer(_ read: Read, next: Next, _ lookUp: () async -> StoreLookup) async throws -> Reply {
        let completionCount = flights.completionCount(of: read.flightKey)
        let found = await observer.measure(.lookup, lookUp)
        let now = runtime.timeSource.now
        guard let entry = found.entry, entry.isFresh(at: now) else {
            var read = read
            read.mark = found.mark
            return try await miss(read, stale: found.entry, since: completionCount, next: next)
        }
        if settings.stale.earlyRefresh > 0 { refreshEarly(entry, read, next: next, at: now) }
        return hit(entry, read)
    }

    /// Answers when there is no fresh entry in the store.
    private func miss(
        _ read: Read,
        stale entry: CacheEntry?,
        since completionCount: Int,
        next: Next
    ) async throws -> Reply {
        var read = read
        let forbidsStoring = read.forbidsStoring
        if let entry {
            read.reason = .stale
            // A response that must not be stored is of no use to a refresh.
            if !forbidsStoring, settings.stale.allowsWhileRevalidating(entry, at: runtime.timeSource.now),
                refresh(entry, read, next: next)
            {
                return stale(entry, read)
            }
            read.stale = entry
        }
        // Only a response to GET that may be stored is for others.
        guard !read.isHead, !forbidsStoring else { return try await run(read, turn: nil, since: nil, next: next) }
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
