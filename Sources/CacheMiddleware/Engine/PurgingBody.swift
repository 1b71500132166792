import HTTPPipeline
import HTTPTypes
import NIOCore

/// The body of a response to a write that continues while it is sent: its changes are purged before the client has all of it.
struct PurgingBody: StreamingBody {
    let body: any StreamingBody
    let purge: @Sendable () async -> Void

    var contentLength: Int? { body.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        do {
            try await body.write(to: PurgingWriter(client: writer, purge: purge))
        } catch {
            // Part of it may have been written.
            await purge()
            throw error
        }
    }
}

private struct PurgingWriter: BodyWriter {
    var client: any BodyWriter
    let purge: @Sendable () async -> Void

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await client.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        await purge()
        try await client.finish(trailers)
    }
}
