import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A body that goes to the client as it comes and is stored when it has ended within a limit.
struct TeeBody: StreamingBody {
    let body: ReplyBody
    let draft: EntryDraft
    let engine: CacheEngine
    let turn: FlightTurn?

    var contentLength: Int? { body.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        let collector = BodyCollector(limit: engine.settings.maximumBodySize)
        let tee = TeeWriter(client: writer, collector: collector, tee: self)
        try await CacheNesting.running(engine.store.identity, draft.key) { try await body.write(to: tee) }
    }

    fileprivate func end(with body: ByteBuffer) async {
        let place = turn?.place
        let (entry, isStored) = await engine.store(draft, body: body)
        turn?.complete(with: entry, since: draft.snapshot, storedAfter: isStored ? place : nil)
        engine.observer.ended(key: draft.key, stored: isStored, because: isStored ? nil : .store)
    }

    fileprivate func end(because reason: RefusalReason) {
        turn?.end()
        engine.observer.ended(key: draft.key, stored: false, because: reason)
    }
}

private struct TeeWriter: BodyWriter {
    var client: any BodyWriter
    /// Gathers the body until it passes the limit; from then on nothing is kept.
    var collector: BodyCollector?
    let tee: TeeBody

    mutating func write(_ buffer: ByteBuffer) async throws {
        if collector?.append(buffer) == false {
            collector = nil
            tee.end(because: .tooLarge)
        }
        try await client.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        // An entry cannot carry trailers, so a body that ends with them is not stored.
        if trailers != nil {
            tee.end(because: .trailers)
        } else if let buffer = collector?.collected.buffer {
            if tee.draft.dependsOnBody {
                tee.end(because: .body)
            } else if tee.draft.isComplete(buffer) {
                await tee.end(with: buffer)
            } else {
                tee.end(because: .incomplete)
            }
        }
        try await client.finish(trailers)
    }
}
