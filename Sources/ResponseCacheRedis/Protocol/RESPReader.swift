import CHiredis
import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Parses the replies of a server with hiredis' `redisReader`, in whatever pieces they arrive.
///
/// It is used from one place at a time, such as an event loop.
struct RESPReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    /// What hiredis finds goes there. The reader has the only other reference, which does not count.
    private let builder = ReplyBuilder()
    private let maximumSize: Int

    /// How many bytes were fed, and how many of them belong to replies that are complete.
    private var fedByteCount = 0
    private var readByteCount = 0

    /// The largest number of elements that the arrays of one reply announce together. A server that announces more is not the one we
    /// ask.
    static let maximumElementCount = 1 << 20

    /// How many arrays may be in each other.
    static let maximumDepth = 8

    /// The largest number of bytes of a line: a status, an error or a number. Redis takes no longer ones either. hiredis looks for the
    /// end of a line from its beginning each time, which would take quadratic time for a line without an end.
    static let maximumLineLength = 1 << 16

    /// How much memory is kept when all has been read. By itself hiredis keeps less than the replies to many commands that were sent
    /// together take, and would ask for it anew each time.
    private static let keptByteCount = 1 << 18

    /// Creates a reader that has read nothing.
    ///
    /// - Parameter maximumSize: The largest number of bytes of a reply, all elements together.
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
        guard buffer.readableBytes <= maximumSize - (fedByteCount - readByteCount) else {
            throw RESPError("a reply has more than \(maximumSize) bytes")
        }
        fedByteCount += buffer.readableBytes
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
        guard reply != nil else {
            guard !hasEndlessLine else { throw RESPError("a line has more than \(Self.maximumLineLength) bytes") }
            return nil
        }
        readByteCount = fedByteCount - waitingByteCount
        return builder.take()
    }

    /// How many bytes hiredis has not taken apart yet.
    private var waitingByteCount: Int { reader.pointee.len - reader.pointee.pos }

    /// Whether the line that is awaited is too long: hiredis stands at the beginning of a line whenever it needs more bytes.
    private var hasEndlessLine: Bool {
        guard waitingByteCount > Self.maximumLineLength, let bytes = reader.pointee.buf else { return false }
        return memchr(bytes + reader.pointee.pos, Int32(UInt8(ascii: "\n")), Self.maximumLineLength) == nil
    }

    private var failure: RESPError {
        withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            RESPError(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}
