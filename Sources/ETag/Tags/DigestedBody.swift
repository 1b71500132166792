import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// A body that computes its digest while it is written and ends with its entity tag as a trailer field.
struct DigestedBody: StreamingBody {
    let body: any StreamingBody
    let limit: Int

    var contentLength: Int? { nil }

    func write(to writer: consuming any BodyWriter) async throws {
        // The body consumes the writer, so the writer itself collects the digest until the body ends.
        try await body.write(to: DigestingWriter(client: writer, remaining: limit))
    }
}

private struct DigestingWriter: BodyWriter {
    var client: any BodyWriter
    /// The number of bytes that may follow in a body with a tag; negative if the limit has been exceeded.
    var remaining: Int
    var digest = MD5()

    init(client: any BodyWriter, remaining: Int) {
        self.client = client
        self.remaining = remaining
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        if remaining >= 0 {
            remaining -= buffer.readableBytes
            if remaining >= 0 { buffer.withUnsafeReadableBytes { digest.update($0) } }
        }
        try await client.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        guard remaining >= 0 else { return try await client.finish(trailers) }
        var trailers = trailers ?? [:]
        if !trailers.contains(.eTag) { trailers[.eTag] = EntityTag(digest.finalize()).description }
        try await client.finish(trailers)
    }
}
