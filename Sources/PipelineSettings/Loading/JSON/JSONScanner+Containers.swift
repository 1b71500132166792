extension JSONScanner {
    /// Reads the members of an object; the next byte is its opening brace.
    mutating func readMembers(depth: Int) -> [JSONMember] {
        var members: [JSONMember] = []
        readItems(closing: "}", otherwise: "]") { scanner in
            if let member = scanner.readMember(depth: depth) { members.append(member) }
        }
        return members
    }

    /// Reads the elements of an array; the next byte is its opening bracket.
    mutating func readElements(depth: Int) -> [JSONNode] {
        var elements: [JSONNode] = []
        readItems(closing: "]", otherwise: "}") { scanner in
            elements.append(scanner.readValue(depth: depth))
        }
        return elements
    }

    /// Reads the items between a brace or bracket and the closing one, which may be of the wrong form.
    private mutating func readItems(
        closing: Unicode.Scalar,
        otherwise wrong: Unicode.Scalar,
        read: (inout JSONScanner) -> Void
    ) {
        let start = position
        advance()
        // The position of a comma that an item must follow, and whether a comma is required before the next item.
        var comma: SettingsError.Position?
        var needsComma = false
        while true {
            skipBlanks()
            switch next {
            case nil:
                report(
                    "unexpected end of file; \"\(closing)\" is missing for line \(start.line), column \(start.column)")
                return
            case UInt8(ascii: closing), UInt8(ascii: wrong):
                if let comma { report("trailing comma", at: comma) }
                if next == UInt8(ascii: wrong) { report("expected \"\(closing)\", not \"\(wrong)\"") }
                advance()
                return
            case UInt8(ascii: ","):
                if needsComma { comma = position } else { report("unexpected comma") }
                advance()
                needsComma = false
            default:
                if needsComma { report("expected a comma or \"\(closing)\"") }
                read(&self)
                comma = nil
                needsComma = true
            }
        }
    }

    /// Reads a member, and returns nil if it has no name.
    private mutating func readMember(depth: Int) -> JSONMember? {
        let position = position
        var name: String?
        switch next {
        case UInt8(ascii: "\""):
            name = readString().text
        case UInt8(ascii: ":"):
            report("expected a member name")
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            report("expected a member name in double quotes")
            _ = readValue(depth: depth)
        default:
            report("expected a member name in double quotes")
            name = readWord()
        }
        skipBlanks()
        let node: JSONNode
        if next == UInt8(ascii: ":") {
            advance()
            node = readValue(depth: depth)
        } else {
            report("expected a colon")
            switch next {
            case nil, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
                node = JSONNode(value: .invalid, position: self.position, range: index..<index)
            default:
                node = readValue(depth: depth)
            }
        }
        return name.map { JSONMember(name: $0, position: position, node: node) }
    }
}
