import HTTPPipeline
import HTTPTypes
import KeyConstructor

extension CacheEngine {
    /// Responds to a GET or HEAD from a store in memory without suspension, which suffices for most requests.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - isHead: Whether it is HEAD.
    ///   - next: The handler that the cache wraps.
    ///   - look: Set to the reason if there is no response. Returning it would cost another copy of the response.
    /// - Returns: The response, or nil if the request has to wait.
    func immediateReply(to exchange: Exchange, isHead: Bool, next: Next, otherwise look: inout FirstLook) -> Reply? {
        guard storesAnything else {
            look = .pass(.lifetime)
            return nil
        }
        let traits = RequestTraits(exchange.request.headerFields)
        if let reason = rules.bypass(exchange, traits) {
            look = .pass(reason)
            return nil
        }
        guard isImmediate, let memory = store.immediateFront,
            let key = observer.time(.key, isComplete: { $0 != nil }, { rules.synchronousKey(for: exchange) })
        else {
            look = .waiting(traits)
            return nil
        }
        guard !CacheNesting.isInside(store.identity, key) else {
            look = .nested
            return nil
        }
        let completionCount = flights.completionCount(of: key)
        let found = observer.time(.lookup, isComplete: { $0 != nil || store.memory != nil }) { () -> CacheEntry? in
            guard let entry = memory.entry(for: key), rules.mayServe(entry, to: exchange) else { return nil }
            return entry
        }
        guard let entry = found else {
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
            refreshEarly(entry, request(exchange, key, traits, isHead: isHead, in: store), next: next, at: now)
        }
        return hit(entry, key: key, for: exchange, traits, isHead: isHead, at: now)
    }

    /// Responds to a GET or HEAD that has to wait for its key, the store or the handler.
    ///
    /// - Parameters:
    ///   - exchange: The request.
    ///   - isHead: Whether it is HEAD.
    ///   - look: The reason why the request has to wait.
    ///   - next: The handler that the cache wraps.
    /// - Returns: The response.
    /// - Throws: Any error that the handler throws.
    func respond(to exchange: Exchange, isHead: Bool, after look: FirstLook, next: Next) async throws -> Reply {
        switch look {
        case .pass(let reason):
            return try await pass(exchange, next: next, because: reason)
        case .nested:
            return try await next(exchange)
        case .miss(let key, let traits, let entry, let completionCount):
            var request = request(exchange, key, traits, isHead: isHead, in: store.forRequest(exchange))
            request.stale = entry
            return try await miss(request, since: completionCount, next: next)
        case .waiting(let traits):
            guard let key = await key(for: exchange) else {
                return try await pass(exchange, next: next, because: .key)
            }
            guard !CacheNesting.isInside(store.identity, key) else { return try await next(exchange) }
            var request = request(exchange, key, traits, isHead: isHead, in: store.forRequest(exchange))
            if settings.honorsNoCache, traits.hasCacheControl,
                CacheDirectives(exchange.request.headerFields).contains("no-cache")
            {
                request.reason = .request
                let miss = MissHandler(engine: self, request: request, serving: .client(next))
                return reply(try await miss.runAlone(since: request.store.snapshot()), to: request)
            }
            return try await lookUpAndRespond(request, next: next)
        case .missedMemory(let key, let traits):
            let request = request(exchange, key, traits, isHead: isHead, in: store.forRequest(exchange))
            return try await lookUpAndRespond(request, skippingMemory: true, next: next)
        }
    }

    /// Looks up the key in an asynchronous store, and responds.
    private func lookUpAndRespond(
        _ request: ReadRequest, skippingMemory: Bool = false, next: Next
    ) async throws -> Reply {
        let completionCount = flights.completionCount(of: request.flightKey)
        let found = await observer.measure(.lookup) {
            await lookUp(request, in: request.store, skippingMemory: skippingMemory)
        }
        let now = runtime.timeSource.now
        guard let entry = found.entry, entry.isFresh(at: now) else {
            var request = request
            (request.stale, request.mark) = (found.entry, found.mark)
            return try await miss(request, since: completionCount, next: next)
        }
        if settings.stale.earlyRefresh > 0 { refreshEarly(entry, request, next: next, at: now) }
        return hit(entry, request)
    }

    /// Responds to a request without a fresh entry.
    private func miss(_ request: ReadRequest, since completionCount: Int, next: Next) async throws -> Reply {
        var request = request
        if let entry = request.stale {
            request.reason = .stale
            // A response that must not be stored is of no use to a refresh.
            if !request.forbidsStoring, allowsWhileRevalidating(entry), refresh(entry, request, next: next) {
                return stale(entry, request)
            }
        }
        let miss = MissHandler(engine: self, request: request, serving: .client(next))
        return reply(try await miss.coalesce(since: completionCount), to: request)
    }

    /// Looks up a request's key; an entry that must not be served to the request counts as none.
    func lookUp(_ request: ReadRequest, in store: StoreAccess, skippingMemory: Bool = false) async -> StoreLookup {
        var found = skippingMemory ? await store.lookUpBehindFront(request.key) : await store.lookUp(request.key)
        if let entry = found.entry, !rules.mayServe(entry, to: request.exchange) { found.entry = nil }
        return found
    }

    /// Looks up a request's key; an entry that is no longer fresh counts as none.
    func lookUpFresh(
        _ request: ReadRequest, in store: StoreAccess, skippingMemory: Bool = false
    ) async -> StoreLookup {
        var found = await lookUp(request, in: store, skippingMemory: skippingMemory)
        if let entry = found.entry, !isFresh(entry) { found.entry = nil }
        return found
    }

    /// Returns a request for the parts of the engine that wait.
    private func request(
        _ exchange: Exchange, _ key: CacheKey, _ traits: RequestTraits, isHead: Bool, in store: StoreAccess
    ) -> ReadRequest {
        let flightKey = rules.flightScope(of: exchange).map { CompletionCounts.key(key, for: $0) } ?? key
        return ReadRequest(exchange, keys: (key, flightKey), traits, isHead: isHead, in: store)
    }

    private func key(for exchange: Exchange) async -> CacheKey? {
        do {
            return try await observer.measure(.key) { try await rules.key(for: exchange) }
        } catch {
            observer.keyFailed(error)
            return nil
        }
    }

    private func pass(_ exchange: Exchange, next: Next, because reason: RefusalReason) async throws -> Reply {
        finished(try await next(exchange), .forwarded(.bypass, detail: reason), .bypass, for: exchange)
    }
}
