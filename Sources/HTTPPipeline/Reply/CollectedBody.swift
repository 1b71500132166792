public import HTTPTypes
public import NIOCore
import Synchronization

extension ReplyBody {
    /// A completely collected body.
    public struct Collected: Sendable {
        /// The whole body.
        public var buffer: ByteBuffer
        /// The trailer fields, if any.
        public var trailers: HTTPFields?

        /// A reply body with the same bytes and trailers.
        public var body: ReplyBody {
            guard let trailers else { return ReplyBody(buffer) }
            let buffer = buffer
            return ReplyBody(contentLength: buffer.readableBytes) { writer in
                try await writer.write(buffer)
                try await writer.finish(trailers)
            }
        }
    }

    /// Collects the body.
    ///
    /// - Parameter limit: The maximum size in bytes.
    /// - Returns: The body. A body that consists of one buffer is not copied.
    /// - Throws: ``BodyTooLarge`` when the body has more than `limit` bytes, and the errors of the stream.
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

/// Collects the buffers of a body up to a limit.
///
/// A class, because the stream consumes the writer.
package final class BodyCollector: Sendable {
    private let limit: Int
    private let state = Mutex(ReplyBody.Collected(buffer: ByteBuffer()))

    package init(limit: Int) {
        // A buffer cannot hold more than 4 GiB.
        self.limit = min(limit, 1 << 31)
    }

    package var collected: ReplyBody.Collected {
        state.withLock { $0 }
    }

    /// Appends a buffer. The first one is not copied.
    ///
    /// - Returns: False when the limit is exceeded; the collected buffers are then released.
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
