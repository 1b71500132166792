import NIOCore
import Synchronization

/// Records whether any byte of a request body has been read.
package final class BodyReads: Sendable {
    private let isRead = Atomic(false)

    package var hasReadBytes: Bool { isRead.load(ordering: .acquiring) }

    fileprivate func note() {
        isRead.store(true, ordering: .releasing)
    }
}

extension RequestBody {
    /// Returns a body that records whether it is read; nil when it is not a stream.
    ///
    /// An HTTP/2 request may have a body that no field announces, so only reading it reveals the body.
    package func tracked() -> (body: RequestBody, reads: BodyReads)? {
        guard case .stream(let stream) = content else { return nil }
        let reads = BodyReads()
        return (RequestBody(.stream(TrackedStream(stream: stream, reads: reads))), reads)
    }
}

private struct TrackedStream: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>
        let reads: BodyReads

        mutating func next() async throws -> ByteBuffer? {
            try await next(isolation: nil)
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            let buffer = try await iterator.next(isolation: actor)
            if let buffer, buffer.readableBytes > 0 { reads.note() }
            return buffer
        }
    }

    let stream: RequestBody.Stream
    let reads: BodyReads

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: stream.makeAsyncIterator(), reads: reads)
    }
}
