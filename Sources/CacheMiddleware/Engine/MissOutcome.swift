import HTTPPipeline

/// The outcome of a request without a fresh entry.
enum MissOutcome {
    /// A second look-up found a fresh entry.
    case hit(CacheEntry)
    /// Another request's or another machine's handler run produced the entry.
    case collapsed(CacheEntry)
    /// A stale entry is served without the handler's response.
    case stale(CacheEntry)
    /// A stale entry is served instead of an error: a response with this status, or an error that the handler threw (nil).
    case staleIfError(CacheEntry, status: Int?)
    /// The handler's response was stored, for this lifetime (nil is forever).
    case stored(Reply, lifetime: Duration?)
    /// The handler's response was not stored.
    case notStored(Reply, RefusalReason)
}

extension CacheEngine {
    /// Returns the response for the client.
    func reply(_ outcome: MissOutcome, to request: ReadRequest) -> Reply {
        switch outcome {
        case .hit(let entry):
            return hit(entry, request)
        case .collapsed(let entry):
            return collapsed(entry, request)
        case .stale(let entry):
            return stale(entry, request)
        case .staleIfError(let entry, let status):
            return stale(entry, request, isForwarded: true, forwardStatus: status)
        case .stored(let reply, let lifetime):
            var status = CacheStatus.stored(request.reason)
            status.timeToLive = lifetime.map { Int($0.components.seconds) }
            return finished(reply, status, request.outcome, for: request.exchange, key: request.key)
        case .notStored(let reply, let reason):
            return finished(
                reply, .forwarded(request.reason, detail: reason), request.outcome, for: request.exchange,
                key: request.key)
        }
    }

    /// Records the outcome of a refresh in the background.
    func record(_ outcome: MissOutcome, of request: ReadRequest) {
        switch outcome {
        case .stored: observer.refreshed(key: request.key, stored: true, because: nil)
        case .notStored(_, let reason): observer.refreshed(key: request.key, stored: false, because: reason)
        case .hit, .collapsed, .stale, .staleIfError: break
        }
    }
}
