import HTTPTypes
public import NIOCore

extension ReplyBody {
    /// The buffers of the body, for an adapter of a framework that reads bodies instead of receiving a writer.
    ///
    /// A stream can be read only once. Trailers are dropped.
    public var buffers: BodyBuffers { BodyBuffers(body: self) }
}

/// The buffers of a ``ReplyBody``. ``ReplyBody/buffers`` creates it.
///
/// A task writes a stream while it is read: each buffer when the reader asks for it. The task is cancelled when the reader stops.
public struct BodyBuffers: AsyncSequence, Sendable {
    /// Reads the buffers of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var buffers: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
        private let demand: AsyncStream<Void>.Continuation

        fileprivate init(of body: ReplyBody) {
            let (demanded, demand) = AsyncStream.makeStream(of: Void.self)
            let (stream, buffers) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
            let task = Task {
                do {
                    try await body.write(to: DemandedWriter(demand: demanded, buffers: buffers))
                    buffers.finish()
                } catch {
                    buffers.finish(throwing: error)
                }
            }
            buffers.onTermination = { _ in task.cancel() }
            self.buffers = stream.makeAsyncIterator()
            self.demand = demand
        }

        /// Returns the next buffer, or nil at the end of the body.
        ///
        /// - Throws: The errors of producing the body.
        public mutating func next() async throws -> ByteBuffer? {
            demand.yield()
            return try await buffers.next(isolation: #isolation)
        }
    }

    fileprivate let body: ReplyBody

    /// Starts the task that writes the body.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(of: body) }
}

/// A writer that waits with each buffer until the reader asks for it.
private struct DemandedWriter: BodyWriter {
    let demand: AsyncStream<Void>
    let buffers: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    mutating func write(_ buffer: ByteBuffer) async throws {
        for await _ in demand {
            buffers.yield(buffer)
            return
        }
        throw CancellationError()
    }

    consuming func finish(_ trailers: HTTPFields?) async throws {}
}
