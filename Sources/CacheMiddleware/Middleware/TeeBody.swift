import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A body that goes to the client as it comes and is stored when it has ended within a limit.
struct TeeBody: StreamingBody {
    let body: ReplyBody
    let reply: Reply
    let limit: Int
    let key: CacheKey
    let entries: EntryAccess

    var contentLength: Int? { body.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        try await body.write(to: TeeWriter(client: writer, collector: BodyCollector(limit: limit), tee: self))
    }

    fileprivate func store(_ collected: ByteBuffer) async {
        _ = await entries.store(reply, body: collected, for: key)
    }
}

private struct TeeWriter: BodyWriter {
    var client: any BodyWriter
    /// Gathers the body until it passes the limit; from then on nothing is kept.
    var collector: BodyCollector?
    let tee: TeeBody

    mutating func write(_ buffer: ByteBuffer) async throws {
        if collector?.append(buffer) == false { collector = nil }
        try await client.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        // An entry cannot carry trailers, so a body that ends with them is not stored.
        if let collector, trailers == nil { await tee.store(collector.collected.buffer) }
        try await client.finish(trailers)
    }
}
