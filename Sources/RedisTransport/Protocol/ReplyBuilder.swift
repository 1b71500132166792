import CHiredis
import NIOCore

/// Builds a reply from hiredis' callbacks, which come in wire order: an array first, then its elements.
///
/// hiredis expects an object pointer from each callback and does not dereference it, so all callbacks return the same one.
final class ReplyBuilder {
    /// The incomplete arrays, outermost first, with the number of missing elements of each.
    private var arrays: [(elements: [RESPValue], missingCount: Int)] = []
    private var reply: RESPValue?
    /// The number of elements that the arrays of this reply have announced.
    private var announcedCount = 0

    /// Removes and returns the complete reply.
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

    /// Starts an array, unless the reply exceeds the limit of elements or of nesting.
    ///
    /// - Returns: Whether the array was started.
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
        // Reserves no more: a server can announce elements that it never sends.
        elements.reserveCapacity(min(count, 64))
        arrays.append((elements, count))
        return true
    }

    /// The callbacks. The table is never mutated or freed after its initialization, so concurrent reads are safe.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        // Assigns single members: newer versions of hiredis have further members for RESP3, which stay null.
        functions.initialize(to: redisReplyObjectFunctions())
        functions.pointee.createString = { task, bytes, count in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: count)
            let value: RESPValue =
                switch task?.pointee.type {
                case REDIS_REPLY_STATUS: .status(String(decoding: bytes, as: UTF8.self))
                case REDIS_REPLY_ERROR: .error(String(decoding: bytes, as: UTF8.self))
                default: .bytes(ByteBuffer(bytes: bytes))
                }
            return ReplyBuilder.withBuilder(of: task) { $0.add(value) }
        }
        functions.pointee.createArray = { task, count in
            var hasBegun = false
            let pointer = ReplyBuilder.withBuilder(of: task) { hasBegun = $0.beginArray(Int(count)) }
            return hasBegun ? pointer : nil
        }
        functions.pointee.createInteger = { task, value in
            ReplyBuilder.withBuilder(of: task) { $0.add(.integer(value)) }
        }
        functions.pointee.createNil = { task in ReplyBuilder.withBuilder(of: task) { $0.add(.null) } }
        functions.pointee.freeObject = { _ in }
        return functions
    }()

    private static func withBuilder(
        of task: UnsafePointer<redisReadTask>?, _ body: (ReplyBuilder) -> Void
    ) -> UnsafeMutableRawPointer? {
        guard let pointer = task?.pointee.privdata else { return nil }
        Unmanaged<ReplyBuilder>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
        return pointer
    }
}
