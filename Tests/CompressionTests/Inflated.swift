import CZlib
import HTTPPipeline
import HTTPTypes
import NIOCore
import Synchronization

/// Reads the gzip format with zlib itself; what has come so far, whether or not it has ended.
func inflated(_ pieces: [ByteBuffer]) -> (text: String, hasEnded: Bool) {
    var stream = z_stream()
    guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return ("", false) }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var result = Z_OK
    for piece in pieces {
        var bytes = Array(piece.readableBytesView)
        bytes.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var room = [UInt8](repeating: 0, count: 65_536)
            repeat {
                let produced = room.withUnsafeMutableBufferPointer { room in
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(room.count)
                    result = inflate(&stream, Z_NO_FLUSH)
                    return room.count - Int(stream.avail_out)
                }
                output += room.prefix(produced)
            } while stream.avail_out == 0 && result == Z_OK
        }
    }
    return (String(decoding: output, as: UTF8.self), result == Z_STREAM_END)
}

extension Reply {
    /// The text of a compressed body.
    func inflatedText() async throws -> String {
        inflated([try await body.collect(upTo: .max).buffer]).text
    }
}

/// Gathers what is written, piece by piece.
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
