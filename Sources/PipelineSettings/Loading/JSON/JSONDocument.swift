/// A JSON text (RFC 8259), as far as it is readable, and its syntax problems.
struct JSONDocument: Sendable {
    /// A violation of the grammar.
    struct Problem: Sendable, Hashable {
        let position: SettingsError.Position
        let message: String
    }

    /// The value of the text.
    let root: JSONNode

    /// The violations in the order of their positions: at most ``JSONScanner/problemLimit``, and then a note that there
    /// are more.
    let problems: [Problem]

    private let bytes: [UInt8]

    /// Reads a text.
    ///
    /// Reading continues after a violation, so that all problems of a document are reported.
    ///
    /// - Complexity: O(length of the text).
    init(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes)
        root = scanner.readDocument()
        problems = scanner.problems
        self.bytes = bytes
    }

    /// Returns a value as written, without the white space between its parts.
    ///
    /// - Complexity: O(length of the value).
    func text(of node: JSONNode) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(node.range.count)
        var isInString = false
        var isEscaped = false
        for byte in bytes[node.range] {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if JSONScanner.isBlank(byte) {
                continue
            } else {
                isInString = byte == UInt8(ascii: "\"")
            }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
