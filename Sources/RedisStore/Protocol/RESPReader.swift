import CHiredis
import NIOCore

/// Parses the replies of a server with hiredis' `redisReader`, in whatever pieces they arrive.
///
/// It is used from one place at a time, such as an event loop.
struct RESPReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let maximumSize: Int

    /// The largest number of elements of one array. A server that announces more is not the one we ask.
    static let maximumElementCount = 1 << 20

    /// Creates a reader that has read nothing.
    ///
    /// - Parameter maximumSize: The largest number of bytes of a reply that are kept while the rest is awaited.
    init(maximumSize: Int = 512 << 20) {
        guard let reader = redisReaderCreateWithFunctions(Node.functions) else { fatalError("there is no memory left") }
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
        guard let reply else { return nil }
        return Unmanaged<Node>.fromOpaque(reply).takeRetainedValue().value
    }

    private var failure: RESPError {
        withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            RESPError(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}

/// A reply while hiredis makes it.
private final class Node {
    private enum Content {
        case value(RESPValue)
        case elements([Node])
    }

    private var content: Content

    private init(_ content: Content) {
        self.content = content
    }

    var value: RESPValue {
        switch content {
        case .value(let value): value
        case .elements(let nodes): .array(nodes.map(\.value))
        }
    }

    /// Hands an object to hiredis: the outermost with a reference, which it gives back with the reply or frees; an element of an
    /// array without, because the array has it.
    private static func made(
        _ content: Content, for task: UnsafePointer<redisReadTask>?
    ) -> UnsafeMutableRawPointer? {
        let node = Node(content)
        guard let array = task?.pointee.parent?.pointee.obj else { return Unmanaged.passRetained(node).toOpaque() }
        Unmanaged<Node>.fromOpaque(array).takeUnretainedValue().append(node)
        return Unmanaged.passUnretained(node).toOpaque()
    }

    private func append(_ node: Node) {
        guard case .elements(var nodes) = content else { return }
        // So that the array is not copied.
        content = .elements([])
        nodes.append(node)
        content = .elements(nodes)
    }

    /// What hiredis calls. It never changes, and lives as long as the process.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, bytes, count in
                    let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
                    let value: RESPValue =
                        switch task?.pointee.type {
                        case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
                        case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
                        default: .bytes(ByteBuffer(bytes: bytes))
                        }
                    return made(.value(value), for: task)
                },
                createArray: { task, count in
                    // Nothing is made room for: the elements may never come.
                    count > RESPReader.maximumElementCount ? nil : made(.elements([]), for: task)
                },
                createInteger: { task, value in made(.value(.integer(value)), for: task) },
                createNil: { task in made(.value(.null), for: task) },
                freeObject: { object in
                    if let object { Unmanaged<Node>.fromOpaque(object).release() }
                }
            )
        )
        return functions
    }()
}
