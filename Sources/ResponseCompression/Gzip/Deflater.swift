import CZlib
import NIOCore

/// A compression state of zlib that is reused for one body after another.
// Sendable because a task that has taken it out of a `DeflaterPool` is its only user until it returns it, and a body
// that other tasks write to keeps it behind a lock (`DeflaterLease`).
final class Deflater: @unchecked Sendable {
    /// The memory of a state, which also determines how far back it looks for repetitions.
    enum Size {
        /// A state of 256 KiB.
        case large
        /// A state of 32 KiB, for bodies that stay open for a long time: there may be thousands of them.
        case small
    }

    // zlib keeps a pointer to the stream, so the stream must stay where it was allocated.
    private let stream: UnsafeMutablePointer<z_stream>
    private let header: UnsafeMutablePointer<gz_header>

    /// Allocates a compression state.
    ///
    /// - Parameters:
    ///   - level: The compression level, from 1 (fastest) to 9 (smallest result).
    ///   - size: The memory of the state.
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

    /// Resets the state for a new body.
    ///
    /// - Parameter padding: A meaningless text that ends with a zero byte, which the gzip header has as a file name, or
    ///   nil. It must remain valid until the first bytes are compressed.
    func begin(padding: UnsafePointer<UInt8>?) {
        deflateReset(stream)
        guard let padding else { return }
        header.pointee.name = UnsafeMutablePointer(mutating: padding)
        deflateSetHeader(stream, header)
    }

    /// Returns the maximum size of the compressed form of `count` bytes.
    func bound(_ count: Int) -> Int {
        Int(deflateBound(stream, UInt(count)))
    }

    /// Compresses bytes and appends the result to a buffer.
    ///
    /// - Parameters:
    ///   - input: The bytes to compress.
    ///   - output: The buffer for the result; it grows if it is full.
    ///   - flush: zlib's `Z_SYNC_FLUSH`, after which a decoder can read everything compressed so far, or `Z_FINISH` at
    ///     the end.
    func compress(_ input: ByteBuffer, into output: inout ByteBuffer, flush: Int32) {
        input.withUnsafeReadableBytes { bytes in
            // zlib counts input in 32 bits; a buffer never holds more.
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
