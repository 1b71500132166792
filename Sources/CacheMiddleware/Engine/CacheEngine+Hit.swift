import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// The reply that a fresh entry stands for.
    func hit(_ entry: CacheEntry, key: CacheKey, isHead: Bool, at moment: Timestamp) -> Reply {
        observer.decided(.hit, key: key)
        if let hitStatus {
            let fields = entry.hitFields.fields(of: entry, at: moment, status: hitStatus)
            return reply(of: entry, fields: fields, isHead: isHead)
        }
        var reply = reply(of: entry, isHead: isHead, at: moment)
        if settings.sendsStatus {
            var status = CacheStatus.hit
            status.timeToLive = entry.timeToLive(at: moment)
            reply.headerFields.append(
                status.field(cache: settings.name, key: key.description, isExplained: true)
            )
        }
        return reply
    }

    /// The reply that a stale entry stands for.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - key: Its key.
    ///   - isHead: Whether the request is HEAD.
    ///   - moment: The present moment.
    ///   - isForwarded: Whether the handler was asked.
    ///   - forwardStatus: The status of the handler's answer that it is given in place of, or nil when the handler was not
    ///     asked or threw.
    /// - Returns: The reply with its age and status.
    func stale(
        _ entry: CacheEntry,
        key: CacheKey,
        isHead: Bool,
        at moment: Timestamp,
        isForwarded: Bool = false,
        forwardStatus: Int? = nil
    ) -> Reply {
        let status = CacheStatus(
            forward: isForwarded ? .stale : nil, forwardStatus: forwardStatus, timeToLive: entry.timeToLive(at: moment)
        )
        return finished(reply(of: entry, isHead: isHead, at: moment), status, .stale, key: key)
    }

    /// The reply that an entry stands for, with its age.
    func reply(of entry: CacheEntry, isHead: Bool, at moment: Timestamp) -> Reply {
        var fields = entry.headerFields
        fields[.age] = String(entry.age(at: moment))
        return reply(of: entry, fields: fields, isHead: isHead)
    }

    private func reply(of entry: CacheEntry, fields: HTTPFields, isHead: Bool) -> Reply {
        var reply = Reply(status: entry.status, headerFields: fields, body: ReplyBody(entry.body))
        if isHead {
            // The size GET would have is all that HEAD tells of the body.
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
    /// The remaining lifetime in whole seconds, negative when the answer is stale, nil when it is fresh for ever.
    fileprivate func timeToLive(at moment: Timestamp) -> Int? {
        guard let end = freshUntil ?? expiresAt else { return nil }
        let (seconds, attoseconds) = (end - moment).components
        // Rounded down: what became stale a moment ago has -1 and not 0.
        return Int(seconds) - (attoseconds < 0 ? 1 : 0)
    }
}
