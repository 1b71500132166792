#if Hummingbird
import NIOCore

/// The parts of a response's head that are replaced when it is sent again.
struct ResponseHead {
    private(set) var status = 0
    private(set) var contentLength: Int?
    /// The value of Age.
    private(set) var age: Range<Int>?
    /// The value of Date.
    private(set) var date: Range<Int>?
    /// The end of the value of Cache-Status.
    private(set) var statusEnd: Int?

    /// The fields that belong to one connection or one client.
    private static let refused = ["connection", "transfer-encoding", "set-cookie", "upgrade", "trailer", "keep-alive"]

    /// Finds the parts. The ranges are relative to the first readable byte.
    ///
    /// - Returns: nil for a head that must not be sent again.
    init?(_ buffer: ByteBuffer) {
        let bytes = Array(buffer.readableBytesView)
        guard bytes.starts(with: "HTTP/1.1 ".utf8), bytes.suffix(4).elementsEqual("\r\n\r\n".utf8), bytes.count > 12,
            let status = Int(String(decoding: bytes[9..<12], as: UTF8.self)), (200..<600).contains(status)
        else { return nil }
        self.status = status
        var start = (bytes.firstIndex(of: 0x0A) ?? 0) + 1
        while start < bytes.count - 2 {
            guard let end = bytes[start...].firstIndex(of: 0x0D), end + 1 < bytes.count, bytes[end + 1] == 0x0A,
                let colon = bytes[start..<end].firstIndex(of: 0x3A)
            else { return nil }
            guard
                add(
                    String(decoding: bytes[start..<colon].map(HeadBytes.lowercased), as: UTF8.self), colon + 1..<end,
                    bytes)
            else { return nil }
            start = end + 2
        }
        // The empty line must be the last one, and the head must be the whole buffer.
        guard start == bytes.count - 2 else { return nil }
    }

    private mutating func add(_ name: String, _ field: Range<Int>, _ bytes: [UInt8]) -> Bool {
        var value = field
        while let first = bytes[value].first, first == 0x20 { value = value.lowerBound + 1..<value.upperBound }
        let text = String(decoding: bytes[value], as: UTF8.self)
        switch name {
        case "age":
            guard age == nil, (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return false }
            age = value
        case "date":
            guard date == nil, value.count == DateClock.length else { return false }
            date = value
        case "content-length":
            guard contentLength == nil, let length = Int(text) else { return false }
            contentLength = length
        case "cache-status": statusEnd = value.upperBound
        default: return !Self.refused.contains(name)
        }
        return true
    }
}
#endif
