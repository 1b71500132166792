import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

extension CacheEngine {
    /// Starts a refresh of a stale entry unless one is running.
    ///
    /// - Returns: Whether the stale entry may be served; otherwise this request runs the handler.
    func refresh(_ entry: CacheEntry, _ request: ReadRequest, next: Next) -> Bool {
        guard !flights.isRunning(request.flightKey, now: elapsed()) else { return true }
        guard let handler = next.detached else { return false }
        // Without room in the background the next request starts the refresh.
        startRefresh(of: entry, request, handler)
        return true
    }

    /// Starts a refresh of a fresh entry, with a probability that grows towards the end of its lifetime.
    func refreshEarly(_ entry: CacheEntry, _ request: ReadRequest, next: Next, at moment: Timestamp) {
        guard settings.stale.refreshesEarly(entry, at: moment, random: runtime.random()),
            let handler = next.detached, !flights.isRunning(request.flightKey, now: elapsed())
        else { return }
        startRefresh(of: entry, request, handler)
    }

    private func startRefresh(of entry: CacheEntry, _ request: ReadRequest, _ handler: @escaping Handler) {
        // Led before the run starts, so that other requests do not take up room in the background for the same key.
        guard let leadership = flights.tryLead(request.flightKey, now: elapsed()) else { return }
        var request = request
        // The handler receives a GET without the client's Cache-Control.
        request.isHead = false
        request.forbidsStoring = false
        request.stale = entry
        // No client waits, so the store's operations have no common limit.
        request.store = store
        let (engine, refreshed) = (self, request)
        runtime.background.run {
            let miss = MissHandler(
                engine: engine, request: refreshed, serving: .background(handler, replacing: entry))
            do {
                engine.record(try await miss.lockAcrossMachines(leadership), of: refreshed)
            } catch {
                engine.observer.failed(.refresh, key: refreshed.key, error)
            }
        }
    }
}

extension Exchange {
    private static let ofOneClient: [HTTPField.Name] = [
        .range, .ifRange, .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .cacheControl,
    ]

    /// The request as a handler in the background receives it, after the client has its response.
    ///
    /// It has a separate memo, no body, because the connection may be closed, the method GET, because a response to HEAD is not
    /// stored, and none of the fields with which a client requests a range, states a condition or instructs caches.
    var forBackground: Exchange {
        var request = request
        request.method = .get
        for name in Self.ofOneClient { request.headerFields[name] = nil }
        var copy = Exchange(request: request, route: route, pathParameters: pathParameters, client: client)
        copy.attributes = attributes
        copy.memoizesByDefault = memoizesByDefault
        if case .buffer(let buffer) = body.content { copy.body = RequestBody(buffer) }
        return copy
    }
}
