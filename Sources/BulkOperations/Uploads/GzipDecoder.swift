import CZlib
import NIOCore

/// Decodes the gzip format (RFC 1952) as its bytes arrive.
///
/// ```swift
/// decoder.append(bytes)
/// while let output = try decoder.next() { … }
/// ```
///
/// The stream may have several members. Nothing but zlib's state of 40 KiB, the input and one buffer of output is in memory.
// A class, because zlib keeps a pointer to the stream, and a copy of the state would be a second owner.
final class GzipDecoder {
    /// The maximum size of a buffer of output, in bytes.
    static let outputByteCount = 65_536

    private let stream: UnsafeMutablePointer<z_stream>
    private let maximumByteCount: Int
    private var input = ByteBuffer()
    private var byteCount = 0
    /// Whether the input is at the end of a member.
    private var isBetweenMembers = false
    /// Whether zlib may have more output without more input.
    private var hasOutput = false
    private var error: GzipError?

    /// Creates a decoder of one stream.
    ///
    /// - Parameter maximumByteCount: The maximum number of decoded bytes.
    init(maximumByteCount: Int) {
        self.maximumByteCount = maximumByteCount
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 more bits of window ask for the gzip format.
        let result = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib cannot make a stream: \(result)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Adds bytes of the stream. Call ``next()`` until it returns nil before the next call.
    func append(_ bytes: ByteBuffer) {
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// Decodes a part of the appended bytes.
    ///
    /// - Returns: Decoded bytes, or nil if there are none without further input.
    /// - Throws: ``GzipError``, also in every later call.
    /// - Complexity: O(number of consumed and returned bytes).
    func next() throws(GzipError) -> ByteBuffer? {
        if let error { throw error }
        guard hasOutput || input.readableBytes > 0 else { return nil }
        do throws(GzipError) {
            return try decode()
        } catch {
            self.error = error
            input = ByteBuffer()
            throw error
        }
    }

    /// Ends the stream.
    ///
    /// - Throws: ``GzipError`` if its last member is not complete, and the error of ``next()``.
    func finish() throws(GzipError) {
        if let error { throw error }
        if !isBetweenMembers { throw .truncated }
    }

    private func decode() throws(GzipError) -> ByteBuffer? {
        var output = ByteBufferAllocator().buffer(capacity: Self.outputByteCount)
        var result = Z_OK
        var isFull = false
        while !isFull, input.readableBytes > 0 || hasOutput {
            if isBetweenMembers {
                inflateReset(stream)
                isBetweenMembers = false
            }
            // One byte above the limit shows that there is more.
            let capacity = min(Self.outputByteCount - output.readableBytes, maximumByteCount - byteCount + 1)
            let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { room in
                result = inflate(into: room, capacity)
                return capacity - Int(stream.pointee.avail_out)
            }
            byteCount += written
            guard byteCount <= maximumByteCount else { throw .tooLarge(limit: maximumByteCount) }
            isFull = output.readableBytes == Self.outputByteCount
            hasOutput = stream.pointee.avail_out == 0 && result == Z_OK
            switch result {
            case Z_OK: break
            case Z_STREAM_END: isBetweenMembers = true
            // No progress without more input.
            case Z_BUF_ERROR where input.readableBytes == 0: break
            default: throw .damaged
            }
        }
        if input.readableBytes == 0 { input = ByteBuffer() }
        return output.readableBytes > 0 ? output : nil
    }

    /// Runs zlib on the input, and consumes what it has read.
    private func inflate(into room: UnsafeMutableRawBufferPointer, _ capacity: Int) -> Int32 {
        var result = Z_OK
        input.readWithUnsafeReadableBytes { bytes in
            // zlib counts input in 32 bits; a buffer never holds more.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(capacity)
            result = CZlib.inflate(stream, Z_NO_FLUSH)
            stream.pointee.next_in = nil
            return bytes.count - Int(stream.pointee.avail_in)
        }
        return result
    }
}
