#if Hummingbird
import HTTPPipeline
import HTTPTypes
import Hummingbird
import NIOCore

/// Hummingbird's own body on its way through a pipeline.
struct HummingbirdBody: StreamingBody {
    let body: ResponseBody

    var contentLength: Int? { body.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        try await body.write(PipelineWriter(writer: writer))
    }
}

extension ReplyBody {
    /// The body for Hummingbird: its own where the pipeline left it unchanged.
    var responseBody: ResponseBody {
        switch content {
        case .empty:
            return ResponseBody()
        case .buffer(let buffer):
            return ResponseBody(byteBuffer: buffer)
        case .stream(let stream):
            if let native = stream as? HummingbirdBody { return native.body }
            return ResponseBody(contentLength: stream.contentLength) { writer in
                try await stream.write(to: HummingbirdWriter(writer: writer))
            }
        }
    }
}

/// Hummingbird's writer, for a body of the pipeline.
private struct HummingbirdWriter: BodyWriter {
    // Hummingbird's writers are not marked Sendable. A body is written by one task at a time, and this writer ends with
    // the closure that it was lent to.
    nonisolated(unsafe) var writer: any ResponseBodyWriter

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        try await writer.finish(trailers)
    }
}

/// The pipeline's writer, for a body of Hummingbird.
private struct PipelineWriter: ResponseBodyWriter {
    var writer: any BodyWriter

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        try await writer.finish(trailers)
    }
}
#endif
