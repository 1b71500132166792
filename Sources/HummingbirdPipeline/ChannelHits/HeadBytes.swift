#if Hummingbird
import HTTPPipeline

/// What the handler of a connection has to know about the bytes of a request head.
///
/// The syntax is stricter than that of the framework's parser: anything that two parsers could read differently, such as a bare line
/// feed or a folded field, counts as irregular, and the connection then belongs to the framework for good.
struct HeadBytes: Equatable {
    /// The number of bytes up to and including the empty line.
    var length = 0
    /// The number of bytes of the body that follows.
    var bodyLength = 0
    /// The reason why the response must not be reused, or nil.
    var refusal: ReuseRefusal?
    /// The target in the request line.
    var target = 0..<0

    enum Scan: Equatable {
        /// The bytes begin with a complete, regular head.
        case head(HeadBytes)
        /// The bytes may become a regular head.
        case incomplete
        /// The framework must handle the rest of the connection.
        case irregular
    }

    /// Returns the position after the first empty line, or -1.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - start: The number of bytes that contain no empty line.
    /// - Returns: The position.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int {
        var index = max(3, start)
        while index < bytes.count {
            switch bytes[index] {
            case 0x0A:
                if bytes[index &- 1] == 0x0D, bytes[index &- 2] == 0x0A, bytes[index &- 3] == 0x0D { return index &+ 1 }
                index &+= 2
            case 0x0D: index &+= 1
            // The last byte of the sequence cannot be one of the next three.
            default: index &+= 4
            }
        }
        return -1
    }

    /// Examines the beginning of the bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, at least one.
    ///   - credentials: The names of credential fields.
    /// - Returns: The head. O(length of the head).
    static func scan(_ bytes: UnsafeRawBufferPointer, credentials: FieldNames) -> Scan {
        var scanner = Scanner(bytes: bytes, credentials: credentials)
        return scanner.scan()
    }
}

extension HeadBytes {
    private struct Scanner {
        let bytes: UnsafeRawBufferPointer
        let credentials: FieldNames
        var position = 0
        var head = HeadBytes()
        var hasLength = false

        init(bytes: UnsafeRawBufferPointer, credentials: FieldNames) {
            self.bytes = bytes
            self.credentials = credentials
        }

        mutating func scan() -> Scan {
            switch requestLine() {
            case nil: break
            case let other?: return other
            }
            while true {
                guard position < bytes.count else { return .incomplete }
                if bytes[position] == 0x0D {
                    guard position + 1 < bytes.count else { return .incomplete }
                    guard bytes[position + 1] == 0x0A else { return .irregular }
                    head.length = position + 2
                    if head.bodyLength > 0 { refuse(.request) }
                    return .head(head)
                }
                if let other = field() { return other }
            }
        }

        private mutating func refuse(_ reason: ReuseRefusal) {
            head.refusal = head.refusal ?? reason
        }

        /// The other methods whose requests have an ordinary head and body.
        private static let methods: [StaticString] = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]

