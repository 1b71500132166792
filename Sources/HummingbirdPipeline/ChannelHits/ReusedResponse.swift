#if Hummingbird
package import HTTPPipeline
package import NIOCore

/// A response on the ordinary path, as the bytes that are sent again for the same request.
///
/// Age and Date are replaced once per second; in between, all uses send the same memory.
package final class ReusedResponse {
    let hash: UInt64
    /// The bytes of the request.
    let request: ByteBuffer
    let recorded: HitRecorder.Recorded
    let status: Int
    /// The body, unless it is part of `head`.
    let body: ByteBuffer?
    /// The memory that the response is counted with.
    let cost: Int
    /// The number of uses that were not reported yet.
    var pendingCount = 0

    /// The head, and a small body.
    private var head: ByteBuffer
    private var age: Range<Int>?
    private var datePosition: Int?
    private var shownAge = -1
    private var shownSecond = Int64.min

    /// The maximum size of a body that is copied behind the head, so that one buffer is written.
    private static let copiedBodyLimit = 2048

    /// Creates the response from the bytes that were written on the ordinary path. It is nil if they cannot be sent again.
    ///
    /// - Parameters:
    ///   - request: The bytes of the request and their hash.
    ///   - written: The response: the head in the first buffer, and the body.
    ///   - recorded: What the pipeline has recorded.
    ///   - marksStatus: Whether Cache-Status is marked.
    package init?(
        to request: (bytes: ByteBuffer, hash: UInt64), written: [ByteBuffer], recorded: HitRecorder.Recorded,
        marksStatus: Bool
    ) {
        guard let first = written.first else { return nil }
        let isHead = request.bytes.getInteger(at: request.bytes.readerIndex, as: UInt8.self) == UInt8(ascii: "H")
        let bodies = written.dropFirst().filter { $0.readableBytes > 0 }
        guard bodies.count <= 1, let lines = ResponseHead(first) else { return nil }
        let body = bodies.first
        let hasNoBody = isHead || lines.status == 304 || lines.status == 204
        if hasNoBody ? body != nil : lines.contentLength != (body?.readableBytes ?? 0) { return nil }
        if let body, !Self.isBody(body, of: recorded) { return nil }
        (status, self.recorded, self.request, hash) = (lines.status, recorded, request.bytes, request.hash)
        head = ByteBuffer()
        var (age, date) = (lines.age, lines.date)
        let isSmall = body.map { $0.readableBytes <= Self.copiedBodyLimit } ?? true
        head.reserveCapacity(first.readableBytes + 32 + (isSmall ? body?.readableBytes ?? 0 : 0))
        head.writeImmutableBuffer(first)
        if marksStatus, let end = lines.statusEnd {
            let mark = "; detail=channel"
            Self.insert(mark, at: end, into: &head)
            func moved(_ range: Range<Int>) -> Range<Int> {
                range.lowerBound >= end
                    ? range.lowerBound + mark.utf8.count..<range.upperBound + mark.utf8.count : range
            }
            (age, date) = (age.map(moved), date.map(moved))
        }
        if isSmall, let body { head.writeImmutableBuffer(body) }
        self.body = isSmall ? nil : body
        (self.age, datePosition) = (age, date?.lowerBound)
        cost = request.bytes.readableBytes + head.capacity + (self.body?.readableBytes ?? 0) + 512
    }

    /// Returns whether a body is the entry's, or a variant of it. Otherwise something else composed the response.
    private static func isBody(_ body: ByteBuffer, of recorded: HitRecorder.Recorded) -> Bool {
        guard let bodies = recorded.bodies else { return false }
        return bodies.original == body || bodies.kept.contains { $0.body == body }
    }

    private static func insert(_ text: String, at position: Int, into buffer: inout ByteBuffer) {
        let rest = buffer.getSlice(at: position, length: buffer.writerIndex - position) ?? ByteBuffer()
        buffer.moveWriterIndex(to: position)
        buffer.writeString(text)
        buffer.writeImmutableBuffer(rest)
    }

    /// Whether the response was purged or its entry removed.
    var isOver: Bool { recorded.hit.isOver }

    /// Returns whether the response may be sent now.
    @inline(__always)
    func use() -> HitUse {
        for stamp in recorded.stamps where !stamp.isCurrent { return .over }
        return recorded.hit.use()
    }

    /// Returns the head with an age and the current date.
    @inline(__always)
    func head(age seconds: Int, at clock: DateClock) -> ByteBuffer {
        if seconds != shownAge || clock.second != shownSecond { update(seconds, clock) }
        return head
    }

    @inline(never)
    private func update(_ seconds: Int, _ clock: DateClock) {
        if let datePosition, clock.second != shownSecond { head.setBytes(clock.text, at: datePosition) }
        if let age, seconds != shownAge {
            let digits = String(seconds)
            if digits.utf8.count == age.count {
                head.setString(digits, at: age.lowerBound)
            } else {
                replace(age, by: digits)
            }
        }
        (shownAge, shownSecond) = (seconds, clock.second)
    }

    /// Replaces the age by one with another number of digits.
    private func replace(_ range: Range<Int>, by digits: String) {
        let rest = head.getSlice(at: range.upperBound, length: head.writerIndex - range.upperBound) ?? ByteBuffer()
        var new = ByteBuffer()
        new.reserveCapacity(head.readableBytes + 16)
        if let prefix = head.getSlice(at: head.readerIndex, length: range.lowerBound) {
            new.writeImmutableBuffer(prefix)
        }
        new.writeString(digits)
        new.writeImmutableBuffer(rest)
        head = new
        age = range.lowerBound..<range.lowerBound + digits.utf8.count
        if let position = datePosition, position > range.lowerBound {
            datePosition = position + digits.utf8.count - range.count
        }
    }
}
#endif
