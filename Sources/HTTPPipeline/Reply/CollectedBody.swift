public import HTTPTypes
public import NIOCore
import Synchronization

extension ReplyBody {
    /// A body read to its end.
    public struct Collected: Sendable {
        /// The whole body.
        public var buffer: ByteBuffer
        /// The trailer fields that ended it, if any.
        public var trailers: HTTPFields?

        /// The body again, with its trailers.
        public var body: ReplyBody {
            guard let trailers else { return ReplyBody(buffer) }
            let buffer = buffer
            return ReplyBody(contentLength: buffer.readableBytes) { writer in
                try await writer.write(buffer)
                try await writer.finish(trailers)
            }
        }
    }

    /// Reads the whole body.
    ///
    /// - Parameter limit: The largest size to accept, in bytes.
    /// - Returns: The body; a body that comes as one buffer is not copied.
    /// - Throws: ``BodyTooLarge`` when the body has more than `limit` bytes, or what the stream throws.
    public func collect(upTo limit: Int) async throws -> Collected {
        switch content {
        case .empty:
            return Collected(buffer: ByteBuffer())
        case .buffer(let buffer):
            guard buffer.readableBytes <= limit else { throw BodyTooLarge(limit: limit) }
            return Collected(buffer: buffer)
        case .stream(let stream):
            let collector = BodyCollector(limit: limit)
            try await stream.write(to: CollectingWriter(collector: collector))
            return collector.collected
        }
    }
}

/// Gathers the buffers of a body up to a limit.
///
/// It is a reference because a writer is consumed by the stream that writes to it.
package final class BodyCollector: Sendable {
    private let limit: Int
    private let state = Mutex(ReplyBody.Collected(buffer: ByteBuffer()))

    package init(limit: Int) {
        self.limit = limit
    }

    package var collected: ReplyBody.Collected {
        state.withLock { $0 }
    }

    /// Appends a buffer; the first one is kept as it is, without a copy.
    ///
    /// - Returns: False, with everything gathered so far released, when the limit is passed.
    package func append(_ buffer: ByteBuffer) -> Bool {
        state.withLock { state in
            guard buffer.readableBytes <= limit - state.buffer.readableBytes else {
                state.buffer = ByteBuffer()
                return false
            }
            if state.buffer.readableBytes == 0 {
                state.buffer = buffer
            } else {
                state.buffer.writeImmutableBuffer(buffer)
            }
            return true
        }
    }

    package func finish(_ trailers: HTTPFields?) {
        state.withLock { $0.trailers = trailers }
    }

    package var bodyTooLarge: BodyTooLarge { BodyTooLarge(limit: limit) }
}

private struct CollectingWriter: BodyWriter {
    let collector: BodyCollector

    mutating func write(_ buffer: ByteBuffer) async throws {
        guard collector.append(buffer) else { throw collector.bodyTooLarge }
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {
        collector.finish(trailers)
    }
}
