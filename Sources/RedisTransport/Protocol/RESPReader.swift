import CHiredis
import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An incremental parser for replies, on hiredis' `redisReader`.
///
/// Input may be split at any byte. A reader is confined to one event loop at a time.
struct RESPReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    /// Builds values from hiredis' callbacks. hiredis holds an unretained pointer to it.
    private let builder = ReplyBuilder()
    private let maximumSize: Int

    /// The number of bytes fed so far, and how many of them belong to complete replies.
    private var fedByteCount = 0
    private var readByteCount = 0

    /// The maximum number of elements that all arrays of one reply announce together. More is a protocol violation.
    static let maximumElementCount = 1 << 20

    /// The maximum nesting depth of arrays.
    static let maximumDepth = 8

    /// The maximum length of a line: a simple string, an error or an integer. Redis has the same limit for requests. hiredis searches for
    /// a line's end from its start on each call, so an unlimited line would take quadratic time.
    static let maximumLineLength = 1 << 16

    /// The capacity that hiredis keeps when its buffer is empty. Its default is smaller than the replies to a large batch of commands,
    /// so it would reallocate for each batch.
    private static let keptByteCount = 1 << 18

    /// Creates a reader.
    ///
    /// - Parameter maximumSize: The maximum size of a reply with all its elements, in bytes.
    init(maximumSize: Int = 512 << 20) {
        guard let reader = redisReaderCreateWithFunctions(ReplyBuilder.functions) else {
            fatalError("out of memory")
        }
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        reader.pointee.maxbuf = Self.keptByteCount
        self.reader = reader
        self.maximumSize = maximumSize
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Appends received bytes.
    ///
    /// - Throws: ``RESPError`` if a reply exceeds the size limit.
    mutating func feed(_ buffer: ByteBuffer) throws(RESPError) {
        guard buffer.readableBytes <= maximumSize - (fedByteCount - readByteCount) else {
            throw RESPError("reply exceeds \(maximumSize) bytes")
        }
        fedByteCount += buffer.readableBytes
        let status = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw failure }
    }

    /// Returns the next reply, or nil if it is incomplete.
    ///
    /// - Throws: ``RESPError`` if the bytes violate the protocol. All further calls throw too.
    mutating func next() throws(RESPError) -> RESPValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw failure }
        guard reply != nil else {
            guard !isLineTooLong else { throw RESPError("line exceeds \(Self.maximumLineLength) bytes") }
            return nil
        }
        readByteCount = fedByteCount - unparsedByteCount
        return builder.take()
    }

    /// The number of bytes that hiredis has not parsed yet.
    private var unparsedByteCount: Int { reader.pointee.len - reader.pointee.pos }

    /// Whether the incomplete line exceeds the limit. When hiredis needs more bytes, its position is the start of a line.
    private var isLineTooLong: Bool {
        guard unparsedByteCount > Self.maximumLineLength, let bytes = reader.pointee.buf else { return false }
        return memchr(bytes + reader.pointee.pos, Int32(UInt8(ascii: "\n")), Self.maximumLineLength) == nil
    }

    private var failure: RESPError {
        withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            RESPError(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}

/// A protocol violation in the bytes from a server. The connection cannot be used any more.
struct RESPError: Error, Hashable, CustomStringConvertible {
    /// The violation, in hiredis' words or in ours.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