        /// Reads the request line. Returns nil after a complete one.
        private mutating func requestLine() -> Scan? {
            while position < bytes.count, (0x41...0x5A).contains(bytes[position]) { position += 1 }
            guard position <= 16 else { return .irregular }
            guard position < bytes.count else { return .incomplete }
            guard position > 0, bytes[position] == 0x20 else { return .irregular }
            let method = UnsafeRawBufferPointer(rebasing: bytes[..<position])
            if !Self.isSame(method, "GET"), !Self.isSame(method, "HEAD") {
                guard Self.methods.contains(where: { Self.isSame(method, $0) }) else { return .irregular }
                refuse(.request)
            }
            position += 1
            let start = position
            while position < bytes.count, (0x21...0x7E).contains(bytes[position]) { position += 1 }
            guard position < bytes.count else { return .incomplete }
            guard position > start, bytes[position] == 0x20 else { return .irregular }
            head.target = start..<position
            position += 1
            let version: StaticString = "HTTP/1.1\r\n"
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position..<min(bytes.count, position + 10)])
            for index in 0..<rest.count where rest[index] != version.utf8Start[index] { return .irregular }
            guard rest.count == 10 else { return .incomplete }
            position += 10
            return nil
        }

        /// Reads a field line. Returns nil after a complete one.
        private mutating func field() -> Scan? {
            let start = position
            let colon = Self.endOfName(in: bytes, from: start)
            guard colon < bytes.count else { return .incomplete }
            guard colon > start, bytes[colon] == 0x3A else { return .irregular }
            let end = Self.endOfValue(in: bytes, from: colon + 1)
            guard end + 1 < bytes.count else {
                return end == bytes.count || bytes[end] == 0x0D ? .incomplete : .irregular
            }
            guard bytes[end] == 0x0D, bytes[end + 1] == 0x0A else { return .irregular }
            position = end + 2
            return examine(
                UnsafeRawBufferPointer(rebasing: bytes[start..<colon]),
                UnsafeRawBufferPointer(rebasing: bytes[colon + 1..<end]))
        }

        /// Returns the position of the next byte that no field name contains.
        @inline(__always)
        private static func endOfName(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
            var position = start
            while position < bytes.count, isToken(bytes[position]) { position &+= 1 }
            return position
        }

        /// Returns the position of the next control character but tab, which no field value contains.
        @inline(__always)
        private static func endOfValue(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
            var position = start
            while position < bytes.count {
                if position &+ 8 <= bytes.count {
                    let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                    let found = HeadBytes.controls(in: word)
                    guard found != 0 else {
                        position &+= 8
                        continue
                    }
                    position &+= found.trailingZeroBitCount &>> 3
                }
                let byte = bytes[position]
                if byte < 0x20 ? byte != 0x09 : byte == 0x7F { break }
                position &+= 1
            }
            return position
        }

        /// Examines a field. Most names have a length that no field of interest has, or another first letter.
        private mutating func examine(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Scan? {
            switch name.count {
            case 5: if Self.equal(name, "range") { refuse(.request) }
            case 6: if Self.equal(name, "expect") { refuse(.request) }
            case 7: if Self.equal(name, "upgrade") { return .irregular }
            case 8: if Self.equal(name, "if-range") { refuse(.request) }
            case 10: if Self.equal(name, "connection"), !Self.isKeepAlive(value) { return .irregular }
            case 14:
                if Self.equal(name, "http2-settings") { return .irregular }
                guard Self.equal(name, "content-length") else { break }
                guard !hasLength, let length = Self.number(value) else { return .irregular }
                (hasLength, head.bodyLength) = (true, length)
                refuse(.request)
            case 16: if Self.equal(name, "proxy-connection") { return .irregular }
            case 17: if Self.equal(name, "transfer-encoding") { return .irregular }
            default: break
            }
            if credentials.mayContain(nameOfLength: name.count),
                credentials.names.contains(where: { Self.equal(name, $0) })
            {
                refuse(.credentials)
            }
            return nil
        }

        private static func number(_ value: UnsafeRawBufferPointer) -> Int? {
            var number = 0
            let digits = trimmed(value)
            guard (1...15).contains(digits.count) else { return nil }
            for byte in digits {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int(byte - 0x30)
            }
            return number
        }

        private static func isKeepAlive(_ value: UnsafeRawBufferPointer) -> Bool {
            equal(UnsafeRawBufferPointer(rebasing: trimmed(value)), "keep-alive")
        }

        private static func trimmed(_ value: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
            var (start, end) = (value.startIndex, value.endIndex)
            while start < end, value[start] == 0x20 || value[start] == 0x09 { start += 1 }
            while end > start, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
            return value[start..<end]
        }

        /// Returns whether bytes are those of a text.
        @inline(__always)
        private static func isSame(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
            guard bytes.count == text.utf8CodeUnitCount else { return false }
            for index in 0..<bytes.count where bytes[index] != text.utf8Start[index] { return false }
            return true
        }

        /// Returns whether bytes are those of a text in lowercase.
        @inline(__always)
        private static func equal(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
            guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
            let text = lowercase.utf8Start
            for index in 0..<bytes.count where HeadBytes.lowercased(bytes[index]) != text[index] { return false }
            return true
        }

        @inline(__always)
        private static func equal(_ bytes: UnsafeRawBufferPointer, _ lowercase: [UInt8]) -> Bool {
            guard bytes.count == lowercase.count else { return false }
            for index in 0..<bytes.count where HeadBytes.lowercased(bytes[index]) != lowercase[index] { return false }
            return true
        }

        /// Whether a byte may be part of a field name (RFC 9110 section 5.6.2).
        @inline(__always)
        private static func isToken(_ byte: UInt8) -> Bool {
            let set: UInt64 = byte < 0x40 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
            return byte < 0x80 && set >> UInt64(byte & 0x3F) & 1 == 1
        }
    }

    /// Returns a word whose lowest bit is in the first of eight bytes that is a control character (below 0x20, or 0x7F), or 0.
    @inline(__always)
    static func controls(in word: UInt64) -> UInt64 {
        let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let delete = word ^ ones &* 0x7F
        // A borrow can only change bytes behind one that is found.
        return ((word &- ones &* 0x20) & ~word | (delete &- ones) & ~delete) & highs
    }

    /// Returns an ASCII letter in lowercase, and any other byte unchanged.
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

/// Names of fields, in lowercase.
struct FieldNames {
    let names: [[UInt8]]
    /// The bits of the lengths of the names; those of 63 and more share one.
    private let lengths: UInt64

    init(_ names: some Sequence<String>) {
        self.names = names.map { Array($0.lowercased().utf8) }
        lengths = self.names.reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
    }

    /// Returns whether a name of this length can be one of the names.
    @inline(__always)
    func mayContain(nameOfLength length: Int) -> Bool { lengths >> UInt64(min(length, 63)) & 1 == 1 }
}
#endif
