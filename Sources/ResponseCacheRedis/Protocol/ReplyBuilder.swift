import CHiredis
import NIOCore

/// Makes a reply of what hiredis finds, which it says in the order of the bytes: an array first, then its elements.
///
/// hiredis keeps a pointer for everything that it finds. It gets the same one for all, which means nothing to it.
final class ReplyBuilder {
    /// The arrays that are not complete, the outermost first, and how many elements each lacks.
    private var arrays: [(elements: [RESPValue], missingCount: Int)] = []
    private var reply: RESPValue?
    /// How many elements the arrays of the reply have announced.
    private var announcedCount = 0

    /// The reply that is complete.
    func take() -> RESPValue? {
        defer { reply = nil }
        return reply
    }

    private func add(_ value: RESPValue) {
        guard !arrays.isEmpty else {
            reply = value
            announcedCount = 0
            return
        }
        let last = arrays.count - 1
        arrays[last].elements.append(value)
        arrays[last].missingCount -= 1
        guard arrays[last].missingCount == 0 else { return }
        add(.array(arrays.removeLast().elements))
    }

    /// Begins an array, unless the reply would have too many elements or too many arrays in each other.
    ///
    /// - Returns: Whether it did.
    private func beginArray(_ count: Int) -> Bool {
        guard count <= RESPReader.maximumElementCount - announcedCount, arrays.count < RESPReader.maximumDepth else {
            return false
        }
        announcedCount += count
        guard count > 0 else {
            add(.array([]))
            return true
        }
        var elements: [RESPValue] = []
        // Not for more: the elements may never come.
        elements.reserveCapacity(min(count, 64))
        arrays.append((elements, count))
        return true
    }

    /// What hiredis calls. It never changes, and lives as long as the process.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        // Member by member: later versions of hiredis have more of them, for later versions of the protocol.
        functions.initialize(to: redisReplyObjectFunctions())
        functions.pointee.createString = { task, bytes, count in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
            let value: RESPValue =
                switch task?.pointee.type {
                case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
                case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
                default: .bytes(ByteBuffer(bytes: bytes))
                }
            return ReplyBuilder.of(task) { $0.add(value) }
        }
        functions.pointee.createArray = { task, count in
            var hasBegun = false
            let pointer = ReplyBuilder.of(task) { hasBegun = $0.beginArray(Int(count)) }
            return hasBegun ? pointer : nil
        }
        functions.pointee.createInteger = { task, value in ReplyBuilder.of(task) { $0.add(.integer(value)) } }
        functions.pointee.createNil = { task in ReplyBuilder.of(task) { $0.add(.null) } }
        functions.pointee.freeObject = { _ in }
        return functions
    }()

    private static func of(
        _ task: UnsafePointer<redisReadTask>?, _ body: (ReplyBuilder) -> Void
    ) -> UnsafeMutableRawPointer? {
        guard let pointer = task?.pointee.privdata else { return nil }
        Unmanaged<ReplyBuilder>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
        return pointer
    }
}
