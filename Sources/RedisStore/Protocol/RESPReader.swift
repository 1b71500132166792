import CHiredis
import NIOCore

/// Parses the replies of a server with hiredis' `redisReader`, in whatever pieces they arrive.
///
/// It is used from one place at a time, such as an event loop.
struct RESPReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    /// What hiredis finds goes there. The reader has the only other reference, which does not count.
    private let builder = ReplyBuilder()
    private let maximumSize: Int

    /// The largest number of elements of one array. A server that announces more is not the one we ask.
    static let maximumElementCount = 1 << 20

    /// How much memory is kept when all has been read. By itself hiredis keeps less than the replies to many commands that were sent
    /// together take, and would ask for it anew each time.
    private static let keptByteCount = 1 << 18

    /// Creates a reader that has read nothing.
    ///
    /// - Parameter maximumSize: The largest number of bytes of a reply that are kept while the rest is awaited.
    init(maximumSize: Int = 512 << 20) {
        guard let reader = redisReaderCreateWithFunctions(ReplyBuilder.functions) else {
            fatalError("there is no memory left")
        }
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        reader.pointee.maxbuf = Self.keptByteCount
        self.reader = reader
        self.maximumSize = maximumSize
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Takes bytes as they came.
    ///
    /// - Throws: ``RESPError`` when a reply is larger than the limit.
    mutating func feed(_ buffer: ByteBuffer) throws(RESPError) {
        let waiting = reader.pointee.len - reader.pointee.pos
        guard buffer.readableBytes <= maximumSize - waiting else {
            throw RESPError("a reply has more than \(maximumSize) bytes")
        }
        let status = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw failure }
    }

    /// The next reply, or nil when more bytes are needed for it.
    ///
    /// - Throws: ``RESPError`` when the bytes are not the protocol. From then on every call throws.
    mutating func next() throws(RESPError) -> RESPValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw failure }
        return reply == nil ? nil : builder.take()
    }

    private var failure: RESPError {
        withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            RESPError(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}
