import HTTPPipeline
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport

extension Reply {
    /// The text of a compressed body.
    func inflatedText() async throws -> String {
        inflated([try await body.collect(upTo: .max).buffer]).text
    }
}

/// Collects the written pieces.
final class PieceCollector: Sendable {
    private let storage = Mutex<[ByteBuffer]>([])
    var pieces: [ByteBuffer] { storage.withLock { $0 } }

    struct Writer: BodyWriter {
        let collector: PieceCollector
        mutating func write(_ buffer: ByteBuffer) async throws { collector.storage.withLock { $0.append(buffer) } }
        consuming func finish(_ trailers: HTTPFields?) async throws {}
    }

    var writer: any BodyWriter { Writer(collector: self) }
}
