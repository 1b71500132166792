#if Hummingbird
import HTTPPipeline
import HTTPTypes
import Hummingbird
import NIOCore

/// Hummingbird's own body in a pipeline.
struct HummingbirdBody: StreamingBody {
    let body: ResponseBody

    var contentLength: Int? { body.contentLength }

    func write(to writer: consuming any BodyWriter) async throws {
        try await body.write(PipelineWriter(writer: writer))
    }
}

extension ReplyBody {
    /// The body for Hummingbird: its own body if the pipeline has not changed it.
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

/// A pipeline's writer that writes to Hummingbird's writer.
private struct HummingbirdWriter: BodyWriter {
    // Hummingbird's writers are not marked Sendable. Only one task at a time writes a body, and this writer does not
    // outlive the closure that received it.
    nonisolated(unsafe) var writer: any ResponseBodyWriter

    mutating func write(_ buffer: ByteBuffer) async throws {
        try await writer.write(buffer)
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        try await writer.finish(trailers)
    }
}

/// A Hummingbird writer that writes to the pipeline's writer.
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
