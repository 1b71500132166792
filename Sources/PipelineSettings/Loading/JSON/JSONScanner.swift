/// Reads JSON strictly (RFC 8259) and continues after what is wrong.
///
/// Each step consumes at least one byte and none is read again but for a look at the next few, so the time is linear in the length
/// of the text. Nesting is bounded, and so are the problems that are reported.
struct JSONScanner {
    /// The levels of arrays and objects that are read.
    static let depthLimit = 64

    /// The number of problems after which the rest of a text is not read.
    static let problemLimit = 20

    let bytes: [UInt8]
    private(set) var index = 0
    private(set) var problems: [JSONDocument.Problem] = []
    private var line = 1
    private var lineStart = 0
    /// The bytes of the current line that continue a UTF-8 sequence: columns count Unicode scalars.
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

    /// Consumes bytes as long as they fulfill a condition.
    mutating func advance(while condition: (UInt8) -> Bool) {
        while let byte = next, condition(byte) { advance() }
    }

    /// Records a problem; at the limit it moves to the end of the text.
    mutating func report(_ message: String, at position: SettingsError.Position? = nil) {
        guard !hasStopped else { return }
        problems.append(.init(position: position ?? self.position, message: message))
        guard problems.count == Self.problemLimit else { return }
        problems.append(.init(position: self.position, message: "too many syntax errors; the rest was not read"))
        stop()
    }

    /// Ends reading: nothing is left and nothing more is reported.
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

    /// Reads a value; what cannot be one is reported.
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
        // Beyond the limit of problems the index is the end of the text, whatever was read.
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

    /// Consumes white space, and comments, which are reported.
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
