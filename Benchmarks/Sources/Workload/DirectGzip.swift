import CZlibDirect
public import NIOCore

/// zlib called directly, with a reused stream and a buffer that is always large enough.
public final class DirectGzip {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var output: [UInt8] = []

    /// Creates a stream of level 6.
    public init() {
        stream.initialize(to: z_stream())
        precondition(CZlibDirect_deflateInitGzip(stream, 6) == Z_OK)
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses a body.
    ///
    /// - Returns: The size of the result.
    public func compress(_ body: ByteBuffer) -> Int {
        deflateReset(stream)
        let bound = Int(deflateBound(stream, UInt(body.readableBytes)))
        if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
        return body.withUnsafeReadableBytes { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                precondition(deflate(stream, Z_FINISH) == Z_STREAM_END)
                return Int(stream.pointee.total_out)
            }
        }
    }
}
