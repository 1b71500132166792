import CZlib
import NIOCore

/// One compression state of zlib, used for one body after the other.
// Sendable because whoever has taken it out of a `DeflaterPool` is the only one who uses it until it is put back, and a body
// that others write to keeps it behind a lock (`DeflaterLease`).
final class Deflater: @unchecked Sendable {
    /// How much memory a state takes, and how far back it looks for what repeats itself.
    enum Size {
        /// 256 KiB.
        case large
        /// 32 KiB, for bodies that stay open for long: there may be thousands.
        case small
    }

    // zlib keeps a pointer to the stream, so it stays where it was allocated.
    private let stream: UnsafeMutablePointer<z_stream>
    private let header: UnsafeMutablePointer<gz_header>

    /// Creates the state.
    ///
    /// - Parameters:
    ///   - level: 1, the fastest, to 9, the smallest result.
    ///   - size: How much memory it takes.
    init(level: Int, size: Size) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        header = .allocate(capacity: 1)
        header.initialize(to: gz_header())
        header.pointee.os = 255
        let result = CZlib_deflateInitGzip(stream, Int32(level), size == .large ? 15 : 12, size == .large ? 8 : 5)
        precondition(result == Z_OK, "zlib cannot make a stream of level \(level): \(result)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        header.deallocate()
    }

    /// Begins a body.
    ///
    /// - Parameter padding: A text without meaning that the head of the gzip format carries as a file's name, or nil. It must
    ///   stay until the first bytes are compressed.
    func begin(padding: UnsafePointer<UInt8>?) {
        deflateReset(stream)
        guard let padding else { return }
        header.pointee.name = UnsafeMutablePointer(mutating: padding)
        deflateSetHeader(stream, header)
    }

    /// The largest number of bytes that so many can become.
    func bound(_ count: Int) -> Int {
        Int(deflateBound(stream, UInt(count)))
    }

    /// Compresses bytes and appends what comes out.
    ///
    /// - Parameters:
    ///   - input: The bytes.
    ///   - output: Where the result goes; it grows where it has no room.
    ///   - flush: zlib's `Z_SYNC_FLUSH`, after which all that was compressed can be read, or `Z_FINISH` at the end.
    func compress(_ input: ByteBuffer, into output: inout ByteBuffer, flush: Int32) {
        input.withUnsafeReadableBytes { bytes in
            // zlib counts input in 32 bits; a buffer holds no more than that.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            var isFull = true
            while isFull {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: 512) { room in
                    stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
                    let capacity = min(room.count, Int(UInt32.max))
                    stream.pointee.avail_out = UInt32(capacity)
                    deflate(stream, flush)
                    isFull = stream.pointee.avail_out == 0
                    return capacity - Int(stream.pointee.avail_out)
                }
            }
            stream.pointee.next_in = nil
        }
    }
}
