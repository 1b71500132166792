import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A body that is streamed to the client, and stored once it has ended within the size limit.
struct TeeBody<Rules: CachingRules>: StreamingBody {
    private let body: ReplyBody
    /// The key of the request, under which nested caches recognize the run.
    private let key: CacheKey
    private let draft: EntryDraft
    private let leadership: Leadership
    private let engine: CacheEngine<Rules>

    init(
        _ body: ReplyBody, of key: CacheKey, _ draft: EntryDraft, _ leadership: Leadership,
        _ engine: CacheEngine<Rules>
    ) {
        self.body = body
        self.key = key
        self.draft = draft
        self.leadership = leadership
        self.engine = engine
    }

    var contentLength: Int? { body.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        let collector = BodyCollector(limit: engine.settings.maximumBodySize)
        let tee = TeeWriter(client: writer, collector: collector, tee: self)
        try await CacheNesting.running(engine.store.identity, key) { try await body.write(to: tee) }
    }

    /// Stores and publishes the body unless it is incomplete or must not be stored.
    fileprivate func end(with body: ReplyBody.Collected) async {
        if let reason = draft.rejection(of: body) { return giveUp(because: reason) }
        let isStored = await leadership.publish { mark in
            await engine.store(draft, body: body.buffer, unlessPurgedSince: mark)
        }
        engine.observer.ended(key: draft.key, stored: isStored, because: isStored ? nil : .store)
    }

    fileprivate func giveUp(because reason: RefusalReason) {
        leadership.giveUp()
        engine.observer.ended(key: draft.key, stored: false, because: reason)
    }
}

private struct TeeWriter<Rules: CachingRules>: BodyWriter {
    var client: any BodyWriter
    /// Collects the body; nil once it has passed the limit.
    var collector: BodyCollector?
    let tee: TeeBody<Rules>

    mutating func write(_ buffer: ByteBuffer) async throws {
        if collector?.append(buffer) == false {
            collector = nil
            tee.giveUp(because: .tooLarge)
        }
        try await client.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        if var body = collector?.collected {
            body.trailers = trailers
            await tee.end(with: body)
        }
        try await client.finish(trailers)
    }
}
