import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// Returns the response from a fresh entry.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - key: Its key.
    ///   - exchange: The request.
    ///   - traits: The traits of its header fields.
    ///   - isHead: Whether it is HEAD.
    ///   - moment: The current time.
    /// - Returns: The cached response, or 304 if the client has it.
    func hit(
        _ entry: CacheEntry, key: CacheKey, for exchange: Exchange, _ traits: RequestTraits, isHead: Bool,
        at moment: Timestamp
    ) -> Reply {
        observer.decided(.hit, for: exchange, key: key)
        let allowsReuse =
            HitRecorder.current.map { record(entry, key: key, for: exchange, at: moment, in: $0) } ?? false
        if let hitStatus {
            let fields = entry.hitFields.fields(of: entry, at: moment, status: hitStatus)
            var reply = reply(of: entry, fields: fields, isHead: isHead)
            reply.body.hasLengthField = true
            reply.allowsReuse = allowsReuse
            return traits.isConditionalRead ? conditional(reply, of: entry, for: exchange) : reply
        }
        var reply = reply(of: entry, isHead: isHead, at: moment)
        reply.allowsReuse = allowsReuse
        if settings.sendsStatus {
            var status = CacheStatus.hit
            status.timeToLive = entry.timeToLive(at: moment)
            reply.headerFields.append(
                status.field(cache: settings.name, key: key.description, isExplained: true)
            )
        }
        return traits.isConditionalRead ? conditional(reply, of: entry, for: exchange) : reply
    }

    /// Returns the response from an entry that is fresh at the current time.
    func hit(_ entry: CacheEntry, _ request: ReadRequest) -> Reply {
        hit(
            entry, key: request.key, for: request.exchange, request.traits, isHead: request.isHead,
            at: runtime.timeSource.now)
    }

    /// Returns the response from a stale entry.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - request: The request.
    ///   - isForwarded: Whether the handler ran.
    ///   - forwardStatus: The status of the handler's response that the entry replaces; nil when the handler did not run or threw.
    /// - Returns: The response with its age and status.
    func stale(
        _ entry: CacheEntry, _ request: ReadRequest, isForwarded: Bool = false, forwardStatus: Int? = nil
    ) -> Reply {
        let now = runtime.timeSource.now
        let status = CacheStatus(
            forward: isForwarded ? .stale : nil, forwardStatus: forwardStatus, timeToLive: entry.timeToLive(at: now)
        )
        return stored(entry, request, status, .stale, at: now)
    }

    /// Returns the response to a request that waited for the entry.
    func collapsed(_ entry: CacheEntry, _ request: ReadRequest) -> Reply {
        var status = CacheStatus.forwarded(request.reason)
        status.isCollapsed = true
        return stored(entry, request, status, .collapsed, at: runtime.timeSource.now)
    }

    private func stored(
        _ entry: CacheEntry, _ request: ReadRequest, _ status: CacheStatus, _ outcome: CacheObserver.Outcome,
        at moment: Timestamp
    ) -> Reply {
        let reply = finished(
            reply(of: entry, isHead: request.isHead, at: moment), status, outcome, for: request.exchange,
            key: request.key)
        return request.traits.isConditionalRead ? conditional(reply, of: entry, for: request.exchange) : reply
    }

    /// Returns the response, or 304 if the client has the cached response according to its If-None-Match or If-Modified-Since (RFC
    /// 9111 section 4.3.2).
    private func conditional(_ reply: Reply, of entry: CacheEntry, for exchange: Exchange) -> Reply {
        guard entry.status.kind == .successful, !entry.isThrownError else { return reply }
        var conditions = Preconditions(exchange.request.headerFields)
        // These conditions guard the handler's work (RFC 9110 sections 13.1.1 and 13.1.4).
        conditions.ifMatch = nil
        conditions.ifUnmodifiedSince = nil
        let validators = Validators(entry.headerFields)
        // A middleware further out may add the tag and then evaluates the condition itself.
        guard conditions.ifNoneMatch == nil || validators.tag != nil else { return reply }
        guard conditions.evaluate(method: .get, current: validators) == .notModified else { return reply }
        var notModified = reply.notModified
        notModified.body.variants = reply.body.variants
        notModified.comesThroughCache = true
        for name in [HTTPField.Name.age, .cacheStatus] {
            for value in reply.headerFields[values: name] {
                notModified.headerFields.append(HTTPField(name: name, value: value))
            }
        }
        return notModified
    }

    /// Returns an entry's response with its age.
    private func reply(of entry: CacheEntry, isHead: Bool, at moment: Timestamp) -> Reply {
        var fields = entry.headerFields
        fields[.age] = String(entry.age(at: moment))
        return reply(of: entry, fields: fields, isHead: isHead)
    }

    private func reply(of entry: CacheEntry, fields: HTTPFields, isHead: Bool) -> Reply {
        var reply = Reply(status: entry.status, headerFields: fields, body: ReplyBody(entry.body))
        if isHead {
            // HEAD has the length of GET's body without the body.
            if !fields.contains(.contentLength), entry.status.code != 204 {
                reply.headerFields[.contentLength] = String(entry.body.readableBytes)
            }
            reply.body = .empty
        }
        reply.body.variants = entry.variants
        if entry.isThrownError { reply.thrownError = StoredError() }
        return reply
    }
}

extension CacheEntry {
    /// Returns the remaining lifetime in whole seconds; negative if the entry is stale, nil if it is fresh forever.
    fileprivate func timeToLive(at moment: Timestamp) -> Int? {
        guard let end = freshUntil ?? expiresAt else { return nil }
        let (seconds, attoseconds) = (end - moment).components
        // Rounded down: an entry that became stale a moment ago has -1, not 0.
        return Int(seconds) - (attoseconds < 0 ? 1 : 0)
    }
}
