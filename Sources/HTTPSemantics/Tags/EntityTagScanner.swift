/// Scans the members of a list of entity tags in one pass.
///
/// Members are separated by one or more commas, spaces or tabs. Commas and spaces inside quotes belong to the tag.
struct EntityTagScanner {
    /// One member of the list.
    struct Member {
        enum Kind {
            /// `"abc"`
            case strong
            /// `W/"abc"`
            case weak
            /// `abc`, as clients of drf-extensions write it.
            case unquoted
            /// An unterminated quoted tag, or an unquoted tag with a quote in it.
            case malformed
        }

        var kind: Kind
        /// The range of the text between the quotes.
        var text: Range<Int>
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func next() -> Member? {
        while position < bytes.count, Self.isSeparator(bytes[position]) { position &+= 1 }
        guard position < bytes.count else { return nil }
        let isWeak =
            bytes[position] == UInt8(ascii: "W") && bytes.count - position > 2
            && bytes[position + 1] == UInt8(ascii: "/")
            && bytes[position + 2] == UInt8(ascii: "\"")
        if isWeak { position &+= 2 }
        return bytes[position] == UInt8(ascii: "\"") ? quoted(isWeak: isWeak) : unquoted()
    }

    private mutating func quoted(isWeak: Bool) -> Member {
        position &+= 1
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { position &+= 1 }
        let text = start..<position
        guard position < bytes.count else { return Member(kind: .malformed, text: text) }
        position &+= 1
        return Member(kind: isWeak ? .weak : .strong, text: text)
    }

    private mutating func unquoted() -> Member {
        let start = position
        var isWellFormed = true
        while position < bytes.count, !Self.isSeparator(bytes[position]) {
            if !EntityTag.isTagCharacter(bytes[position]) { isWellFormed = false }
            position &+= 1
        }
        return Member(kind: isWellFormed ? .unquoted : .malformed, text: start..<position)
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
