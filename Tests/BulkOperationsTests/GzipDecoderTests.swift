import CZlib
import NIOCore
import PipelineTesting
import Testing

@testable import BulkOperations

@Suite struct GzipDecoderTests {
    @Test(arguments: 1...20)
    func `Members are decoded however the input is cut`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let texts = (0...Int(seed % 3)).map { member in
            String(repeating: "Andorra la Vella \(member)\n", count: Int.random(in: 0...9_000, using: &random))
        }
        let stream = texts.map { Array(gzipped($0).readableBytesView) }.joined()
        let parts = ByteBuffer(bytes: stream).randomParts(upTo: 40, using: &random)
        #expect(try decode(parts) == texts.joined())
        #expect(try decode([ByteBuffer(bytes: stream)]) == texts.joined())
    }

    @Test func `A stream that ends early is refused`() throws {
        let whole = gzipped("Andorra la Vella")
        for length in 0..<whole.readableBytes {
            let part = whole.getSlice(at: 0, length: length)!
            #expect(throws: GzipError.truncated) { try decode([part]) }
        }
    }

    @Test func `Damaged data is refused`() throws {
        var wrongSum = gzipped("Andorra")
        wrongSum.setInteger(
            wrongSum.getInteger(at: wrongSum.writerIndex - 8, as: UInt8.self)! ^ 1, at: wrongSum.writerIndex - 8)
        var trailing = gzipped("Andorra")
        trailing.writeString("more")
        for input in [
            wrongSum, trailing, ByteBuffer(string: "name,population\n"), ByteBuffer(bytes: [0x1F, 0x8B, 9, 0]),
        ] {
            #expect(throws: GzipError.damaged) { try decode([input]) }
        }
        let decoder = GzipDecoder(maximumByteCount: 10)
        decoder.append(ByteBuffer(string: "no gzip"))
        #expect(throws: GzipError.damaged) { try decoder.next() }
        #expect(throws: GzipError.damaged) { try decoder.next() }
        #expect(throws: GzipError.damaged) { try decoder.finish() }
    }

    @Test func `The limit is the number of decoded bytes`() throws {
        let text = String(repeating: "a", count: 70_000)
        #expect(try decode([gzipped(text)], maximum: 70_000) == text)
        #expect(throws: GzipError.tooLarge(limit: 69_999)) { try decode([gzipped(text)], maximum: 69_999) }
        #expect("\(GzipError.tooLarge(limit: 69_999))" == "The unpacked data has more than 69999 bytes.")
        #expect(try decode([gzipped("")], maximum: 0) == "")
    }

    @Test func `A decompression bomb of 1 GiB is refused at the limit`() throws {
        let decoder = GzipDecoder(maximumByteCount: 32 << 20)
        let deflater = TestDeflater()
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var (count, error) = (0, nil as GzipError?)
        do {
            for _ in 0..<1024 {
                decoder.append(deflater.deflate(zeros, flush: Z_NO_FLUSH))
                while let output = try decoder.next() {
                    #expect(output.readableBytes <= GzipDecoder.outputByteCount)
                    #expect(output.storageCapacity <= 2 * GzipDecoder.outputByteCount)
                    count += output.readableBytes
                }
            }
        } catch let refusal {
            error = refusal
        }
        #expect(error == .tooLarge(limit: 32 << 20))
        #expect(count <= 32 << 20)
    }

    private func decode(_ inputs: [ByteBuffer], maximum: Int = 1 << 20) throws(GzipError) -> String {
        let decoder = GzipDecoder(maximumByteCount: maximum)
        var output = ByteBuffer()
        for input in inputs {
            decoder.append(input)
            while let bytes = try decoder.next() {
                #expect(1...GzipDecoder.outputByteCount ~= bytes.readableBytes)
                output.writeImmutableBuffer(bytes)
            }
        }
        try decoder.finish()
        return String(buffer: output)
    }
}

/// Returns a text in the gzip format.
func gzipped(_ text: String) -> ByteBuffer {
    TestDeflater().deflate(Array(text.utf8), flush: Z_FINISH)
}

/// Compresses one stream with zlib itself.
final class TestDeflater {
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        precondition(CZlib_deflateInitGzip(stream, 6, 15, 8) == Z_OK)
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses bytes and returns what is complete.
    func deflate(_ bytes: [UInt8], flush: Int32) -> ByteBuffer {
        var (bytes, output) = (bytes, ByteBuffer())
        bytes.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) { room in
                    stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    CZlib.deflate(stream, flush)
                    return room.count - Int(stream.pointee.avail_out)
                }
            } while stream.pointee.avail_out == 0
        }
        return output
    }
}
