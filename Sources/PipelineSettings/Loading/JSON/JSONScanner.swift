/// A strict reader of JSON (RFC 8259) that continues after errors.
///
/// Each step consumes at least one byte, and no byte is read twice except by lookahead of a few bytes, so the time is
/// linear in the length of the text. Nesting and the number of reported problems are limited.
struct JSONScanner {
    /// The maximum number of nested arrays and objects.
    static let depthLimit = 64

    /// The number of problems after which reading stops.
    static let problemLimit = 20

    let bytes: [UInt8]
    private(set) var index = 0
    private(set) var problems: [JSONDocument.Problem] = []
    private var line = 1
    private var lineStart = 0
    /// The number of bytes in the current line that continue a UTF-8 sequence, because columns count Unicode scalars.
    private var continuationCount = 0
    private var hasStopped = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next byte, or nil at the end.
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// The position of the next byte.
    var position: SettingsError.Position {
        SettingsError.Position(line: line, column: index - lineStart - continuationCount + 1)
    }

    /// Consumes the next byte, if there is one.
    mutating func advance() {
        guard index < bytes.count else { return }
        let byte = bytes[index]
        index += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            lineStart = index
            continuationCount = 0
        } else if byte & 0xC0 == 0x80 {
            continuationCount += 1
        }
    }

    /// Consumes bytes as long as they meet a condition.
    mutating func advance(while condition: (UInt8) -> Bool) {
        while let byte = next, condition(byte) { advance() }
    }

    /// Records a problem, and stops reading at the limit.
    mutating func report(_ message: String, at position: SettingsError.Position? = nil) {
        guard !hasStopped else { return }
        problems.append(.init(position: position ?? self.position, message: message))
        guard problems.count == Self.problemLimit else { return }
        problems.append(.init(position: self.position, message: "too many syntax errors; the rest was not read"))
        stop()
    }

    /// Stops reading: no bytes are left, and no more problems are reported.
    private mutating func stop() {
        hasStopped = true
        index = bytes.count
    }

    /// Reads the whole text.
    mutating func readDocument() -> JSONNode {
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            report("the text is UTF-16, but JSON files are UTF-8")
            stop()
        }
        // A byte order mark, which a reader may ignore (RFC 8259 section 8.1), has no column of its own.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            index = 3
            lineStart = 3
        }
        let root = readValue(depth: 0)
        skipBlanks()
        if next != nil {
            report("unexpected text after the end of the JSON value")
            stop()
        }
        return root
    }

    /// Reads a value, and reports text that is not a value.
    mutating func readValue(depth: Int) -> JSONNode {
        skipBlanks()
        while next == UInt8(ascii: ":") {
            report("unexpected colon")
            advance()
            skipBlanks()
        }
        let (start, position) = (index, position)
        let value: JSONNode.Value
        switch next {
        case nil:
            report("unexpected end of file; expected a value")
            value = .invalid
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
            report("expected a value")
            value = .invalid
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if depth == Self.depthLimit {
                report("nesting is deeper than \(Self.depthLimit) levels")
                skipContainer()
                value = .invalid
            } else if next == UInt8(ascii: "{") {
                value = .object(readMembers(depth: depth + 1))
            } else {
                value = .array(readElements(depth: depth + 1))
            }
        case UInt8(ascii: "\""):
            value = readString().value
        default:
            value = readWordValue()
        }
        // Beyond the limit of problems, the index is the end of the text, regardless of the bytes that were read.
        return JSONNode(value: value, position: position, range: start..<index)
    }

    /// Consumes an array or object that is nested too deeply.
    private mutating func skipContainer() {
        var depth = 0
        repeat {
            switch next {
            case nil: return
            case UInt8(ascii: "\""): _ = readString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                advance()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                advance()
            default: advance()
            }
        } while depth > 0
    }

    /// Consumes white space and comments, and reports the comments.
    mutating func skipBlanks() {
        while true {
            advance(while: Self.isBlank)
            guard next == UInt8(ascii: "/"), index + 1 < bytes.count else { return }
            switch bytes[index + 1] {
            case UInt8(ascii: "/"):
                report("JSON has no comments")
                advance { $0 != UInt8(ascii: "\n") }
            case UInt8(ascii: "*"):
                report("JSON has no comments")
                var last: UInt8 = 0
                while let byte = next, last != UInt8(ascii: "*") || byte != UInt8(ascii: "/") {
                    last = byte
                    advance()
                }
                advance()
            default:
                return
            }
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\t")
    }
}
