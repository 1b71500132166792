import CZlib
import HTTPPipeline
import HTTPTypes
import NIOCore

/// A body that is compressed while it is written.
///
/// Each piece that the body writes reaches the client at once, as one piece: events and progress are not delayed for
/// better compression.
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
    /// The buffer for compressed bytes. Its memory is reused once the client has released the previous piece.
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
