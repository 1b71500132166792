import CZlib
import HTTPPipeline
import HTTPTypes
import NIOCore

/// A body that is compressed while it is written.
///
/// What the body writes in one piece reaches the client in one piece, at once: events and progress are not held back for the
/// sake of better compression.
struct GzipBody: StreamingBody {
    let body: ReplyBody
    let gzip: Gzip
    let tags: VariantTag

    var contentLength: Int? { nil }

    func write(to writer: consuming any BodyWriter) async throws {
        let writer = writer
        try await gzip.lend(size: body.contentLength == nil ? .small : .large) { deflater in
            try await body.write(to: GzipWriter(client: writer, deflater: deflater, tags: tags))
        }
    }
}

private struct GzipWriter: BodyWriter {
    var client: any BodyWriter
    let deflater: DeflaterLease
    let tags: VariantTag
    /// Its memory is used again when the client has let go of what was written.
    var output = ByteBuffer()

    init(client: any BodyWriter, deflater: DeflaterLease, tags: VariantTag) {
        self.client = client
        self.deflater = deflater
        self.tags = tags
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        try deflater.compress(buffer, into: &output, flush: Z_SYNC_FLUSH)
        try await client.write(output)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        try deflater.compress(ByteBuffer(), into: &output, flush: Z_FINISH)
        try await client.write(output)
        var trailers = trailers
        if let tag = trailers?[.eTag] { trailers?[.eTag] = tags.variant(ofField: tag) }
        try await client.finish(trailers)
    }
}
