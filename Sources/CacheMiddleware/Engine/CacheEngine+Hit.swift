import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// The reply that a fresh entry stands for.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - key: Its key.
    ///   - exchange: The request.
    ///   - traits: What is known of its header fields.
    ///   - isHead: Whether it is HEAD.
    ///   - moment: The present moment.
    /// - Returns: The reply: the stored response, or 304 where the client has it already.
    func hit(
        _ entry: CacheEntry, key: CacheKey, for exchange: Exchange, _ traits: RequestTraits, isHead: Bool,
        at moment: Timestamp
    ) -> Reply {
        observer.decided(.hit, key: key)
        if let hitStatus {
            let fields = entry.hitFields.fields(of: entry, at: moment, status: hitStatus)
            let reply = reply(of: entry, fields: fields, isHead: isHead)
            return traits.isConditionalRead ? conditional(reply, of: entry, for: exchange) : reply
        }
        var reply = reply(of: entry, isHead: isHead, at: moment)
        if settings.sendsStatus {
            var status = CacheStatus.hit
            status.timeToLive = entry.timeToLive(at: moment)
            reply.headerFields.append(
                status.field(cache: settings.name, key: key.description, isExplained: true)
            )
        }
        return traits.isConditionalRead ? conditional(reply, of: entry, for: exchange) : reply
    }

    /// The reply that a fresh entry stands for.
    func hit(_ entry: CacheEntry, _ read: Read) -> Reply {
        hit(
            entry, key: read.key, for: read.exchange, read.traits, isHead: read.isHead, at: runtime.timeSource.now)
    }

    /// The reply that a stale entry stands for.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - read: The request.
    ///   - isForwarded: Whether the handler was asked.
    ///   - forwardStatus: The status of the handler's response that it is given in place of, or nil when the handler was not
    ///     asked or threw.
    /// - Returns: The reply with its age and status.
    func stale(
        _ entry: CacheEntry, _ read: Read, isForwarded: Bool = false, forwardStatus: Int? = nil
    ) -> Reply {
        let now = runtime.timeSource.now
        let status = CacheStatus(
            forward: isForwarded ? .stale : nil, forwardStatus: forwardStatus, timeToLive: entry.timeToLive(at: now)
        )
        return stored(entry, read, status, .stale, at: now)
    }

    /// The reply of a request that waited for the entry.
    func collapsed(_ entry: CacheEntry, _ read: Read) -> Reply {
        var status = CacheStatus.forwarded(read.reason)
        status.isCollapsed = true
        return stored(entry, read, status, .collapsed, at: runtime.timeSource.now)
    }

    private func stored(
        _ entry: CacheEntry, _ read: Read, _ status: CacheStatus, _ outcome: CacheObserver.Outcome,
        at moment: Timestamp
    ) -> Reply {
        let reply = finished(reply(of: entry, isHead: read.isHead, at: moment), status, outcome, key: read.key)
        return read.traits.isConditionalRead ? conditional(reply, of: entry, for: read.exchange) : reply
    }

    /// The reply, or 304 in its place when the request's If-None-Match or If-Modified-Since says that the client has the stored
    /// response already (RFC 9111 section 4.3.2).
    private func conditional(_ reply: Reply, of entry: CacheEntry, for exchange: Exchange) -> Reply {
        guard entry.status.kind == .successful, !entry.isThrownError else { return reply }
        var conditions = Preconditions(exchange.request.headerFields)
        // These are for the handler: they guard what it does (RFC 9110 sections 13.1.1 and 13.1.4).
        conditions.ifMatch = nil
        conditions.ifUnmodifiedSince = nil
        let validators = Validators(entry.headerFields)
        // A tag that is given to the response further out is not known here, so a condition on tags is evaluated there.
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

    /// The reply that an entry stands for, with its age.
    private func reply(of entry: CacheEntry, isHead: Bool, at moment: Timestamp) -> Reply {
        var fields = entry.headerFields
        fields[.age] = String(entry.age(at: moment))
        return reply(of: entry, fields: fields, isHead: isHead)
    }

    private func reply(of entry: CacheEntry, fields: HTTPFields, isHead: Bool) -> Reply {
        var reply = Reply(status: entry.status, headerFields: fields, body: ReplyBody(entry.body))
        if isHead {
            // The size that GET's body has is all that HEAD says of it.
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
    /// The remaining lifetime in whole seconds, negative when the entry is stale, nil when it is fresh forever.
    fileprivate func timeToLive(at moment: Timestamp) -> Int? {
        guard let end = freshUntil ?? expiresAt else { return nil }
        let (seconds, attoseconds) = (end - moment).components
        // Rounded down: what became stale a moment ago has -1 and not 0.
        return Int(seconds) - (attoseconds < 0 ? 1 : 0)
    }
}
