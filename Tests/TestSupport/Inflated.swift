import CZlib
package import NIOCore

/// Decompresses gzip with zlib itself, including incomplete data.
package func inflated(_ pieces: [ByteBuffer]) -> (text: String, hasEnded: Bool) {
    var stream = z_stream()
    guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        return ("", false)
    }
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
